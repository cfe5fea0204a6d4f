/**
 * Telephone traffic from a seed: calls that begin, end, are scored, judged and flagged as time goes by.
 *
 * Calls are planned one after another as time reaches them, so the same seed makes the same calls, whoever asks and
 * whenever. A request costs as much as the range it asks about, not as much as the whole history.
 */
import { planArrivals, type ArrivalOptions } from "./arrival.ts"
import { createCache } from "./cache.ts"
import type { EmulatedCall } from "./call.ts"
import { EXAMPLE_SOURCE } from "./example.ts"
import type { CallPlan } from "./plan.ts"
import { nextChangeAt, showCall, type Words } from "./row.ts"
import { writeScript, writeSearchText, type Script, type Wordiness } from "./script.ts"
import { joinSources, type CallSource } from "./source.ts"

export type TrafficOptions = ArrivalOptions & {
  /** Adds the documented example, which is from January 2024. */
  readonly withExample?: boolean
  readonly words?: Wordiness
  /** The oldest calls are forgotten beyond this many; 100,000 if absent. */
  readonly keptMax?: number
}

const KEPT_MAX = 100_000
/** Scripts are a few kilobytes each, and are written again if they are needed after being dropped. */
const SCRIPTS_MAX = 2_000

/** Throws if the rate is out of bounds. */
export function createTraffic(options: TrafficOptions): CallSource {
  const { words: wordiness = "full", keptMax = KEPT_MAX } = options
  const arrivals = planArrivals(options)
  const kept: KeptCall[] = []
  const byId = new Map<string, KeptCall>()
  const words = createWords(wordiness)

  const catchUp = (now: number) => {
    while (arrivals.nextAt() <= now) {
      const call: KeptCall = { plan: arrivals.take(), row: undefined, shownFrom: 0, shownUntil: 0 }
      kept.push(call)
      byId.set(call.plan.id, call)
      if (kept.length > keptMax * 1.1) forget(kept.length - keptMax)
    }
  }
  /** In bulk, because taking calls from the front one by one would move all the others each time. */
  const forget = (count: number) => {
    for (const { plan } of kept.splice(0, count)) byId.delete(plan.id)
  }

  const show = (call: KeptCall, now: number): EmulatedCall => {
    if (call.row && now >= call.shownFrom && now < call.shownUntil) return call.row
    const { plan } = call
    call.row = showCall(plan, now, words)
    call.shownFrom = now
    call.shownUntil = nextChangeAt(plan, now)
    return call.row
  }

  const traffic: CallSource = {
    callsAt(now, { from = -Infinity, until = Infinity } = {}) {
      catchUp(now)
      const start = findFirst(kept, from)
      const end = findFirst(kept, Math.min(until, now) + 1)
      const calls: EmulatedCall[] = []
      for (let index = start; index < end; index += 1) {
        const call = kept[index]
        if (call) calls.push(show(call, now))
      }
      return calls
    },
    callAt(now, id) {
      catchUp(now)
      const call = byId.get(id)
      return call && call.plan.createdAt <= now ? show(call, now) : undefined
    },
  }
  return options.withExample ? joinSources(traffic, EXAMPLE_SOURCE) : traffic
}

/** A search text is a kilobyte, and is kept as long as its call: a search reads all calls' texts. */
function createWords(wordiness: Wordiness): Words {
  const scripts = createCache<CallPlan, Script>(SCRIPTS_MAX)
  const searchTexts = new WeakMap<CallPlan, string>()
  return {
    scriptOf: (plan) => scripts.recall(plan, () => writeScript(plan, wordiness)),
    searchTextOf(plan) {
      const kept = searchTexts.get(plan)
      if (kept !== undefined) return kept
      const text = writeSearchText(plan, wordiness)
      searchTexts.set(plan, text)
      return text
    },
  }
}

/** The row is what was shown last, and stays right from `shownFrom` until just before `shownUntil`. */
type KeptCall = {
  readonly plan: CallPlan
  row: EmulatedCall | undefined
  shownFrom: number
  shownUntil: number
}

/** The index of the first call created at or after this instant. */
function findFirst(kept: readonly KeptCall[], createdAt: number): number {
  let low = 0
  let high = kept.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((kept[middle]?.plan.createdAt ?? Infinity) < createdAt) low = middle + 1
    else high = middle
  }
  return low
}
