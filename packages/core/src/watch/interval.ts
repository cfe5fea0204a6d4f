/**
 * How far apart the looks at an open call are. A look is worth its detail if it is expected to save enough seconds: twice as many looks
 * at something halve its delay, so looks are as close as the root of how likely it is to come. How many seconds are enough is the
 * price of a detail, which is what it takes for the hour's details to last.
 */
import { HOUR, MINUTE, SECOND } from "../instant.ts"
import { LOOK_AIMS, NO_WAITS, type LookAim, type Waits, chanceAt, expectedOf } from "./wait.ts"

/**
 * `price`: the seconds of delay that a detail has to save. `toldShare`: of the ends of late, those that a nudge told of, 0 to 1.
 * `waits`: how long things have taken to come. `listEveryMs`: how often the list is read. `turnPrice`: the price of the detail and of the turn
 * together, for a look that is made alone.
 */
export type LookPace = {
  price: number
  turnPrice: number
  toldShare: number
  waits: Waits
  listEveryMs: number
}

/** For a question whose answer does not depend on it. */
export const ANY_PACE: LookPace = {
  price: 1,
  turnPrice: 1,
  toldShare: 0,
  waits: NO_WAITS,
  listEveryMs: MINUTE,
}

export const PRICE_MIN = 0.01
export const PRICE_MAX = 100

/** Nudges may cease at any time: some calls are looked at whatever they told of late. */
const TOLD_MAX = 0.9

/** An end tells of more than a score does, and what comes after it is looked for from then on. */
const END_WORTH = 1.6

/** Triggers come in whole seconds, and a look takes most of one. */
export const LOOK_EVERY_MIN_MS = 2 * SECOND

export const LOOK_EVERY_MAX_MS = 8 * MINUTE

/** The mood comes within seconds after the score or not at all: each look waits longer by this share of the time since. */
const MOOD_GROWTH = 0.35

/** How long after a look the next one is due, at something that has been awaited for so long. From 2 s to 8 minutes. */
export function lookEveryMs(
  aim: LookAim,
  awaitedMs: number,
  { price, toldShare, waits }: Pick<LookPace, "price" | "toldShare" | "waits">,
): number {
  return everyMs(aim, awaitedMs, chanceAt(waits, aim, awaitedMs), { price, toldShare })
}

function everyMs(
  aim: LookAim,
  awaitedMs: number,
  chance: number,
  { price, toldShare }: Pick<LookPace, "price" | "toldShare">,
): number {
  const untold = aim === "end" ? END_WORTH * (1 - Math.min(TOLD_MAX, toldShare)) : 1
  // A look after so long finds it with a chance of that by `chance`, and then saves half of that, on average.
  const every = Math.round(Math.sqrt((2 * price) / (chance * untold)) * SECOND)
  const least = Math.max(LOOK_EVERY_MIN_MS, aim === "mood" ? Math.round(awaitedMs * MOOD_GROWTH) : 0)
  return Math.min(LOOK_EVERY_MAX_MS, Math.max(least, every))
}

/**
 * How many looks there are between two lists, which are looks as well. One more of `n` saves `listEveryMs / n / (n + 1)` of half the
 * chance.
 */
export function looksBetween(every: number, listEveryMs: number): number {
  const most = Math.max(0, Math.floor(listEveryMs / LOOK_EVERY_MIN_MS) - 1)
  return Math.min(most, Math.floor((Math.sqrt(1 + 4 * (listEveryMs / every) ** 2) - 1) / 2))
}

/** What is to be had, and what for. */
export type Demand = {
  /** Details of an hour that looks may use. */
  details: number
  /** Calls that begin in an hour. */
  calls: number
  /** Looks that there may be until the next list. */
  untilList: number
  /** What is awaited now, and for how long. */
  awaited: readonly { aim: LookAim; awaitedMs: number }[]
  toldShare: number
  waits: Waits
  listEveryMs: number
}

/** Of the looks that are reckoned with: most answers come before the last of those, and near a list there is none. */
const MADE_SHARE = 0.67

/**
 * A turn costs as well: a look that nobody shares has to save so many times the price of its detail. Where as many calls begin in an hour as
 * `MANY`, every turn is shared.
 */
const TURN_FACTOR = 1.5
const FEW = 70
const MANY = 130

/** The price of a detail and a turn, where so many calls begin in an hour. */
export function turnPriceOf(price: number, calls: number): number {
  const alone = Math.min(1, Math.max(0, (MANY - calls) / (MANY - FEW)))
  return price * (1 + (TURN_FACTOR - 1) * alone)
}

/** Each halves what is between the lowest price and the highest, by their logarithms. */
const STEPS = 10

/**
 * The price at which the hour's details last, and the minute's until the next list. It is just below the one at which the hour's do: where
 * every call has the same chances, they are all worth a look at that, or none is.
 */
export function priceOf(demand: Demand): number {
  const { calls, details, untilList } = demand
  const hour = boundsOf((price) => calls * madePerCall(price, demand) > details)
  const minute = boundsOf((price) => looksUntilList(price, demand) > untilList)
  return Math.max(hour.low, minute.high)
}

/** The lowest price that is not too cheap is between these two, which are a hundredth apart. */
function boundsOf(isTooCheap: (price: number) => boolean): { low: number; high: number } {
  if (!isTooCheap(PRICE_MIN)) return { low: PRICE_MIN, high: PRICE_MIN }
  let [low, high] = [Math.log(PRICE_MIN), Math.log(PRICE_MAX)]
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2
    if (isTooCheap(Math.exp(middle))) low = middle
    else high = middle
  }
  return { low: Math.exp(low), high: Math.exp(high) }
}

function looksUntilList(price: number, { awaited, waits, toldShare, listEveryMs }: Demand): number {
  return awaited.reduce((looks, { aim, awaitedMs }) => {
    const every = everyMs(aim, awaitedMs, chanceAt(waits, aim, awaitedMs), { price, toldShare })
    return looks + (aim === "mood" ? listEveryMs / every : looksBetween(every, listEveryMs))
  }, 0)
}

/** Looks that are worth no turn of their own are made if any other call's are, in the same time between two lists. */
function madePerCall(price: number, demand: Demand): number {
  const { calls, listEveryMs } = demand
  const own = looksPerCall(turnPriceOf(price, calls), demand)
  const joint = looksPerCall(price, demand) - own
  const turns = (calls * own * MADE_SHARE * listEveryMs) / HOUR
  return MADE_SHARE * (own + joint * (1 - Math.exp(-turns)))
}

function looksPerCall(price: number, { toldShare, waits, listEveryMs }: Demand): number {
  const expected = expectedOf(waits)
  let looks = 0
  for (const aim of LOOK_AIMS)
    for (const { from, seconds, chance, share } of expected[aim]) {
      const middleMs = (from + seconds / 2) * SECOND
      const every = everyMs(aim, middleMs, chance, { price, toldShare })
      // No list shows the mood.
      const perMs = aim === "mood" ? 1 / every : looksBetween(every, listEveryMs) / listEveryMs
      looks += share * seconds * SECOND * perMs
    }
  return looks
}
