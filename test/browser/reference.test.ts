/**
 * The page at /docs in a real Chromium: it works under its policy, asks nothing of any other host, can be read by
 * everybody, and fits a phone. `npm run browser` names the browser in CHROMIUM.
 */
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { createTestApi, TOKEN } from "../../packages/api/src/test-api.ts"
import { BROWSER_TIMEOUT_MS, graveFindings, isTooWide, launch, serveApi } from "./browsing.ts"

vi.setConfig({ testTimeout: BROWSER_TIMEOUT_MS, hookTimeout: BROWSER_TIMEOUT_MS })

const api = createTestApi()
let browser: Browser
let origin = ""
let served: Awaited<ReturnType<typeof serveApi>>

beforeAll(async () => {
  browser = await launch()
  served = await serveApi(api.app)
  origin = served.origin
})

afterAll(async () => {
  await browser?.close()
  served?.stop()
})

/** Opens the page and takes down what it should not do: requests to others, and whatever the browser complains of. */
async function open(width: number): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 900 } })
  page.setDefaultTimeout(BROWSER_TIMEOUT_MS)
  const complaints: string[] = []
  page.on("request", (request) => {
    const url = request.url()
    if (!url.startsWith(`${origin}/`) && !url.startsWith("data:")) complaints.push(`asked for ${url}`)
  })
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text())
  })
  page.on("pageerror", (error) => complaints.push(error.message))
  await page.goto(`${origin}/docs`)
  await page.waitForSelector(".opblock")
  return { page, complaints }
}

/** Opened besides the first of each method: those with the most parts. To open all of them takes minutes, and they are alike. */
const OPENED = ["operations-rules-listRules", "operations-rules-importRules", "operations-alerts-listAlerts"]

const OPEN = `{
  const methods = new Set()
  for (const block of document.querySelectorAll(".opblock")) {
    const method = block.querySelector(".opblock-summary-method").textContent
    if (!methods.has(method) || ${JSON.stringify(OPENED)}.includes(block.id))
      block.querySelector(".opblock-summary-control").click()
    methods.add(method)
  }
}`

async function authorize(page: Page): Promise<void> {
  await page.click(".btn.authorize")
  await page.fill(".modal-ux input", TOKEN)
  await page.click(".modal-ux .btn.authorize")
  await page.click(".modal-ux .btn-done")
}

describe.each([1280, 400])("at %i pixels", (width) => {
  test("every state of the page can be read, reached and named, and nothing is wider than the screen", async () => {
    const { page, complaints } = await open(width)
    expect(await graveFindings(page)).toEqual([])
    await page.click(".btn.authorize")
    expect(await graveFindings(page)).toEqual([])
    await page.fill(".modal-ux input", TOKEN)
    await page.click(".modal-ux .btn.authorize")
    expect(await graveFindings(page)).toEqual([])
    await page.click(".modal-ux .btn-done")
    await page.evaluate(OPEN)
    await page.click("#operations-rules-listRules .execute")
    await page.waitForSelector("#operations-rules-listRules .live-responses-table")
    expect(await isTooWide(page)).toBe(false)
    expect(await graveFindings(page)).toEqual([])
    expect(complaints).toEqual([])
    await page.close()
  })
})

describe("trying the API on the page", () => {
  const operation = (id: string) => `#operations-rules-${id}`

  async function execute(page: Page, id: string): Promise<string> {
    await page.click(`${operation(id)} .execute`)
    await page.waitForSelector(`${operation(id)} .live-responses-table`)
    return page.innerText(`${operation(id)} .responses-inner`)
  }

  test("needs the token, and shows it nowhere", async () => {
    const { page, complaints } = await open(1280)
    await page.click(`${operation("listRules")} .opblock-summary-control`)
    expect(await execute(page, "listRules")).toContain("Send the API token")
    // The browser logs the refusal, as it should.
    expect(complaints.splice(0)).toEqual([expect.stringContaining("401")])
    await authorize(page)
    await page.click(`${operation("listRules")} .execute`)
    await page.waitForSelector(`${operation("listRules")} .live-responses-table >> text=angry-caller`)
    expect(await page.innerText(operation("listRules"))).toContain("Bearer <token>")
    expect(await page.content()).not.toContain(TOKEN)
    expect(await page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length")).toBe(
      0,
    )
    expect(complaints).toEqual([])
    await page.close()
  })

  test("adds a rule by the example that is filled in", async () => {
    const { page, complaints } = await open(1280)
    await authorize(page)
    await page.click(`${operation("createRule")} .opblock-summary-control`)
    expect(await execute(page, "createRule")).toContain("/rules/long-and-angry")
    expect(await api.store.readRule("long-and-angry")).toMatchObject({ name: "Long and angry", version: 1 })
    expect(complaints).toEqual([])
    await page.close()
  })
})
