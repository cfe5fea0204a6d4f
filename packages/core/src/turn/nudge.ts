/**
 * A nudge: the vendor's post-call workflow has called us, so a call may just have ended. It says *look now* and nothing else:
 * which call it names is a hint, believed for as long as a request takes. It may be lost, late, doubled, forged or too early,
 * and changes only when something is noticed.
 *
 * What nudges have used stands in the poller's state, so that somebody who has learnt the secret can spend no more than a part of
 * what polls leave, however many processes there are.
 */
import * as z from "zod"
import { DAY, HOUR, type Instant, MINUTE, SECOND } from "../instant.ts"
import type { Limits, RequestKind } from "./budget.ts"

/** A nudge that could not be used is put back this often: behind the poll that stood in its way, or until the vendor has caught up. */
export const NUDGE_TRIES_MAX = 3

/** The longest id of the vendor's, and the most digits that a telephone number has. */
const ID_CHARACTERS_MAX = 200
const PARTY_DIGITS = /^\d{5,15}$/

export const Nudge = z.object({
  /** The call's id, if it was named. */
  id: z.string().min(1).max(ID_CHARACTERS_MAX).nullable(),
  /** The digits of a number that took part, if one was named. Never in a log. */
  party: z.string().regex(PARTY_DIGITS).nullable(),
  /** How often it was put back. */
  tries: z.number().int().min(0),
})

export type Nudge = z.infer<typeof Nudge>

/** A message of the tick queue that brings nudges. Any other is a tick. */
export const NudgeMessage = z.object({ nudges: z.array(Nudge).min(1).max(100) })

/** What nudges have used and brought. */
export type NudgeUse = {
  /** When that was last written down, in whole minutes: a nudge came then, or up to ten minutes later. 0: never. */
  at: Instant
  /** Requests of the quarter of an hour in which that was, of the one before, … */
  list: readonly number[]
  detail: readonly number[]
  /** Turns that nudges began on that day, and calls whose end was noticed there. */
  looks: number
  sooner: number
}

export const NO_NUDGES: NudgeUse = { at: 0, list: [], detail: [], looks: 0, sooner: 0 }

const SLOT_MS = 15 * MINUTE

/** An hour, and the current quarter of one. */
const SLOTS = 5

/** As many as two digits hold, and one; and counts of a day, three. */
const SLOT_MAX: Record<RequestKind, number> = { detail: 36 ** 2 - 1, list: 35 }
const COUNT_MAX = 36 ** 3 - 1

/** Of the hour's details, and of the lists that polls leave. */
export const NUDGE_SHARE = 0.2

/** How many more requests of a kind nudges may make now, if the budget allows them as well. */
export function nudgeAllowance(use: NudgeUse, kind: RequestKind, limits: Limits, now: Instant): number {
  const counts = rolled(use, now)[kind]
  const left = nudgeLimit(kind, limits) - sum(counts)
  return Math.max(0, Math.min(left, SLOT_MAX[kind] - (counts[0] ?? 0)))
}

/** How many requests of a kind nudges may make within an hour. */
export function nudgeLimit(kind: RequestKind, { listPerHour, detailPerHour, gateMs }: Limits): number {
  if (kind === "detail") return Math.floor(NUDGE_SHARE * detailPerHour)
  // Polls come a second more than a gate apart; without a gate nobody knows what they leave.
  const left = gateMs === 0 ? 0 : listPerHour - Math.ceil(HOUR / (gateMs + SECOND))
  return Math.max(0, Math.floor(NUDGE_SHARE * left))
}

/** What nudges have used within the hour. */
export function nudgesUsed(use: NudgeUse, kind: RequestKind, now: Instant): number {
  return sum(rolled(use, now)[kind])
}

/** With requests that a nudge makes, and the nudge itself. */
export function withNudge(
  use: NudgeUse,
  spent: { kind: RequestKind; count: number; isFirst: boolean },
  now: Instant,
): NudgeUse {
  const current = rolled(use, now)
  const counts = [...current[spent.kind]]
  counts[0] = (counts[0] ?? 0) + spent.count
  const looks = Math.min(COUNT_MAX, current.looks + (spent.isFirst ? 1 : 0))
  return { ...current, [spent.kind]: counts, looks }
}

/** With calls whose end a nudge has shown. */
export function withSooner(use: NudgeUse, calls: number, now: Instant): NudgeUse {
  const current = rolled(use, now)
  return { ...current, sooner: Math.min(COUNT_MAX, current.sooner + calls) }
}

/** How long it may go unsaid that a nudge came: to say it is a write. */
const SEEN_EVERY_MS = 10 * MINUTE

/** With a nudge that led to no request; null if it need not be written down that it came. */
export function withArrival(use: NudgeUse, now: Instant): NudgeUse | null {
  const isKnown = use.at <= now && now - use.at < SEEN_EVERY_MS
  return isKnown ? null : rolled(use, now)
}

/** What nudges brought on the day of `now`. */
export function nudgesOfDay(use: NudgeUse, now: Instant): { looks: number; sooner: number } {
  const { looks, sooner } = rolled(use, now)
  return { looks, sooner }
}

/** As of now. What a clock that was ahead has counted counts as of now, which is the safe assumption. */
function rolled(use: NudgeUse, now: Instant): NudgeUse {
  const passed = Math.floor(now / SLOT_MS) - Math.floor(use.at / SLOT_MS)
  const shift = (kind: RequestKind) => {
    const counts = use[kind]
    if (passed < 0) return [Math.min(SLOT_MAX[kind], sum(counts))]
    return passed >= SLOTS ? [] : [...Array.from({ length: passed }, () => 0), ...counts].slice(0, SLOTS)
  }
  const isSameDay = Math.floor(now / DAY) === Math.floor(use.at / DAY)
  return {
    at: Math.floor(now / MINUTE) * MINUTE,
    list: shift("list"),
    detail: shift("detail"),
    looks: isSameDay ? use.looks : 0,
    sooner: isSameDay ? use.sooner : 0,
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

/** As 27 characters, each number in its place: the poller's state has room for no more. */
export function packNudges({ at, list, detail, looks, sooner }: NudgeUse): string {
  const digits = (count: number, width: number) => count.toString(36).padStart(width, "0")
  const slots = Array.from({ length: SLOTS }, (_, slot) => [list[slot] ?? 0, detail[slot] ?? 0] as const)
  return [
    digits(at / MINUTE, 6),
    digits(looks, 3),
    digits(sooner, 3),
    ...slots.map(([lists, details]) => digits(lists, 1) + digits(details, 2)),
  ].join("")
}

/** As if there had been none, if that cannot be read. */
export function unpackNudges(packed: string): NudgeUse {
  if (!/^[0-9a-z]{27}$/.test(packed)) return NO_NUDGES
  const read = (from: number, width: number) => Number.parseInt(packed.slice(from, from + width), 36)
  const slots = Array.from({ length: SLOTS }, (_, slot) => 12 + 3 * slot)
  return {
    at: read(0, 6) * MINUTE,
    looks: read(6, 3),
    sooner: read(9, 3),
    list: slots.map((from) => read(from, 1)),
    detail: slots.map((from) => read(from + 1, 2)),
  }
}
