/**
 * The coverage receipt: how many of the listed calls were checked, hour by hour, and what says otherwise. It may say less than was
 * done, because a process that dies takes with it what it had not written down; it never says more.
 */
import { HOUR, type Instant, durationText } from "../instant.ts"
import { BEHIND_MS } from "../list/plan.ts"
import type { Control } from "../turn/control.ts"
import { silenceMs } from "../turn/health.ts"
import type { Watch } from "../watch/watch.ts"
import { type HourCoverage, NO_COVERAGE, type StoredCoverage, hourOf, keyIn, ruleIdIn } from "./hour.ts"
import { type VerdictCounts, addVerdicts, verdictsOf } from "./precision.ts"

/** `unknown`: before receipts were kept. `unread`: no poll completed its work. `behind`: the list is still being read from here on. */
export type CoverageGap = { from: Instant; to: Instant; kind: "unknown" | "unread" | "behind" }

/** Of the calls that started in one hour: `listed` is the sum of `checked`, `unexamined`, `deleted` and `waiting`. */
export type CoverageCounts = {
  listed: number
  checked: number
  unexamined: number
  deleted: number
  /** Open, or closed so lately that it has not been written down. */
  waiting: number
  /** Calls that people were alerted to. */
  alerts: number
  alertsByRule: Readonly<Record<string, number>>
  /** What people said of those alerts, by rule; of a call that several rules matched it counts for each. */
  verdictsByRule: Readonly<Record<string, VerdictCounts>>
  /** Rows of the list that could not be read, at most at once. */
  unreadable: number
  /** How many more calls the vendor counts. */
  missing: number
}

export type ReceiptHour = CoverageCounts & {
  hour: Instant
  /** As the vendor counts them; null: it was not asked. */
  vendorTotal: number | null
  gaps: readonly CoverageGap[]
}

export type Receipt = {
  from: Instant
  to: Instant
  hours: readonly ReceiptHour[]
  total: CoverageCounts
  gaps: readonly CoverageGap[]
}

/** What a receipt is made of. */
export type ReceiptFacts = { stored: StoredCoverage; control: Control | null; watch: Watch }

/** Of whole hours; what is not over yet ends now. */
export function receiptOf(
  { stored, control, watch }: ReceiptFacts,
  span: { from: Instant; to: Instant },
  now: Instant,
): Receipt {
  const from = hourOf(span.from)
  const to = Math.ceil(span.to / HOUR) * HOUR
  const gaps = gapsOf(stored, control, { from, to: Math.min(to, now) }, now)
  const open = keysByHour(watch)
  const hours: ReceiptHour[] = []
  for (let hour = from; hour < to; hour += HOUR) {
    const counted = countsOf(stored.hours.get(hour) ?? NO_COVERAGE, open.get(hour) ?? new Map())
    hours.push({ hour, ...counted, gaps: within(gaps, { from: hour, to: hour + HOUR }) })
  }
  return { from, to, hours, total: sumOf(hours), gaps }
}

/** The calls that the watch remembers by hour, and whether each is open. */
function keysByHour({ calls }: Watch): Map<Instant, Map<string, boolean>> {
  const hours = new Map<Instant, Map<string, boolean>>()
  for (const { key, startedAt, open } of calls.values()) {
    const hour = hourOf(startedAt)
    hours.set(hour, (hours.get(hour) ?? new Map<string, boolean>()).set(key, open !== null))
  }
  return hours
}

/** What says less of a call stands: it is open, or unexamined, whatever else was noted of it. */
function countsOf(
  { checked, unexamined, deleted, alerts, unreadable, totals, bad, fine }: HourCoverage,
  watched: ReadonlyMap<string, boolean>,
): Omit<ReceiptHour, "hour" | "gaps"> {
  const isOpen = (key: string) => watched.get(key) === true
  const keys = new Set([...checked, ...unexamined, ...deleted, ...watched.keys()])
  const count = { checked: 0, unexamined: 0, deleted: 0, waiting: 0 }
  for (const key of keys) {
    if (isOpen(key)) count.waiting++
    else if (unexamined.has(key)) count.unexamined++
    else if (checked.has(key)) count.checked++
    else if (deleted.has(key)) count.deleted++
    else count.waiting++
  }
  const alertsByRule: Record<string, number> = {}
  for (const alert of alerts) alertsByRule[ruleIdIn(alert)] = (alertsByRule[ruleIdIn(alert)] ?? 0) + 1
  const vendorTotal = totals.size === 0 ? null : highest(totals)
  return {
    listed: keys.size,
    ...count,
    alerts: new Set([...alerts].map(keyIn)).size,
    alertsByRule,
    verdictsByRule: verdictsOf({ alerts, bad, fine }),
    unreadable: highest(unreadable),
    vendorTotal,
    // A smaller one proves nothing: the vendor may leave out what was deleted.
    missing: Math.max(0, (vendorTotal ?? 0) - keys.size),
  }
}

