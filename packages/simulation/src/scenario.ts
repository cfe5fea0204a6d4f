/** What a simulation is asked to simulate, and who may watch it. */
import { DAY, type Instant } from "@earshot/core/instant"
import type { Store } from "@earshot/io/store/store"
import type { PollReport } from "@earshot/poller/report"
import type { Alerted } from "./ledger/books.ts"
import type { Storm } from "./truth/storm.ts"
import { PROFILES, type ProfileName } from "./time/fault.ts"
import type { NudgingName } from "./time/nudging.ts"

export const START: Instant = Date.UTC(2026, 0, 5)

export type Scenario = {
  /** The first midnight, `START` by default: another for the days on which clocks are changed. */
  start?: Instant
  days: number
  seed: number
  profile: ProfileName
  /** Calls an hour. */
  rate: number
  /** So many more that are flagged, and shown, at one instant halfway. */
  storm?: number
  /** The simulated vendor by default; the emulator takes five times as long. */
  vendor?: VendorName
  /** In memory by default. The virtual time stands still while any other store works. */
  store?: Store
  /** E-mail goes through the AWS SDK to a simulated SNS. */
  hasSns?: boolean
  /** Which nudges there are; those of the seed by default. */
  nudging?: NudgingName
  /** The rules on transfers and on long calls are critical from the beginning. */
  hasEndRules?: boolean
  /** How often the poller is triggered; every twenty seconds by default. */
  triggerMs?: number
  /** No triggers in this time, whatever else goes wrong. */
  outage?: { from: Instant; to: Instant }
  /** Called when a channel first receives a message about a call. */
  alerted?: (alerted: Alerted) => void
  /** Called with each request to the vendor. */
  asked?: (url: URL, at: Instant) => void
  /** Called with the report of each poll. */
  reported?: (report: PollReport) => void
  /** Called about once a simulated hour with how much of the simulation is over, 0 to 1. */
  progress?: (share: number) => void
  /** Called with each event, to look for a cause. */
  trace?: (line: string) => void
}

export const VENDOR_NAMES = ["simulated", "emulator"] as const

export type VendorName = (typeof VENDOR_NAMES)[number]

export function startOf({ start = START }: Scenario): Instant {
  return start
}

export function endOfCalls(scenario: Scenario): Instant {
  return startOf(scenario) + scenario.days * DAY
}

export function triggerMsOf({ triggerMs, profile }: Scenario): number {
  return triggerMs ?? PROFILES[profile].triggerMs
}

export function stormOf(scenario: Scenario): Storm | null {
  const { days, storm: calls = 0 } = scenario
  return calls > 0 ? { at: startOf(scenario) + Math.round((days / 2) * DAY), calls } : null
}
