/**
 * What the poller owes for a call: for each fact that makes a rule hold, from when on the vendor shows it, and by
 * when it has to be told. What is not promised is said here and nowhere else.
 */
import { DAY, HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import { settledAt } from "../truth/condition.ts"
import type { VendorOddities } from "../truth/oddity.ts"
import type { RuleVersion } from "../truth/rule.ts"
import type { SimulatedCall } from "../truth/call.ts"

export type Promised = {
  version: RuleVersion
  /** What tells of it: the list, while it is read anyway; the slow reading of the last days; the detail. */
  by: "list" | "old" | "detail"
  from: Instant
  deadline: Instant
}

export type Promising = {
  versions: readonly RuleVersion[]
  oddities: VendorOddities
  /** Calls an hour. */
  rate: number
  /** How much of a time had no triggers. */
  downtime: (from: Instant, to: Instant) => number
  /** Nothing fails, so that what can be told soon is owed soon. */
  isCalm: boolean
}

/** The last two hours are read again every half an hour: what is younger then is found in time. */
const RECENT_MS = 90 * MINUTE

/** And a channel may be down for some minutes. With more calls an hour it takes longer to come through where processes die. */
const RECENT_TELL_MS = HOUR

const BUSY_RATE = 300

/** The last day and the last week are read again in so many hours, and with this many calls an hour in twice as many. */
const DAY_HOURS = 7

const WEEK_HOURS = 36

const DOUBLING_RATE = 300

const DETAIL_TELL_MS = HOUR

/** Where nothing fails, the newest calls are seen within a few minutes, and their details with the next look. */
const NEWEST_MS = 30 * MINUTE

const CALM_LIST_TELL_MS = 6 * MINUTE

const CALM_RATE_MAX = 450

const CALM_DETAIL_TELL_MS = 12 * MINUTE

/** A new or changed rule is in force everywhere by then. */
const RULE_EDIT_MS = 3 * MINUTE

/** No call is watched for longer than that, and some of it is for a last look. */
const WATCHED_MS = 6 * HOUR - DETAIL_TELL_MS

const NEVER = Number.POSITIVE_INFINITY

/** From when on the list shows the call, if it is asked as the engine asks; Infinity if never. */
export function listedAt(call: SimulatedCall, oddities: VendorOddities): Instant {
  if (call.look.isUnreadable) return NEVER
  if (oddities.dateField === "createdAt") return call.visibleAt
  return call.look.hidesEnd ? NEVER : Math.max(call.visibleAt, call.endedAt)
}

/** When the first rule begins to hold by what can be seen; details are looked at once the call has ended. */
export function readyAt(call: SimulatedCall, { versions, oddities }: Promising): Instant {
  let first = Number.POSITIVE_INFINITY
  for (const { from, until, spanOf } of versions) {
    const byDetail = Math.max(spanOf(call, "all").from, call.endedAt)
    const factAt = Math.max(from, Math.min(spanOf(call, "list").from, byDetail))
    if (factAt < until) first = Math.min(first, factAt)
  }
  return Math.max(first, listedAt(call, oddities))
}

/** Whether somebody may judge by this version now, and it holds: who had read it before an edit may still do so for a while. */
export function mayHold({ from, until, spanOf }: RuleVersion, call: SimulatedCall, now: Instant): boolean {
  return Math.max(from, spanOf(call, "stale").from) <= Math.min(now, until + RULE_EDIT_MS)
}

/** In no order. Empty: the call is nobody's business, or beyond what is promised. */
export function promisesOf(call: SimulatedCall, promising: Promising): Promised[] {
  const promises: Promised[] = []
  const seenAt = listedAt(call, promising.oddities)
  if (seenAt === NEVER) return promises
  for (const version of promising.versions) {
    const isFromTheStart = version.rule === null
    // A changed rule judges the calls that come, and some of those before, which is not promised.
    if (!isFromTheStart && call.createdAt < version.from + RULE_EDIT_MS) continue
    const listed = version.spanOf(call, "list")
    const seen = version.spanOf(call, "all")
    const settlesAt = settledAt(call, version.settleMs)
    const add = (part: Part | null, until: Instant) => {
      if (!part) return
      const { by, from, tellMs } = part
      const deadline = from + tellMs + promising.downtime(from, from + tellMs + 6 * HOUR)
      if (Math.min(call.deletedAt, version.until, until) > deadline)
        promises.push({ version, by, from, deadline })
    }
    if (listed.from < NEVER) add(byList(call, listed.from, { seenAt, settlesAt }, promising), listed.until)
    if (seen.from < listed.from) add(byDetail(call, seen.from, { seenAt, settlesAt }, promising), seen.until)
  }
  return promises
}

type Part = Pick<Promised, "by" | "from"> & { tellMs: number }

type Waiting = { seenAt: Instant; settlesAt: Instant }

function byList(
  call: SimulatedCall,
  factAt: Instant,
  { seenAt, settlesAt }: Waiting,
  { rate, isCalm }: Promising,
): Part | null {
  const from = Math.max(factAt, seenAt)
  if (isCalm && rate <= CALM_RATE_MAX && from - call.createdAt <= NEWEST_MS)
    return { by: "list", from, tellMs: CALM_LIST_TELL_MS }
  // That something is not there takes a last look, if the list does not show the call any more.
  if (factAt === settlesAt) return byLastLook(call, from)
  if (from - call.createdAt <= RECENT_MS)
    return { by: "list", from, tellMs: RECENT_TELL_MS * Math.max(1, rate / BUSY_RATE) }
  for (const [backMs, hours] of [
    [DAY, DAY_HOURS],
    [7 * DAY, WEEK_HOURS],
  ] as const) {
    const tellMs = RECENT_TELL_MS + hours * (1 + rate / DOUBLING_RATE) * HOUR
    if (from + tellMs - call.createdAt <= backMs) return { by: "old", from, tellMs }
  }
  return null
}

function byDetail(
  call: SimulatedCall,
  factAt: Instant,
  { seenAt, settlesAt }: Waiting,
  { isCalm }: Promising,
): Part | null {
  const from = Math.max(factAt, seenAt, call.endedAt)
  // Without its end, and with a state that nobody knows, a call is given up at an age, not at its end.
  if (call.look.hidesEnd && call.look.status !== null) return null
  if (factAt === settlesAt) return byLastLook(call, from)
  if (from >= settlesAt - MINUTE) return null
  return { by: "detail", from, tellMs: isCalm ? CALM_DETAIL_TELL_MS : settlesAt - from + DETAIL_TELL_MS }
}

function byLastLook(call: SimulatedCall, from: Instant): Part | null {
  return from - call.createdAt > WATCHED_MS ? null : { by: "detail", from, tellMs: DETAIL_TELL_MS }
}