function highest(numbers: ReadonlySet<string>): number {
  return Math.max(0, ...[...numbers].map(Number).filter(Number.isFinite))
}

function gapsOf(
  { since, gaps }: StoredCoverage,
  control: Control | null,
  span: { from: Instant; to: Instant },
  now: Instant,
): CoverageGap[] {
  const all: CoverageGap[] = gaps.map(({ from, to }) => ({ from, to, kind: "unread" }))
  all.push({ from: 0, to: since ?? now, kind: "unknown" })
  const { completedAt = 0, resumeAt = null } = control ?? {}
  const isSilent = now - completedAt > silenceMs(control)
  if (isSilent) all.push({ from: Math.max(completedAt, since ?? 0), to: now, kind: "unread" })
  if (resumeAt !== null && resumeAt < now - BEHIND_MS) all.push({ from: resumeAt, to: now, kind: "behind" })
  return merged(within(all, span))
}

function within(gaps: readonly CoverageGap[], { from, to }: { from: Instant; to: Instant }): CoverageGap[] {
  return gaps.flatMap((gap) => {
    const cut = { ...gap, from: Math.max(gap.from, from), to: Math.min(gap.to, to) }
    return cut.from < cut.to ? [cut] : []
  })
}

/** In their order; those of a kind that touch are one. */
function merged(gaps: readonly CoverageGap[]): CoverageGap[] {
  const apart: CoverageGap[] = []
  for (const gap of [...gaps].sort((a, b) => a.from - b.from)) {
    const index = apart.findLastIndex(({ kind }) => kind === gap.kind)
    const last = apart[index]
    if (last && last.to >= gap.from) apart[index] = { ...last, to: Math.max(last.to, gap.to) }
    else apart.push(gap)
  }
  return apart
}

function sumOf(hours: readonly ReceiptHour[]): CoverageCounts {
  const alertsByRule: Record<string, number> = {}
  const sum = (of: (hour: ReceiptHour) => number) => hours.reduce((total, hour) => total + of(hour), 0)
  for (const hour of hours) {
    for (const [id, count] of Object.entries(hour.alertsByRule))
      alertsByRule[id] = (alertsByRule[id] ?? 0) + count
  }
  return {
    listed: sum(({ listed }) => listed),
    checked: sum(({ checked }) => checked),
    unexamined: sum(({ unexamined }) => unexamined),
    deleted: sum(({ deleted }) => deleted),
    waiting: sum(({ waiting }) => waiting),
    alerts: sum(({ alerts }) => alerts),
    alertsByRule,
    verdictsByRule: addVerdicts(hours.map(({ verdictsByRule }) => verdictsByRule)),
    unreadable: sum(({ unreadable }) => unreadable),
    // A call at the border of two hours may be counted in the other one.
    missing: Math.max(
      0,
      sum(({ vendorTotal, listed }) => (vendorTotal ?? listed) - listed),
    ),
  }
}

/** Such as `214 of 214 calls checked, 3 alerts, nothing waiting.` What is wrong follows, and nothing does if nothing is. */
export function receiptText({ total, gaps }: Pick<Receipt, "total" | "gaps">): string {
  const { listed, checked, alerts, waiting, unexamined, deleted, unreadable, missing } = total
  const unread = lengthOf(gaps, "unread")
  const unknown = lengthOf(gaps, "unknown")
  const parts = [
    `${checked} of ${listed} ${listed === 1 ? "call" : "calls"} checked`,
    alerts === 1 ? "1 alert" : `${alerts === 0 ? "no" : alerts} alerts`,
    waiting === 0 ? "nothing waiting" : `${waiting} waiting`,
    ...(unexamined > 0 ? [`${unexamined} closed unexamined`] : []),
    ...(deleted > 0 ? [`${deleted} deleted at echowin`] : []),
    ...(unreadable > 0 ? [`${unreadable} unreadable`] : []),
    ...(missing > 0 ? [`echowin counts ${missing} more`] : []),
    ...(unread > 0 ? [`no complete reading for ${durationText(unread)}`] : []),
    ...(gaps.some(({ kind }) => kind === "behind") ? ["older calls are still being read"] : []),
    ...(unknown > 0 ? [`nothing is known of ${durationText(unknown)}`] : []),
  ]
  return `${parts.join(", ")}.`
}

function lengthOf(gaps: readonly CoverageGap[], kind: CoverageGap["kind"]): number {
  return gaps.reduce((sum, gap) => sum + (gap.kind === kind ? gap.to - gap.from : 0), 0)
}
