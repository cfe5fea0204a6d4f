/** For tests: the emulator as the vendor of a simulation, with twelve hours of calls and a clock to move forward. */
import { HOUR, type Instant } from "@earshot/core/instant"
import { START } from "./scenario.ts"
import { createTimeline } from "./time/timeline.ts"
import { API_KEY } from "./truth/secret.ts"
import { createEmulatedVendor } from "./vendor/emulated-vendor.ts"
import { createVendor } from "./vendor/vendor.ts"

export const CALLS_END: Instant = START + 12 * HOUR

export function openEmulator(seed: number, { isFaulty = false } = {}) {
  const timeline = createTimeline(START)
  const violations: string[] = []
  const violated = (what: string) => void violations.push(what)
  const vendor = createEmulatedVendor({
    seed,
    traffic: { perHour: 40, from: START, to: CALLS_END, hasCrowds: true },
    timeline,
    isFaulty: () => isFaulty,
    violated,
  })
  const expected = createVendor({ ...vendor, seed }, violated)
  return {
    vendor,
    violations,
    goTo: (time: Instant): void => {
      timeline.at(time, () => false)
      timeline.step(time)
    },
    /** `path` follows `/calls`. */
    ask: (path: string, apiKey = API_KEY): Promise<Response> => {
      const url = `https://echo.win/api/v1/calls${path}`
      return vendor.fetch(url, { headers: { "x-api-key": apiKey } }, expected.answer(url, timeline.now()))
    },
  }
}
