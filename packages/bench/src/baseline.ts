/**
 * The pollers that people write instead, on the same simulated vendor with the same limits: a decent cron job, one
 * that is done with a call once it has seen it ended, and automation tools, which never look at an id again. All of
 * them get an unfair advantage: they take no time, never fail, and alert Slack the instant they know.
 */
import { HOUR, type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import { PLAIN } from "@earshot/simulation/truth/oddity"
import type { SimulatedCall } from "@earshot/simulation/truth/call"
import type { Traffic } from "@earshot/simulation/truth/traffic"
import { type Vendor, createVendor } from "@earshot/simulation/vendor/vendor"
import { type Told, matchTimes, toldOnce } from "./latency.ts"

export type Baseline = {
  name: string
  everyMs: number
  /** How far back it lists calls, by their start. */
  lookbackMs: number
  /**
   * When it is done with a call. alerted: once it has raised an alert or is too old to be listed; until then it is
   * looked at again. ended: once it was seen ended. seen: once it was seen.
   */
  doneWhen: "alerted" | "ended" | "seen"
}

/** A call may be listed minutes after its start. */
const LATE_MS = 10 * MINUTE

export const BASELINES: readonly Baseline[] = [
  { name: "cron", everyMs: MINUTE, lookbackMs: 30 * MINUTE, doneWhen: "alerted" },
  { name: "naive", everyMs: MINUTE, lookbackMs: 30 * MINUTE, doneWhen: "ended" },
  { name: "first sight, 1 min", everyMs: MINUTE, lookbackMs: MINUTE + LATE_MS, doneWhen: "seen" },
  { name: "first sight, 2 min", everyMs: 2 * MINUTE, lookbackMs: 2 * MINUTE + LATE_MS, doneWhen: "seen" },
  { name: "first sight, 15 min", everyMs: 15 * MINUTE, lookbackMs: 15 * MINUTE + LATE_MS, doneWhen: "seen" },
]

const PAGE_ROWS = 100

const DETAILS_PER_HOUR = 500

/** At most this many details at once: the vendor allows a hundred requests a minute. */
const DETAILS_MAX = 60

/** When each call raised its alert, once, and how serious it was said to be. What the vendor refuses because of its limits stays unknown. */
export function runBaseline(
  baseline: Baseline,
  traffic: Traffic,
  { from, to }: { from: Instant; to: Instant },
): Map<string, Told[]> {
  const vendor = createVendor({ traffic, oddities: PLAIN, seed: 0 }, () => {})
  const done = new Set<string>()
  const examined = new Set<string>()
  const tellings = new Map<string, Told[]>()
  let details = DETAILS_MAX

  for (let now = from; now <= to; now += baseline.everyMs) {
    details = Math.min(DETAILS_MAX, details + (DETAILS_PER_HOUR * baseline.everyMs) / HOUR)
    const alert = (call: SimulatedCall) => {
      const told = toldOnce(call, now)
      if (told) tellings.set(call.id, [told])
      done.add(call.id)
    }
    const calls = list(vendor, now - baseline.lookbackMs, now).filter(({ id }) => !done.has(id))
    const unsure = calls.filter((call) => {
      const isMatch = matchTimes(call).listAt <= now
      if (isMatch) alert(call)
      return !isMatch && !examined.has(call.id) && (baseline.doneWhen === "seen" || call.endedAt <= now)
    })
    for (const call of unsure.sort((a, b) => hope(b, now) - hope(a, now))) {
      if (baseline.doneWhen !== "alerted") done.add(call.id)
      if (details < 1) continue
      details--
      const answer = vendor.answer(`https://echo.win/api/v1/calls/${call.id}`, now)
      if (answer.status !== 200) continue
      if (matchTimes(call).detailAt <= now) alert(call)
      // Once there is a sentiment, the detail of a call that has ended can show nothing new.
      else if (call.sentimentAt <= now) examined.add(call.id)
    }
  }
  return tellings
}

/** All calls that started since then, as far as the limits let them be read. */
function list(vendor: Vendor, since: Instant, now: Instant): SimulatedCall[] {
  const calls: SimulatedCall[] = []
  for (let page = 1; ; page++) {
    const query = `sortBy=createdAt&sortOrder=asc&dateFrom=${isoOf(since)}&limit=${PAGE_ROWS}&page=${page}`
    const { status, listed } = vendor.answer(`https://echo.win/api/v1/calls?${query}`, now)
    calls.push(...listed)
    if (status !== 200 || listed.length < PAGE_ROWS) return calls
  }
}

/** Details are fetched first where there is a score, because then the sentiment is near; and the newest first. */
function hope(call: SimulatedCall, now: Instant): number {
  return call.endedAt + (call.scoreAt <= now ? HOUR : 0)
}
