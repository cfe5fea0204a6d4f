/**
 * Telephone traffic from a seed: calls that begin, end, are scored, judged and flagged, as time goes by.
 *
 * Calls are planned one after another as time reaches them, so the same seed makes the same calls, whoever asks when.
 * A question costs as much as the range that it asks about, not as much as history.
 */
import { createCache } from "./cache.ts"
import type { EmulatedCall } from "./call.ts"
import { COMPANIES } from "./company.ts"
import { EXAMPLE_SOURCE } from "./example.ts"
import { LIVELY_OPENING, type OpeningCall } from "./opening.ts"
import { createPerson, type Person } from "./person.ts"
import { pickWeighted, planCall, type CallPlan, type PlanChoice } from "./plan.ts"
import { chance, createRandom, exponential } from "./random.ts"
import { nextChangeAt, showCall } from "./row.ts"
import { writeScript, type Script, type Wordiness } from "./script.ts"
import { joinSources, type CallSource } from "./source.ts"
import { LIVELY_TEMPO, REAL_TEMPO, type Tempo } from "./tempo.ts"

export type TrafficOptions = {
  readonly seed: number
  /** On average; calls arrive at random. More than 0 and at most 10,000. */
  readonly ratePerHour: number
  /** No call is older, in epoch milliseconds, but for those that open lively traffic. */
  readonly from: number
  /** No call begins later; endless if absent. */
  readonly until?: number
  /** Adds the documented example, which is from January 2024. */
  readonly withExample?: boolean
  /**
   * "lively" is for watching: facts arrive within two minutes, and a fixed set of calls, some of which are under way at
   * `from`, shows every kind of trouble within a few minutes. The oldest of them began 96 seconds before `from`.
   */
  readonly tempo?: "real" | "lively" | Tempo
  readonly words?: Wordiness
  /** The oldest calls are forgotten beyond this many; 100,000 if absent. */
  readonly keptMax?: number
}

const RATE_MAX = 10_000
const KEPT_MAX = 100_000
/** Scripts are some kilobytes each, and are written again when they are missed. */
const SCRIPTS_MAX = 2_000

export function createTraffic(options: TrafficOptions): CallSource {
  const { ratePerHour, words = "full", keptMax = KEPT_MAX } = options
  if (!(ratePerHour > 0 && ratePerHour <= RATE_MAX)) {
    throw new Error(`ratePerHour must be more than 0 and at most ${RATE_MAX}, but was ${ratePerHour}.`)
  }
  const plans = planCalls(options)
  const kept: KeptCall[] = []
  const byId = new Map<string, KeptCall>()
  const scripts = createCache<CallPlan, Script>(SCRIPTS_MAX)

  const catchUp = (now: number) => {
    while (plans.nextAt() <= now) {
      const call: KeptCall = { plan: plans.take(), row: undefined, shownFrom: 0, shownUntil: 0 }
      kept.push(call)
      byId.set(call.plan.id, call)
    }
    // Forgetting in bulk keeps the cost of each call small.
    if (kept.length > keptMax * 1.1) {
      for (const { plan } of kept.splice(0, kept.length - keptMax)) byId.delete(plan.id)
    }
  }

  const readScript = (plan: CallPlan) => scripts.recall(plan, () => writeScript(plan, words))

  const show = (call: KeptCall, now: number): EmulatedCall => {
    if (call.row && now >= call.shownFrom && now < call.shownUntil) return call.row
    const { plan } = call
    call.row = showCall(plan, now, readScript)
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

/** The row is what was shown last, and is right from `shownFrom` until before `shownUntil`. */
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

const HOUR_MS = 3_600_000
/** Of the calls, the share of those who have called before; and how many people are remembered for it. */
const RETURNING_SHARE = 0.35
const REGULARS_MAX = 200

type Regular = { readonly person: Person; readonly companyIndex: number; visits: number }

/** The calls in the order in which they begin. `nextAt` is when the next one does, Infinity when there is none. */
function planCalls(options: TrafficOptions): { nextAt(): number; take(): CallPlan } {
  const { seed, ratePerHour, from, until = Infinity, tempo = "real" } = options
  const arrivals = createRandom(seed, "arrivals")
  const opening: OpeningCall[] = tempo === "lively" ? [...LIVELY_OPENING] : []
  const pace = tempo === "lively" ? LIVELY_TEMPO : tempo === "real" ? REAL_TEMPO : tempo
  const regulars: Regular[] = []
  let count = 0
  let nextArrival = from
  const drawArrival = () => {
    nextArrival += Math.max(1, Math.round(exponential(arrivals, HOUR_MS / ratePerHour)))
  }
  drawArrival()

  const plan = (createdAt: number, choice: PlanChoice): CallPlan => {
    count += 1
    const random = createRandom(seed, "call", count)
    const found = regulars[Math.floor(random() * regulars.length)]
    const isNew = !found || !chance(random, RETURNING_SHARE)
    const regular = isNew ? createRegular(random) : found
    regular.visits += 1
    if (isNew) regulars.push(regular)
    if (regulars.length > REGULARS_MAX) regulars.shift()
    const company = COMPANIES[regular.companyIndex]
    if (!company) throw new Error("A regular has no company.")
    const setting = { company, person: regular.person, visit: regular.visits, createdAt, tempo: pace }
    return planCall(random, setting, choice)
  }

  return {
    nextAt() {
      const next = Math.min(nextArrival, from + (opening[0]?.startsMs ?? Infinity))
      return next > until ? Infinity : next
    },
    take() {
      const [first] = opening
      if (first && from + first.startsMs <= nextArrival) {
        opening.shift()
        return plan(from + first.startsMs, first)
      }
      const createdAt = nextArrival
      drawArrival()
      return plan(createdAt, {})
    },
  }
}

function createRegular(random: () => number): Regular {
  const company = pickWeighted(random, COMPANIES)
  return { person: createPerson(random), companyIndex: COMPANIES.indexOf(company), visits: 0 }
}
