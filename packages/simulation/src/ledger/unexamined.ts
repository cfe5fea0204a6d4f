/**
 * What is said of calls that nobody could examine: the count of those that were closed so, and the gauge of those that wait.
 * Neither may hold a call whose detail was kept, and a call that should have been found by its detail is in one of the two.
 */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { HOUR, type Instant, MINUTE, instantOf } from "@earshot/core/instant"
import { callKey } from "@earshot/core/watch/call-key"
import { countWaiting, isWaiting } from "@earshot/core/watch/watch"
import type { Process } from "../process/process.ts"
import type { SimulatedCall } from "../truth/call.ts"
import { firstFrom } from "../truth/call.ts"
import { foundAt } from "./account.ts"
import type { Books } from "./books.ts"
import { promisesOf } from "./promise.ts"

export type UnexaminedLedger = {
  /** A call was marked as closed unexamined; null: the mark was taken off. */
  marked: (callId: string, at: Instant | null) => void
  kept: (record: CallRecord, process: Process) => void
  /** Looks at the gauge. */
  checkWaiting: () => void
  /** `counted`: how many calls the store says were closed unexamined at `since` or later. Asked while nothing is at work. */
  checkCount: (counted: number, since: Instant) => void
}

/** An open call is followed for six hours, and then closed. */
const FOLLOWED_MS = 7 * HOUR

/** As its row says; 0: it does not. */
function shownEnd({ arrived }: SimulatedCall): Instant {
  const shown = arrived?.["endedAt"]
  return (typeof shown === "string" ? instantOf(shown) : null) ?? 0
}

/** A poll may be on its way to say so. */
const ON_THE_WAY_MS = 10 * MINUTE

export function createUnexaminedLedger(books: Books): UnexaminedLedger {
  const { unexamined, examined, findings, now, promising } = books
  /** Those with such a detail that the watch knew to be decided: what a poll keeps before it dies comes into no watch. */
  const decided = new Set<string>()
  /** Who kept each such detail last. */
  const keepers = new Map<string, Process>()
  /** Once a rule has settled, a last look decides it. */
  const settleMs = Math.max(0, ...promising.versions.map((version) => version.settleMs))
  const hadLastLook = (id: string) => {
    const call = books.traffic.call(id)
    // One whose row says that it is still to end counts as ended when it is first seen, and nobody here knows when that was.
    if (!call || shownEnd(call) > call.endedAt + HOUR) return false
    // What is analysed again is looked at again.
    const analysed = [call.scoreAt, call.summaryAt, call.revisedAt].filter((at) => at <= now())
    return (examined.get(id) ?? 0) > Math.max(call.endedAt + settleMs, ...analysed) + MINUTE
  }

  return {
    marked(callId, at) {
      if (at === null) unexamined.delete(callId)
      else unexamined.set(callId, at)
    },

    kept({ callId, facts }, process) {
      if (!facts.detailIsFinal) return
      examined.set(callId, facts.detailedAt ?? 0)
      keepers.set(callId, process)
    },

    checkWaiting() {
      const { watch, traffic } = books
      if (!watch || books.mayBeMistimed(now() - FOLLOWED_MS, now())) return
      let overdue = 0
      const calls = traffic.callsAt(now())
      const first = firstFrom(calls, now() - FOLLOWED_MS, (call) => call.createdAt)
      for (const call of calls.slice(first)) {
        const known = watch.calls.get(callKey(call.id))
        if (!hadLastLook(call.id)) decided.delete(call.id)
        else if (known && !known.open) decided.add(call.id)
        // A watch that is rebuilt by polls that die does not know of every record.
        const isRemembered = decided.has(call.id) && call.createdAt > books.watchLostAt
        if (known?.open && isWaiting(known.open, now()) && isRemembered)
          findings.violated(`call ${call.id} is said to wait for a detail that was kept`)
        if (!known || !isOverdue(books, call)) continue
        if (known.open?.wantsDetail) overdue++
        else if (!unexamined.has(call.id))
          findings.violated(`of call ${call.id} nothing was found, and nothing says that it was not examined`)
      }
      const waiting = countWaiting(watch, now())
      if (waiting < overdue)
        findings.violated(`${overdue} calls wait for a detail, and the gauge says ${waiting}`)
    },

    checkCount(counted, since) {
      const marked = [...unexamined].filter(([, at]) => at >= since).map(([id]) => id)
      if (counted !== marked.length)
        findings.violated(
          `${marked.length} calls are marked as closed unexamined, and ${counted} are counted`,
        )
      for (const id of marked)
        // Whoever keeps a detail takes the mark off a moment later, unless it dies; or once the call is decided, if it is open again.
        if (hadLastLook(id) && !keepers.get(id)?.isDead && !books.watch?.calls.get(callKey(id))?.open)
          findings.violated(`call ${id} is counted as closed unexamined, and its detail was kept`)
    },
  }
}

/** Whether a rule that is in force would long have matched by what the call's detail says, and did not. */
function isOverdue(books: Books, call: SimulatedCall): boolean {
  const { now, promising } = books
  if (call.look.hidesEnd || call.deletedAt <= now() || call.arrived === null || books.damaged.has(call.id))
    return false
  return promisesOf(call, promising).some(
    ({ by, deadline, version }) =>
      by === "detail" &&
      deadline + ON_THE_WAY_MS <= now() &&
      now() < version.until &&
      foundAt(call, version) === null,
  )
}
