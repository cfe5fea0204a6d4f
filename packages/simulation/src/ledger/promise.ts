/**
 * What the poller owes for a call: for each fact that makes a rule match, from when the vendor shows it, and by when it
 * must raise an alert. What is not promised is said here and nowhere else.
 */
import { DAY, HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import type { Severity } from "@earshot/core/rule/rule"
import { settledAt } from "../truth/condition.ts"
import type { VendorOddities } from "../truth/oddity.ts"
import type { RuleVersion } from "../truth/rule.ts"
import type { SimulatedCall } from "../truth/call.ts"

export type Promised = {
  version: RuleVersion
  /** Where it is found: in the list while that is read anyway, in the slow re-reading of old days, or in the detail. */
  by: "list" | "old" | "detail"
  from: Instant
  deadline: Instant
  /** The rule matches until then. */
  until: Instant
}

export type Promising = {
  versions: readonly RuleVersion[]
  oddities: VendorOddities
  /** Calls an hour. */
  rate: number
  /** How much of a time had no triggers. */
  downtime: (from: Instant, to: Instant) => number
  /** Nothing fails, so that what can be found soon is owed soon. */
  isCalm: boolean
}

/** The last two hours are read again every half hour: facts of younger calls are found in time. */
const RECENT_MS = 90 * MINUTE

/** Includes minutes in which a channel is down. With more calls an hour, it takes longer where processes die. */
const RECENT_ALERT_MS = HOUR

const BUSY_RATE = 300

/**
 * Re-reading the last day or the last week takes this many hours with faults in between, and twice as many at `DOUBLING_RATE` calls an hour. It
 * shares the lists that are left over with the count of the calls of each hour.
 */
const DAY_HOURS = 8

const WEEK_HOURS = 36

const DOUBLING_RATE = 300

const DETAIL_ALERT_MS = HOUR

/** Where nothing fails, the newest calls are listed within a few minutes, and their details follow with the next look. */
const NEWEST_MS = 30 * MINUTE

/** Of those, three minutes are a digest's, which gathers what many an hour have in common. */
const CALM_LIST_ALERT_MS = 7 * MINUTE

const CALM_RATE_MAX = 450

const CALM_DETAIL_ALERT_MS = 12 * MINUTE

/** What is for information only waits this long for what would make it worse. */
const HELD_MS = 2 * MINUTE

/** A new or changed rule is in force everywhere by then. */
const RULE_EDIT_MS = 3 * MINUTE

/** How long a call is watched, less the time for a last look. */
const WATCHED_MS = 6 * HOUR - DETAIL_ALERT_MS

/** Where all times are off, that has to be noticed first, by three calls in processes that live for a few minutes. */
const NOTICE_MS = 6 * HOUR

const NEVER = Number.POSITIVE_INFINITY

/** From when the list shows the call, if asked as the poller asks; Infinity if never. */
export function listedAt(call: SimulatedCall, oddities: VendorOddities): Instant {
  if (call.look.isUnreadable) return NEVER
  if (oddities.dateField === "createdAt") return call.visibleAt
  return call.look.hidesEnd ? NEVER : Math.max(call.visibleAt, call.endedAt)
}

/**
 * When the first rule, or the first of this severity, begins to match by what is shown. Details are looked at once the call has
 * ended.
 */
export function readyAt(
  call: SimulatedCall,
  { versions, oddities }: Promising,
  severity: Severity | null = null,
): Instant {
  let first = Number.POSITIVE_INFINITY
  for (const { from, until, spanOf, ...version } of versions) {
    if (severity !== null && version.severity !== severity) continue
    const byDetail = Math.max(spanOf(call, "all").from, call.endedAt)
    const factAt = Math.max(from, Math.min(spanOf(call, "list").from, byDetail))
    if (factAt < until) first = Math.min(first, factAt)
  }
  return Math.max(first, listedAt(call, oddities))
}

/** Whether the version holds and may still be used: a process that read it before an edit uses it for a while. */
export function mayHold({ from, until, spanOf }: RuleVersion, call: SimulatedCall, now: Instant): boolean {
  return Math.max(from, spanOf(call, "stale").from) <= Math.min(now, until + RULE_EDIT_MS)
}

/** In no order. Empty if no rule matches the call, or only beyond what is promised. */
export function promisesOf(call: SimulatedCall, promising: Promising): Promised[] {
  const promises: Promised[] = []
  const seenAt = listedAt(call, promising.oddities)
  if (seenAt === NEVER) return promises
  for (const version of promising.versions) {
    const isDefault = version.rule === null
    // A changed rule judges the calls that come after it. That it judges some earlier ones too is not promised.
    if (!isDefault && call.createdAt < version.from + RULE_EDIT_MS) continue
    const listed = version.spanOf(call, "list")
    const seen = version.spanOf(call, "all")
    const settlesAt = settledAt(call, version.settleMs)
    const add = (part: Part | null, until: Instant) => {
      if (!part) return
      const { by, from } = part
      const heldMs = version.severity === "info" ? HELD_MS : 0
      const noticeMs = promising.oddities.stampsMs === 0 ? 0 : NOTICE_MS
      const withinMs = part.withinMs + heldMs + noticeMs
      const deadline = from + withinMs + promising.downtime(from, from + withinMs + 6 * HOUR)
      const matchesUntil = Math.min(call.deletedAt, version.until, until)
      if (matchesUntil > deadline) promises.push({ version, by, from, deadline, until: matchesUntil })
    }
    if (listed.from < NEVER) add(byList(call, listed.from, { seenAt, settlesAt }, promising), listed.until)
    if (seen.from < listed.from) add(byDetail(call, seen.from, { seenAt, settlesAt }, promising), seen.until)
  }
  return promises
}

/**
 * How soon a change of an older call raises its alert at so many calls an hour, whatever fails meanwhile but for times without
 * triggers: of a call of the last ninety minutes, of the last day, of the last week. The README and the design say the same.
 */
export function rereadWithin(rate: number): { recent: number; day: number; week: number } {
  const slower = 1 + rate / DOUBLING_RATE
  return {
    recent: RECENT_ALERT_MS * Math.max(1, rate / BUSY_RATE),
    day: RECENT_ALERT_MS + DAY_HOURS * slower * HOUR,
    week: RECENT_ALERT_MS + WEEK_HOURS * slower * HOUR,
  }
}

/** The deadline for finding a changed value in the list and telling the channels that must hear of it. Null: not promised. */
export function correctedWithin(call: SimulatedCall, at: Instant, promising: Promising): Instant | null {
  const seenAt = listedAt(call, promising.oddities)
  if (seenAt === NEVER) return null
  const part = byList(call, at, { seenAt, settlesAt: NEVER }, { ...promising, isCalm: false })
  if (!part) return null
  const noticeMs = promising.oddities.stampsMs === 0 ? 0 : NOTICE_MS
  const withinMs = part.withinMs + RECENT_ALERT_MS + noticeMs
  return part.from + withinMs + promising.downtime(part.from, part.from + withinMs + 6 * HOUR)
}

type Part = Pick<Promised, "by" | "from"> & { withinMs: number }

type Waiting = { seenAt: Instant; settlesAt: Instant }

function byList(
  call: SimulatedCall,
  factAt: Instant,
  { seenAt, settlesAt }: Waiting,
  { rate, isCalm }: Promising,
): Part | null {
  const from = Math.max(factAt, seenAt)
  if (isCalm && rate <= CALM_RATE_MAX && from - call.createdAt <= NEWEST_MS)
    return { by: "list", from, withinMs: CALM_LIST_ALERT_MS }
  // Finding that something is missing takes a last look, if the list no longer shows the call.
  if (factAt === settlesAt) return byLastLook(call, from)
  const { recent, day, week } = rereadWithin(rate)
  if (from - call.createdAt <= RECENT_MS) return { by: "list", from, withinMs: recent }
  for (const [backMs, withinMs] of [
    [DAY, day],
    [7 * DAY, week],
  ] as const) {
    if (from + withinMs - call.createdAt <= backMs) return { by: "old", from, withinMs }
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
  // A call without an end and with an unknown status is given up at a certain age instead.
  if (call.look.hidesEnd && call.look.status !== null) return null
  if (factAt === settlesAt) return byLastLook(call, from)
  if (from >= settlesAt - MINUTE) return null
  return { by: "detail", from, withinMs: isCalm ? CALM_DETAIL_ALERT_MS : settlesAt - from + DETAIL_ALERT_MS }
}

function byLastLook(call: SimulatedCall, from: Instant): Part | null {
  return from - call.createdAt > WATCHED_MS ? null : { by: "detail", from, withinMs: DETAIL_ALERT_MS }
}
