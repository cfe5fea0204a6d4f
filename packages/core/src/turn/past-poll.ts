/**
 * The last polls, for the people who run Earshot: when each began, whether it completed its work or why not, and what it found.
 * They stand in the poller's state, in the room that a failure leaves there, because every other place would cost each poll a
 * write. The start of a process's next poll notes the one before.
 */
import { type Instant, SECOND } from "../instant.ts"
import { FAILURE_BYTES_MAX, type Failure } from "./failure.ts"

/** How a poll ended, by the letter that stands for it. */
const LETTERS = {
  complete: "c",
  unfinished: "u",
  failed: "f",
  budget: "b",
  blocked: "l",
  overtaken: "o",
  broken: "x",
} as const

/**
 * - `unfinished`: there was more than it had time for, and the next one goes on.
 * - `failed`: the list could not be read, or not believed.
 * - `budget`, `blocked`: the hour's requests were used up, or the vendor had asked to wait.
 * - `overtaken`: another one began meanwhile. `broken`: the table failed, or the code did.
 */
export type PollOutcome = keyof typeof LETTERS

export const POLL_OUTCOMES = [
  "complete",
  "unfinished",
  "failed",
  "budget",
  "blocked",
  "overtaken",
  "broken",
] as const

/** `listed`: rows of the list that it read. Both counts stop at what there is room for. */
export type PastPoll = { at: Instant; outcome: PollOutcome; listed: number; alerts: number }

/** The newest first. */
export type PastPolls = readonly PastPoll[]

const PAST_POLLS_MAX = 10

const LISTED_MAX = 36 ** 2 - 1

const ALERTS_MAX = 36 ** 2 - 1

/** Of the time from one to the next: half a day. What lies further back is forgotten. */
const SECONDS_MAX = 36 ** 3 - 1

/** The time of the newest, and of each: the time to the one before, how it ended, its rows and its alerts. */
const HEAD_CHARACTERS = 7

const POLL_CHARACTERS = 3 + 1 + 2 + 2

export function withPoll(polls: PastPolls, poll: PastPoll): PastPolls {
  const at = Math.floor(poll.at / SECOND) * SECOND
  const [listed, alerts] = [Math.min(poll.listed, LISTED_MAX), Math.min(poll.alerts, ALERTS_MAX)]
  // What a clock that was ahead has noted goes.
  const before = polls.filter((one) => one.at < at)
  return [{ ...poll, at, listed, alerts }, ...before].slice(0, PAST_POLLS_MAX)
}

/** As many as there is room for beside a failure: the state must stay below a kilobyte. */
export function pollsBeside(polls: PastPolls, failure: Failure | null): PastPolls {
  const room = failure
    ? FAILURE_BYTES_MAX - Buffer.byteLength(failure.message) - HEAD_CHARACTERS
    : Number.POSITIVE_INFINITY
  return polls.slice(0, Math.max(0, Math.floor(room / POLL_CHARACTERS)))
}

export function packPolls(polls: PastPolls): string {
  const [newest] = polls
  if (!newest) return ""
  const digits = (number: number, width: number) => number.toString(36).padStart(width, "0")
  let packed = digits(newest.at / SECOND, HEAD_CHARACTERS)
  let later = newest.at
  for (const { at, outcome, listed, alerts } of polls) {
    const seconds = (later - at) / SECOND
    if (seconds > SECONDS_MAX) break
    packed += digits(seconds, 3) + LETTERS[outcome] + digits(listed, 2) + digits(alerts, 2)
    later = at
  }
  return packed
}

const PACKED = /^[0-9a-z]{7}(?:[0-9a-z]{3}[a-z][0-9a-z]{4})+$/

/** None, if that cannot be read; without those that a newer version ended in a way of its own. */
export function unpackPolls(packed: string): PastPolls {
  if (!PACKED.test(packed)) return []
  const number = (from: number, width: number) => Number.parseInt(packed.slice(from, from + width), 36)
  const polls: PastPoll[] = []
  let at = number(0, HEAD_CHARACTERS) * SECOND
  for (let from = HEAD_CHARACTERS; from < packed.length; from += POLL_CHARACTERS) {
    at -= number(from, 3) * SECOND
    const outcome = POLL_OUTCOMES.find((one) => LETTERS[one] === packed[from + 3])
    if (outcome) polls.push({ at, outcome, listed: number(from + 4, 2), alerts: number(from + 6, 2) })
  }
  return polls
}
