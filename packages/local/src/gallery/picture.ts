/** Pictures of parts of a page, taken with a Chromium of this machine. */
import { writeFile } from "node:fs/promises"
import { chromium } from "playwright-core"
import { smallPng } from "./small-png.ts"

/** Many times what it takes on a busy machine. */
const TIMEOUT_MS = 120_000

/** The part of the page, and where its picture goes. */
export type Shot = { selector: string; file: string; scale: 1 | 2 }

export async function takePictures(
  executablePath: string,
  page: string,
  shots: readonly Shot[],
): Promise<void> {
  // Without its sandbox, because root may not use it. It opens our own page alone, which may ask for nothing and run nothing.
  const args = ["--no-sandbox", "--disable-lcd-text", "--font-render-hinting=none"]
  const browser = await chromium.launch({ executablePath, args, timeout: TIMEOUT_MS })
  try {
    for (const scale of [1, 2] as const) {
      const tab = await browser.newPage({
        viewport: { width: 1440, height: 900 },
        deviceScaleFactor: scale,
        javaScriptEnabled: false,
        offline: true,
      })
      await tab.setContent(page, { timeout: TIMEOUT_MS })
      for (const { selector, file } of shots.filter((shot) => shot.scale === scale)) {
        const png = await tab.locator(selector).screenshot({ timeout: TIMEOUT_MS })
        await writeFile(file, smallPng(png))
      }
      await tab.close()
    }
  } finally {
    await browser.close()
  }
}
