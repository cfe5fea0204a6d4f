/** Where a Chromium may be on this machine, for what is tried or drawn in a browser. */
import { existsSync } from "node:fs"

const PLACES = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
]

/** Undefined if there is none. CHROMIUM names one that is tried first. */
export function findChromium() {
  return PLACES.find((place) => place && existsSync(place))
}
