/** When polls are triggered in a simulation: every twenty seconds or so, but for times without any trigger. */
import { HOUR, type Instant, MINUTE, SECOND } from "@earshot/core/instant"
import type { Random } from "@earshot/emulators/random"
import type { Faults } from "./fault.ts"
import type { Timeline } from "./timeline.ts"

export type Outage = { from: Instant; to: Instant }

export const NO_OUTAGE: Outage = { from: Infinity, to: Infinity }

/** Catching up with three days of calls takes as many pages as polls have in an hour. */
export const CATCH_UP_MS = 2 * HOUR

/** Once only late facts are to come, nothing has to hurry. */
export const QUIET_TRIGGER_MS = 2 * MINUTE

export function startTriggers(options: {
  timeline: Timeline
  random: Random
  faults: Faults
  outage: Outage
  everyMs: number
  start: Instant
  /** From then on triggers are rare. */
  quietFrom: Instant
  trigger: () => true
}): void {
  const { timeline, random, faults, outage } = options
  function tick(): boolean {
    const now = timeline.now()
    const stepMs = now > options.quietFrom ? QUIET_TRIGGER_MS : options.everyMs
    timeline.at(now + stepMs + Math.round((random() - 0.5) * SECOND), tick)
    if (faults.isDown(now) || (outage.from <= now && now < outage.to)) return false
    for (const delay of faults.triggerDelays(now)) timeline.at(now + delay, options.trigger)
    return false
  }
  timeline.at(options.start, tick)
}

/**
 * How much of a time had no triggers. An outage that has begun counts until it is caught up with, which may be long
 * after the time in question.
 */
export function downtimeOf(faults: Faults, outage: Outage): (from: Instant, to: Instant) => number {
  return (from, to) =>
    faults.downtime(from, to) +
    (to > outage.from ? Math.max(0, outage.to + CATCH_UP_MS - Math.max(from, outage.from)) : 0)
}

/** The same without the time that it takes to catch up. */
export function silenceOf(faults: Faults, outage: Outage): (from: Instant, to: Instant) => number {
  return (from, to) =>
    faults.downtime(from, to) + Math.max(0, Math.min(to, outage.to) - Math.max(from, outage.from))
}
