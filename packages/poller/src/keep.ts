/** Keeps what is known of a call: one conditional write, made on what others may have written meanwhile. */
import { type CallRecord, withTrail } from "@earshot/core/alert/call-record"
import { earliestAttemptAt } from "@earshot/core/alert/delivery"
import { firstSeenOf } from "@earshot/core/call/trail"
import type { CallState } from "@earshot/core/receipt/hour"
import type { Recipient } from "@earshot/core/alert/routing"
import { assess, awaitedOf, isAlertedEverywhere, isShown, recordOf } from "@earshot/core/detail/assessment"
import type { LookPace } from "@earshot/core/watch/interval"
import { lacksListed } from "@earshot/core/detail/subject"
import type { Instant } from "@earshot/core/instant"
import { isSameJson } from "@earshot/core/json"
import type { CompiledRule } from "@earshot/core/rule/rule"
import type { Store, Versioned } from "@earshot/io/store/store"
import type { Assessed, Examined } from "./examined.ts"
import type { Memory } from "./memory/memory.ts"
import { noteOf } from "./memory/coverage-memory.ts"
import { countFields } from "./memory/presence-memory.ts"
import { rememberRecord } from "./memory/record-memory.ts"

/** Writes of one record that may collide with somebody else's. More than that, and something is wrong. */
const COLLISIONS_MAX = 5

export type Keeping = {
  examined: Examined
  rules: readonly CompiledRule[]
  channels: readonly Recipient[]
  memory: Memory
  now: Instant
  pace: LookPace
  /** Has to be awaited before anything is owed. */
  mark: () => Promise<void>
}

/**
 * Keeps an assessed call, and adds to `examined` what came of it and what is to be remembered. What is worth no write is not
 * written: a call of which the list says everything that is known, or of which a detail said that it goes on. Throws after
 * five collisions.
 */
export async function keep(store: Store, keeping: Keeping, assessed: Assessed): Promise<void> {
  const { examined, channels, memory, now, pace } = keeping
  const { subject, assessment } = assessed
  const { id, call, kind } = subject.candidate
  // If the list shows it again, it has changed: one that was gone, and one of which the list may have said more than is kept.
  const isToBeSeen = assessment.why === "gone" || lacksListed(subject)
  const remembered = isToBeSeen ? { ...call, fingerprint: "" } : call
  if (assessment.kind === "blank") {
    if (assessment.why === "unexamined") examined.unexamined.add(id)
    const state = assessment.why === "gone" ? "deleted" : "unexamined"
    if (assessment.open === null) examined.notes.set(id, noteOf(call, state, null))
    examined.calls.push({ ...remembered, open: assessment.open })
    return
  }

  const kept = await write(store, keeping, assessed)
  if (!kept) {
    // What is stored of the call cannot be read: it is left out, and that has been noted.
    examined.notes.set(id, noteOf(call, "unexamined", null))
    if (kind === "old") examined.reviewed.set(id, { fingerprint: call.fingerprint, isExamined: true })
    else examined.calls.push({ ...remembered, open: null })
    return
  }
  if (kept.isNewAlert) examined.alerts++
  if (kept.owesMore && kept.stored) examined.owing.set(id, kept.stored)
  examined.notes.set(id, noteOf(call, stateOf(kept.assessment), kept.record))
  if (kept.isRestated) examined.restated.push(kept.record)
  if (kept.isNewlyClosed) countFields(memory.presence, kept.record)
  const state = {
    isKept: kept.stored !== null,
    isAlerted: isAlertedEverywhere(kept.record, kept.assessment.judgement, channels),
    pace,
  }
  const open = awaitedOf(subject, kept.assessment, state, now)
  rememberRecord(memory.record, id, open ? kept.stored : null)
  const isUnexamined = kept.assessment.why === "unexamined"
  // Marks are made by our clock, which the vendor's may be hours ahead of; and a call that was given up may have been followed anew.
  const aheadMs = Math.max(0, examined.turn.control.clockNotice?.stampsMs ?? 0)
  const knownSince = Math.min(call.startedAt - aheadMs, firstSeenOf(kept.record))
  if (kept.assessment.kind === "closed" && !isUnexamined) examined.decided.set(id, knownSince)
  if (kind === "old" && !open) {
    examined.reviewed.set(id, { fingerprint: call.fingerprint, isExamined: !isUnexamined })
    return
  }
  if (isUnexamined) examined.unexamined.add(id)
  examined.calls.push({ ...remembered, open })
}

