/**
 * The page behind a link in a message, in a real Chromium: it can be read by everybody, fits a phone, works without scripts, and only
 * its buttons change anything. `npm run browser` names the browser in CHROMIUM.
 */
import { ticketUrl } from "../../packages/io/src/channel/ticket.ts"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { storeAlert } from "../../packages/api/src/test-alert.ts"
import { START, createTestApi } from "../../packages/api/src/test-api.ts"
import { BROWSER_TIMEOUT_MS, graveFindings, isTooWide, launch, serveApi } from "./browsing.ts"

vi.setConfig({ testTimeout: BROWSER_TIMEOUT_MS, hookTimeout: BROWSER_TIMEOUT_MS })

const KEY = "0123456789abcdef".repeat(4)

const api = createTestApi({ sealingKey: KEY })
let browser: Browser
let served: Awaited<ReturnType<typeof serveApi>>

beforeAll(async () => {
  browser = await launch()
  served = await serveApi(api.app)
})

afterAll(async () => {
  await browser?.close()
  served?.stop()
})

async function openTicket(callId: string, page: Page): Promise<void> {
  const url = ticketUrl({ apiUrl: served.origin, keyText: KEY }, { callId, privacy: "standard" }, START)
  if (url === null) throw new Error("There is no address.")
  await page.goto(url)
}

const saidOf = async (callId: string) => (await api.store.readCall(callId))?.value.acknowledgement

/** Everything that the page may look like: at both widths, in both colours. */
async function findings(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const width of [1280, 400]) {
    await page.setViewportSize({ width, height: 900 })
    if (await isTooWide(page)) found.push(`wider than ${width} pixels`)
    for (const button of await page.$$("button")) {
      const height = (await button.boundingBox())?.height ?? 0
      if (height < 44) found.push(`a button of ${height} pixels at ${width}`)
    }
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme })
      found.push(...(await graveFindings(page)).map((one) => `${colorScheme} at ${width}: ${one}`))
    }
  }
  return found
}

test("the page can be read and named before and after its button is pressed, and only that changes anything", async () => {
  const callId = "bad-call"
  await storeAlert(api, callId, {
    rule: { name: "A rule <b> with a long name ".repeat(2), severity: "critical" },
  })
  // Scripts are needed for axe alone; the next test does without.
  const page = await browser.newPage({ bypassCSP: true })
  const complaints: string[] = []
  page.on("request", (request) => {
    if (!request.url().startsWith(`${served.origin}/acknowledge/`)) complaints.push(request.url())
  })
  page.on("pageerror", (error) => complaints.push(error.message))
  await openTicket(callId, page)
  expect(await findings(page)).toEqual([])
  await page.reload()
  expect(await saidOf(callId)).toBeUndefined()
  await page.getByLabel("Your name").fill("Ann")
  await page.getByRole("button", { name: "A false alarm" }).click()
  await page.getByRole("status").waitFor()
  expect(await page.getByRole("status").innerText()).toContain("Acknowledged as a false alarm")
  expect(await saidOf(callId)).toMatchObject({ by: "Ann", verdict: "fine" })
  expect(await findings(page)).toEqual([])
  expect(complaints).toEqual([])
  await page.close()
})

test("works without scripts, under its own policy, and a name is asked for before anything is saved", async () => {
  await storeAlert(api, "no-script")
  const context = await browser.newContext({
    javaScriptEnabled: false,
    viewport: { width: 400, height: 900 },
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on("console", (message) => complaints.push(message.text()))
  await openTicket("no-script", page)
  const button = page.getByRole("button", { name: "A bad call: the alert was right" })
  // Our style is let through: without it, a button is half as high.
  expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44)
  await button.click()
  expect(await saidOf("no-script")).toBeUndefined()
  await page.getByLabel("Your name").fill("Ben")
  await page.getByLabel("A note, if you like").fill("They hung up on her.")
  await button.click()
  await page.getByRole("status").waitFor()
  expect(await saidOf("no-script")).toMatchObject({ by: "Ben", verdict: "bad", note: "They hung up on her." })
  // Opened again by whoever previews links, it stands.
  await openTicket("no-script", page)
  expect(await saidOf("no-script")).toMatchObject({ by: "Ben", verdict: "bad" })
  expect(complaints).toEqual([])
  await context.close()
})

test("of a link that was tampered with says so, can be read, and has no button", async () => {
  const page = await browser.newPage({ viewport: { width: 400, height: 900 }, bypassCSP: true })
  const answer = await page.goto(`${served.origin}/acknowledge/no.such.ticket`)
  expect(answer?.status()).toBe(404)
  expect(await page.getByRole("heading").innerText()).toBe("This link is not valid any more.")
  expect(await page.$$("button")).toEqual([])
  expect(await graveFindings(page)).toEqual([])
  await page.close()
})
