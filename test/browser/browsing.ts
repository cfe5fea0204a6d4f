/** For the tests in a real Chromium: the browser, the API on a port, and what keeps somebody from using a page. */
import type { AxeResults } from "axe-core"
import { type ServerType, serve } from "@hono/node-server"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { type Browser, type Page, chromium } from "playwright-core"
import type { TestApi } from "../../packages/api/src/test-api.ts"

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

/** A test takes seconds, some of the reference page many; a machine that does much else may need many times as long. */
export const BROWSER_TIMEOUT_MS = 600_000

export async function launch(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"]
  if (!executablePath) throw new Error("`npm run browser` runs these tests: it looks for a Chromium.")
  // Without its sandbox, because root may not use it, and CI is root. It opens our own pages alone.
  return chromium.launch({ executablePath, args: ["--no-sandbox"] })
}

export async function serveApi(app: TestApi["app"]): Promise<{ origin: string; stop: () => void }> {
  return new Promise((resolve) => {
    const server: ServerType = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => {
      resolve({ origin: `http://127.0.0.1:${port}`, stop: () => void server.close() })
    })
  })
}

/** What axe finds that keeps somebody from using the page, or the part of it that the selector names. */
export async function graveFindings(page: Page, part = "html"): Promise<string[]> {
  if (await page.evaluate("typeof axe === 'undefined'")) await page.evaluate(AXE)
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(${JSON.stringify(part)}, { resultTypes: ['violations'] })`,
  )
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`.slice(0, 400))
}

export const isTooWide = (page: Page) =>
  page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
