/** The vendor that a scenario asks for, and the calls that it shows. */
import { type Instant, MINUTE } from "@earshot/core/instant"
import { type Scenario, endOfCalls, startOf, stormOf } from "../scenario.ts"
import type { Timeline } from "../time/timeline.ts"
import { type VendorOddities, chooseOddities } from "../truth/oddity.ts"
import { type Traffic, createCallTraffic } from "../truth/traffic.ts"
import type { EmulatedVendor, EmulatedVendorOptions } from "./emulated-vendor.ts"
import { type Vendor, createVendor } from "./vendor.ts"

export type Shown = { traffic: Traffic; oddities: VendorOddities; vendor: Vendor }

export async function chooseVendor(
  scenario: Scenario,
  options: {
    timeline: Timeline
    isFaulty: () => boolean
    /** Whether requests may be counted wrongly, so that no limit is kept. */
    isMistimed: (now: Instant) => boolean
    violated: (what: string) => void
  },
): Promise<Shown> {
  const { seed, profile, rate } = scenario
  const { timeline, violated } = options
  const calls = {
    perHour: rate,
    from: startOf(scenario) + MINUTE,
    to: endOfCalls(scenario),
    hasCrowds: profile === "stress",
  }
  const emulated = scenario.vendor === "emulator" ? await emulate({ ...options, seed, traffic: calls }) : null
  const oddities = emulated?.oddities ?? chooseOddities(seed, profile)
  const traffic =
    emulated?.traffic ??
    createCallTraffic({
      ...calls,
      seed,
      storm: stormOf(scenario),
      oddities: oddities.rows,
      stampsMs: oddities.stampsMs,
    })
  const vendor = createVendor({ traffic, oddities, seed }, (limit) => {
    if (!options.isMistimed(timeline.now())) violated(`the limit of ${limit} was exceeded`)
  })
  const asked: Vendor = {
    ...vendor,
    ...(emulated && { fetch: emulated.fetch }),
    answer(url, now) {
      scenario.asked?.(new URL(url), now)
      return vendor.answer(url, now)
    },
  }
  return { traffic, oddities, vendor: asked }
}

/** Most simulations do without the emulator, which takes long to load. */
async function emulate(options: EmulatedVendorOptions): Promise<EmulatedVendor> {
  const { createEmulatedVendor } = await import("./emulated-vendor.ts")
  return createEmulatedVendor(options)
}