/** One that was given up on undecided was not checked, whatever the reason. */
function stateOf({ kind, why }: Judged): CallState {
  if (kind === "open") return "open"
  return why === "decided" ? "checked" : why === "gone" ? "deleted" : "unexamined"
}

/** `stored` is null if it was worth no write. */
type Kept = {
  record: CallRecord
  stored: Versioned<CallRecord> | null
  assessment: Judged
  isNewAlert: boolean
  owesMore: boolean
  isRestated: boolean
  isNewlyClosed: boolean
}

type Judged = Parameters<typeof recordOf>[1]

/**
 * Assesses again, on the newer record, if somebody else has written meanwhile. Null if there is a record, and it cannot be read.
 */
async function write(
  store: Store,
  { rules, channels, now, mark }: Keeping,
  { subject, stored, assessment: first }: Assessed,
): Promise<Kept | null> {
  const { id } = subject.candidate
  let current = stored
  for (let attempt = 0; attempt < COLLISIONS_MAX; attempt++) {
    const known = current?.value ?? null
    const seen = { ...subject, record: known }
    const assessment = known === subject.record ? first : assess(seen, rules, now)
    // What this process remembered of it is all that there was, and what is stored cannot be read.
    if (assessment.kind === "blank") return null
    const record = recordOf(seen, assessment, channels, now)
    const kept = {
      record,
      assessment,
      isNewAlert: record.alert !== null && !known?.alert,
      owesMore: owesMore(record, known),
      isRestated: isRestated(record, known),
      isNewlyClosed: !record.isOpen && known?.isOpen !== false,
    }
    const isWorthIt =
      current !== null || !record.isOpen || record.alert !== null || record.facts.detailIsFinal
    if (!isWorthIt) return { stored: null, ...kept }
    if (current && saysTheSame(record, current.value)) return { stored: current, ...kept }
    if (kept.owesMore) await mark()
    const version = current?.version ?? 0
    const traced = withTrail(record, known, { now, isSeen: isShown(subject) })
    if (await store.writeCall(traced, version))
      return { ...kept, record: traced, stored: { version: version + 1, value: traced } }
    current = await store.readCall(id)
    // Twice refused because there is a record, and twice there was none to be read.
    if (!current && version === 0 && attempt > 0) return null
  }
  throw new Error(`The record of call ${id} was changed by others ${COLLISIONS_MAX} times.`)
}

/** Whether there is a message that was not owed before, or one that may go sooner. */
function owesMore({ deliveries }: CallRecord, known: CallRecord | null): boolean {
  const before = known?.deliveries ?? []
  const [at, beforeAt] = [earliestAttemptAt(deliveries), earliestAttemptAt(before)]
  return deliveries.length > before.length || (at !== null && (beforeAt === null || at < beforeAt))
}

/** Whether a message of before would say something else by now. */
function isRestated({ alert }: CallRecord, known: CallRecord | null): boolean {
  const before = known?.alert
  if (!alert || !before) return false
  return (
    alert.reasons.length !== before.reasons.length || alert.withdrawals?.length !== before.withdrawals?.length
  )
}

/** While a call is open, it is not worth a write that somebody has looked at it again and found nothing new. */
function saysTheSame(record: CallRecord, stored: CallRecord): boolean {
  const { detailedAt } = record.isOpen ? stored.facts : record.facts
  return isSameJson({ ...record, facts: { ...record.facts, detailedAt } }, stored)
}
