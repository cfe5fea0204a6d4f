/**
 * What a post-call workflow with a "Call API" step sends, and when: a request of the user's own making, usually a second or two after a
 * call has ended. Nobody documents how soon or how surely, so it has habits: some get lost, some come twice, some before the API shows
 * that the call is over, and some with placeholders that nobody filled in.
 */
import { type Random, between, chance, logNormal, pick } from "./random.ts"

export type PostCallHabits = {
  /** Shares of all calls. */
  readonly lost: number
  readonly doubled: number
  readonly early: number
  /** The body's placeholders stand there as they were written, or only a number does. */
  readonly unfilled: number
}

export const USUAL_HABITS: PostCallHabits = { lost: 0.1, doubled: 0.05, early: 0.05, unfilled: 0.05 }

/** Most workflows start within two seconds; now and then one waits behind others. */
const DELAY_MS = { median: 1200, sigma: 0.6, min: 500, max: 10_000 }

/** How long before the API shows the end a request may come. */
const EARLY_MS = 2000

/** How long after the first a second one comes. */
const DOUBLED_MS = 5000

/** When requests are sent, in milliseconds from when the API shows the end: none if it is lost. Never earlier than `EARLY_MS` before. */
export function planPostCall(random: Random, habits: PostCallHabits): number[] {
  if (chance(random, habits.lost)) return []
  const { median, sigma, min, max } = DELAY_MS
  const usual = Math.min(max, Math.max(min, logNormal(random, median, sigma)))
  const first = chance(random, habits.early) ? -between(random, 0, EARLY_MS) : usual
  return chance(random, habits.doubled) ? [first, first + between(random, 0, DOUBLED_MS)] : [first]
}

/** How long before its end is shown a call has to be looked for. */
export const POST_CALL_AHEAD_MS = EARLY_MS

/** What is sent. */
export function postCallBody(
  random: Random,
  { id, from }: { readonly id: string; readonly from: string },
  habits: PostCallHabits,
): Record<string, string> {
  if (!chance(random, habits.unfilled)) return { call_id: id, from }
  return pick(random, [{ call_id: "$call_id", from: "$call_from" }, { phone: from }, {}])
}
