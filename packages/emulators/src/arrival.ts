/**
 * When calls arrive, and from whom: the plans of calls in the order in which they begin, from a seed.
 *
 * Calls arrive at random around their rate. About a third are from people who have called before.
 */
import { COMPANIES } from "./company.ts"
import { LIVELY_OPENING, type OpeningCall } from "./opening.ts"
import { type Person, createPerson } from "./person.ts"
import { type CallPlan, type PlanChoice, planCall } from "./plan.ts"
import { type Random, chance, createRandom, exponential, pickWeighted } from "./random.ts"
import { LIVELY_TEMPO, REAL_TEMPO, type Tempo } from "./tempo.ts"

export type ArrivalOptions = {
  readonly seed: number
  /** The mean. More than 0 and at most 10,000. */
  readonly ratePerHour: number
  /** No call is older, in epoch milliseconds, except those that open lively traffic. */
  readonly from: number
  /** No call begins later; endless if absent. */
  readonly until?: number
  /**
   * "lively" is for watching: facts arrive within two minutes, and a fixed set of calls, some in progress at `from`,
   * shows every kind of trouble within three. The oldest of them began 96 seconds before `from`.
   */
  readonly tempo?: "real" | "lively" | Tempo
}

export type Arrivals = {
  /** When the next call begins; Infinity if there is none. */
  nextAt(): number
  /** Plans that call, and moves on to the next one. */
  take(): CallPlan
}

const RATE_MAX = 10_000

const HOUR_MS = 3_600_000

/** The share of calls from people who have called before, and how many people are remembered for it. */
const RETURNING_SHARE = 0.35

const REGULARS_MAX = 200

type Regular = { readonly person: Person; readonly companyIndex: number; visits: number }

/** Throws if the rate is out of bounds. */
export function planArrivals(options: ArrivalOptions): Arrivals {
  const { seed, ratePerHour, from, until = Infinity, tempo = "real" } = options
  if (!(ratePerHour > 0 && ratePerHour <= RATE_MAX)) {
    throw new Error(`ratePerHour must be more than 0 and at most ${RATE_MAX}, but was ${ratePerHour}.`)
  }
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

function createRegular(random: Random): Regular {
  const company = pickWeighted(random, COMPANIES)
  return { person: createPerson(random), companyIndex: COMPANIES.indexOf(company), visits: 0 }
}
