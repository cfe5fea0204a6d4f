/**
 * The page at /docs in a real Chromium: it works under its policy, asks nothing of any other host, can be read by
 * everybody, and fits a phone. `npm run browser` names the browser in CHROMIUM.
 */
import type { Browser, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest"
import { createTestApi, TOKEN } from "../../packages/api/src/test-api.ts"
import { BROWSER_TIMEOUT_MS, graveFindings, isTooWide, launch, serveApi } from "./browsing.ts"

vi.setConfig({ testTimeout: BROWSER_TIMEOUT_MS, hookTimeout: BROWSER_TIMEOUT_MS })

const WIDE = { width: 1280, height: 900 }

const PHONE = { width: 400, height: 900 }

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
async function open(): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: WIDE })
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
    const isWanted = !methods.has(method) || ${JSON.stringify(OPENED)}.includes(block.id)
    if (isWanted && !block.matches(".is-open")) block.querySelector(".opblock-summary-control").click()
    methods.add(method)
  }
}`

/** Their parts come one by one. */
const ARE_OPEN = `(() => {
  const open = [...document.querySelectorAll(".opblock.is-open")]
  return open.length > ${OPENED.length} && open.every((block) => block.querySelector(".responses-inner"))
})()`

/** What keeps somebody from using the page, or a part of it, on a large screen and on a phone. */
async function findings(page: Page, part?: string): Promise<string[]> {
  const found: string[] = []
  for (const viewport of [PHONE, WIDE]) {
    await page.setViewportSize(viewport)
    if (await isTooWide(page)) found.push(`wider than ${viewport.width} pixels`)
    found.push(...(await graveFindings(page, part)))
  }
  return found
}

const operation = (id: string) => `#operations-rules-${id}`

async function execute(page: Page, id: string): Promise<string> {
  await page.click(`${operation(id)} .execute`)
  await page.waitForSelector(`${operation(id)} .live-responses-table`)
  return page.innerText(`${operation(id)} .responses-inner`)
}

/** The page takes seconds to load, and each operation seconds to open: the tests go on where the one before them stopped. */
describe("the page, from one test to the next", () => {
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    ;({ page, complaints } = await open())
  })

  afterEach(() => {
    expect(complaints).toEqual([])
  })

  test("can be read, reached and named when it opens", async () => {
    expect(await findings(page)).toEqual([])
    // Neither a keyboard nor a screen reader finds a link inside of a button.
    expect(await page.locator("button a").count()).toBe(0)
  })

  test("needs the token to try the API", async () => {
    await page.click(`${operation("listRules")} .opblock-summary-control`)
    expect(await execute(page, "listRules")).toContain("Send the API token")
    // The browser logs the refusal, as it should.
    expect(complaints.splice(0)).toEqual([expect.stringContaining("401")])
  })

  test("takes the token in a dialogue that can be read, reached and named before and after", async () => {
    await page.click(".btn.authorize")
    const before = await findings(page, ".modal-ux")
    await page.fill(".modal-ux input", TOKEN)
    await page.click(".modal-ux .btn.authorize")
    const after = await findings(page, ".modal-ux")
    // Left open, it would lie over all that the tests after this one click.
    await page.click(".modal-ux .btn-done")
    expect([...before, ...after]).toEqual([])
  })

  test("shows what the API answers, and the token nowhere", async () => {
    await page.click(`${operation("listRules")} .execute`)
    await page.waitForSelector(`${operation("listRules")} .live-responses-table >> text=angry-caller`)
    expect(await page.innerText(operation("listRules"))).toContain("Bearer <token>")
    expect(await page.content()).not.toContain(TOKEN)
    const kept = "localStorage.length + sessionStorage.length + document.cookie.length"
    expect(await page.evaluate(kept)).toBe(0)
  })

  test("adds a rule by the example that is filled in", async () => {
    await page.click(`${operation("createRule")} .opblock-summary-control`)
    expect(await execute(page, "createRule")).toContain("/rules/long-and-angry")
    expect(await api.store.readRule("long-and-angry")).toMatchObject({ name: "Long and angry", version: 1 })
  })

  test("can be read, reached and named with operations open and answered, and is not wider than the screen", async () => {
    await page.evaluate(OPEN)
    await page.waitForFunction(ARE_OPEN)
    expect(await findings(page)).toEqual([])
  })
})
