/**
 * What the coverage receipt may say: a call counts as checked only if its record was closed with every rule decided, in the hour in
 * which it started, and if nothing says that it was not examined. On a calm day every call that was listed is checked.
 */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { NO_COVERAGE, type StoredCoverage, hourOf } from "@earshot/core/receipt/hour"
import { receiptOf } from "@earshot/core/receipt/receipt"
import { DAY, HOUR, type Instant, MINUTE, instantOf } from "@earshot/core/instant"
import { FIRST_CONTROL } from "@earshot/core/turn/control"
import { CallKey, callKey } from "@earshot/core/watch/call-key"
import { EMPTY_WATCH, type Watch } from "@earshot/core/watch/watch"
import type { Books } from "./books.ts"

/** What became of a call is written down every ten minutes, with the poll after that. */
const NOTED_MS = 12 * MINUTE

export type CoverageLedger = {
  noteClosed: (record: CallRecord) => void
  /** `stored`: all that was noted. `span`: the hours in which there were calls. Asked when all is quiet. */
  checkCoverage: (stored: StoredCoverage, span: { from: Instant; to: Instant }) => void
}

/**
 * When the call was marked as closed unexamined; null if it was not, or may count as checked all the same. One that was decided, and
 * that a later rule could not judge, was checked by the rules of its time.
 */
export function uncheckedAt({ unexamined, firstClosedAt, decidedAt }: Books, id: string): Instant | null {
  const markedAt = unexamined.get(id)
  if (markedAt === undefined || (firstClosedAt.get(id) ?? 0) <= markedAt - MINUTE) return null
  // A mark counts for a day. It is not taken off a call that is examined after all when nobody looks at it any more.
  return (decidedAt.get(id) ?? 0) - markedAt > DAY ? null : markedAt
}

export function createCoverageLedger(books: Books): CoverageLedger {
  const { findings, traffic, decided, firstClosedAt, decidedAt } = books
  const ids = new Map<string, string>()

  function checkChecked(key: string, hour: Instant): void {
    const id = ids.get(key)
    const call = id === undefined ? undefined : traffic.call(id)
    if (id === undefined || !call) {
      findings.violated(`the receipt counts ${key} as checked, and nothing was kept of it`)
      return
    }
    if (decided.get(id) !== true) findings.violated(`call ${id} counts as checked, and was not decided`)
    if (uncheckedAt(books, id) !== null)
      findings.violated(`call ${id} counts as checked, and was not examined`)
    // The vendor's clock may be hours off: its hours count.
    const shown = call.arrived?.["createdAt"]
    const shownAt = (typeof shown === "string" ? instantOf(shown) : null) ?? call.createdAt
    if (hourOf(shownAt) !== hour && hourOf(call.createdAt) !== hour)
      findings.violated(`call ${id} is counted in another hour`)
  }

  function checkCalm({ hours }: StoredCoverage, span: { from: Instant; to: Instant }, watch: Watch): void {
    for (const call of traffic.callsAt(span.to)) {
      if (call.createdAt < span.from || !call.arrived || call.deletedAt <= books.now()) continue
      const key = callKey(call.id)
      const { checked, unexamined } = hours.get(hourOf(call.createdAt)) ?? NO_COVERAGE
      // Nobody can follow more calls than there is room for: those that a storm crowds out are said to be unexamined.
      const isNoted = checked.has(key) || (books.storm !== null && unexamined.has(key))
      const isFresh = span.to + HOUR - (decidedAt.get(call.id) ?? 0) < NOTED_MS
      if (!isNoted && !isFresh && !watch.calls.get(key)?.open)
        findings.violated(`call ${call.id} was listed on a calm day, and does not count as checked`)
    }
  }

  return {
    noteClosed({ callId, isOpen, verdicts }) {
      ids.set(callKey(callId), callId)
      const isDecided = verdicts.every(({ truth, isSettled }) => truth !== "unknown" || isSettled)
      // A rule that was edited may judge it once more; by the rules of its time it was checked.
      decided.set(callId, decided.get(callId) === true || (!isOpen && isDecided))
      if (!isOpen && !firstClosedAt.has(callId)) firstClosedAt.set(callId, books.now())
      if (!isOpen) decidedAt.set(callId, books.now())
    },
    checkCoverage(stored, span) {
      const watch = books.watch ?? EMPTY_WATCH
      for (const [hour, { checked, unexamined }] of stored.hours) {
        for (const key of checked) {
          const isLess = unexamined.has(key) || watch.calls.get(CallKey.parse(key))?.open
          if (!isLess) checkChecked(key, hour)
        }
      }
      const { total } = receiptOf({ stored, control: FIRST_CONTROL, watch }, span, span.to)
      const sum = total.checked + total.unexamined + total.deleted + total.waiting
      if (total.listed !== sum)
        findings.violated(`the receipt lists ${total.listed} calls and accounts for ${sum}`)
      // What a process has not noted when another takes its place is lost, and the receipt says less.
      const isAlone = books.keepers.size <= 1
      const isAccountable = books.promising.isCalm && books.unexamined.size === 0 && isAlone
      if (!isAccountable) return
      checkCalm(stored, { from: span.from, to: span.to - HOUR }, watch)
      if (total.missing > 0) findings.violated(`the vendor counts ${total.missing} more calls on a calm day`)
    },
  }
}
