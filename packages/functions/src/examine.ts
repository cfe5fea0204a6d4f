/**
 * Judges the calls that a poll has picked, fetches the details that could decide a rule, and keeps what came of
 * it. A call that does not fit into the poll is left over, and the cursor waits for it.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import type { CallsApi } from "@earshot/calls-api/client"
import { affordable, usedInHour } from "@earshot/core/budget"
import type { CallRecord } from "@earshot/core/call-record"
import { recordJudgement } from "@earshot/core/call-record"
import type { Candidate } from "@earshot/core/candidate"
import { type Facts, hasEnded, observeDetail, observeRow } from "@earshot/core/facts"
import type { Instant } from "@earshot/core/instant"
import { judge, type Judgement, matches, OPEN_MAX_MS } from "@earshot/core/judgement"
import { type LookRequest, lookAt, openStateAfter, planLooks } from "@earshot/core/look"
import type { ChannelId, CompiledRule } from "@earshot/core/rule"
import type { WatchedCall } from "@earshot/core/watch"
import type { Store, Versioned } from "@earshot/io/store"
import type { World } from "@earshot/io/world"
import { type Details, fetchDetails } from "./detail.ts"
import { keepCall } from "./keep.ts"
import { inParallel } from "./parallel.ts"
import { chargeTurn, isTooLate, type Turn } from "./turn.ts"

/** Reads and writes of records at once. */
const LANES = 8
/** Calls that one poll judges at most: they have to be kept within its time. */
const CANDIDATES_MAX = 600
/**
 * Open calls that are remembered at most; with more, new ones wait in the list until some are decided. With an hour
 * of three thousand decided calls beside them the watch stays below 350 KB.
 */
export const OPEN_CALLS_MAX = 1000

export type Examined = {
  turn: Turn
  /** The calls that were judged, as they are to be remembered. */
  calls: WatchedCall[]
  /** The start of the earliest new call that was not judged; null if all were. */
  leftOverFrom: Instant | null
  /** Detail requests made, and those that were charged and not made. */
  requests: number
  unused: number
  blockedUntil: Instant
  alerts: number
  unexamined: number
  /** Calls with a delivery that this poll has made due. */
  owingIds: string[]
}

type Setting = {
  api: CallsApi
  rules: readonly CompiledRule[]
  channels: readonly ChannelId[]
  turn: Turn
  /** How many calls are open before. */
  openCalls: number
}
type Subject = Candidate & { known: Versioned<CallRecord> | null }

export async function examine(
  world: World,
  store: Store,
  { api, rules, channels, turn: opened, openCalls }: Setting,
  candidates: readonly Candidate[],
): Promise<Examined> {
  const examined: Examined = {
    turn: opened,
    calls: [],
    leftOverFrom: null,
    requests: 0,
    unused: 0,
    blockedUntil: 0,
    alerts: 0,
    unexamined: 0,
    owingIds: [],
  }
  if (candidates.length === 0) return examined
  const subjects: Subject[] = []
  await inParallel(candidates.slice(0, CANDIDATES_MAX), LANES, async (candidate) => {
    const hasRecord = !candidate.isNew && candidate.call.open?.isKept !== false
    subjects.push({ ...candidate, known: hasRecord ? await store.readCall(candidate.call.id) : null })
  })
  // Oldest first again: what a poll has no time for is then newer than all that it kept.
  subjects.sort((a, b) => a.call.at - b.call.at)
  const now = world.now()
  const requests = subjects.flatMap((subject) => lookRequest(subject, rules, now) ?? [])
  const planned = planDetails(requests, opened, now)
  const mustKeep = subjects.some((subject) => isWorthKeeping(subject, rules, now))
  if (planned.length > 0 || mustKeep) {
    // The plan is within what this turn can afford, so that all of it is granted.
    const charged = await chargeTurn(world, store, opened, "detail", planned.length)
    examined.turn = charged.turn
  }
  const details = await fetchDetails(world, api, planned, () => isTooLate(world, opened, "look"))
  examined.requests = details.asked.size
  examined.unused = planned.length - details.asked.size
  examined.blockedUntil = details.blockedUntil

  let open = openCalls
  await inParallel(subjects, LANES, async (subject) => {
    const isFull = subject.isNew && open >= OPEN_CALLS_MAX
    if (isFull || isTooLate(world, opened, "keep")) {
      leave(examined, subject)
      return
    }
    const call = await keep(store, { rules, channels, details, examined, now }, subject)
    if (!call) return
    if (call.open && subject.isNew) open++
    examined.calls.push(call)
  })
  for (const candidate of candidates.slice(CANDIDATES_MAX)) leave(examined, candidate)
  return examined
}

/** A call that is known stays as it was remembered; one that is new holds the cursor. */
function leave(examined: Examined, { call, hasChanged }: Candidate): void {
  if (hasChanged) examined.leftOverFrom = Math.min(examined.leftOverFrom ?? call.at, call.at)
}

function observe(
  subject: Candidate,
  known: CallRecord | null,
  detail: CallDetail | null,
  now: Instant,
): Facts | null {
  const listed = subject.row ? observeRow(known?.facts ?? null, subject.row, now) : (known?.facts ?? null)
  const facts = detail ? observeDetail(listed, detail, now) : listed
  // The first sight of a call that was not worth a record is remembered with it.
  return facts && { ...facts, firstSeenAt: subject.call.open?.firstSeenAt ?? facts.firstSeenAt }
}

function lookRequest(subject: Subject, rules: readonly CompiledRule[], now: Instant): LookRequest | null {
  const { call, isListed, hasChanged, isNew } = subject
  const facts = observe(subject, subject.known?.value ?? null, null, now)
  if (!facts) return lookAt(call, { isListed, isTold: false, isFresh: false }, now)
  const judgement = judge(rules, facts, now)
  const open = openStateAfter(
    call.open,
    facts,
    judgement,
    { hasChanged, wasLookedAt: false, isKept: false },
    now,
  )
  const isTold = facts.detailedAt === null && !subject.known?.value.alert && matches(judgement).length > 0
  return lookAt({ ...call, open }, { isListed, isTold, isFresh: hasChanged && !isNew }, now)
}

function isWorthKeeping(subject: Subject, rules: readonly CompiledRule[], now: Instant): boolean {
  const facts = observe(subject, subject.known?.value ?? null, null, now)
  if (!facts) return false
  const judgement = judge(rules, facts, now)
  return subject.known !== null || !judgement.isOpen || matches(judgement).length > 0
}

function planDetails(
  requests: readonly LookRequest[],
  { control, ring, limits, startedAt }: Turn,
  now: Instant,
): string[] {
  if (control.detailBlockedUntil > Math.max(startedAt, now)) return []
  return planLooks(requests, {
    affordable: affordable(ring, "detail", limits),
    usedInHour: usedInHour(ring, "detail"),
    perHour: limits.detailPerHour,
  })
}

type Keeping = {
  rules: readonly CompiledRule[]
  channels: readonly ChannelId[]
  details: Details
  examined: Examined
  now: Instant
}

/** The call as it is to be remembered; null if there is nothing that could be judged. */
async function keep(
  store: Store,
  { rules, channels, details, examined, now }: Keeping,
  subject: Subject,
): Promise<WatchedCall | null> {
  const { call } = subject
  const found = details.found.get(call.id) ?? null
  const isGone = found === "gone"
  const detail = found === "gone" ? null : found
  const wasLookedAt = details.asked.has(call.id)
  if (!subject.row && !subject.known && !detail) {
    // What it would have told is not known, and that must not look as if it had told nothing.
    if (isTooOld(call, now) && !isGone) examined.unexamined++
    return forget(call, isGone, wasLookedAt, now)
  }

  let facts: Facts | null = null
  let judgement: Judgement | null = null
  const kept = await keepCall(store, call.id, subject.known, (known) => {
    facts = observe(subject, known, detail, now)
    if (!facts) throw new Error(`Nothing is known of call ${call.id}.`)
    const judged = judge(rules, facts, now)
    judgement = isGone ? { ...judged, isOpen: false } : judged
    return recordJudgement(known, facts, judgement, channels, now)
  })
  if (kept.isNewAlert) examined.alerts++
  if (kept.owesMore) examined.owingIds.push(call.id)
  const open = openStateAfter(
    call.open,
    kept.record.facts,
    judgement ?? judge(rules, kept.record.facts, now),
    { hasChanged: subject.hasChanged, wasLookedAt, isKept: kept.isStored },
    now,
  )
  if (!open && isUnexamined(kept.record.facts, rules, isGone, now)) examined.unexamined++
  return { ...call, open }
}

/** A call of which nothing but its place in the list is known, and that the list does not show any more. */
function forget(call: WatchedCall, isGone: boolean, wasLookedAt: boolean, now: Instant): WatchedCall | null {
  if (!call.open) return null
  if (isGone || isTooOld(call, now)) return { ...call, open: null }
  if (!wasLookedAt) return null
  const looks = call.open.looks + 1
  return { ...call, open: { ...call.open, looks, nextLookAt: now + 60_000 * Math.min(looks, 10) } }
}

function isTooOld({ open }: WatchedCall, now: Instant): boolean {
  return open !== null && now >= open.firstSeenAt + OPEN_MAX_MS
}

/** Closed for its age, although a rule still needed a detail that nobody could fetch. */
function isUnexamined(facts: Facts, rules: readonly CompiledRule[], isGone: boolean, now: Instant): boolean {
  if (isGone || !hasEnded(facts.call)) return false
  const { wantsDetail, isUndecided } = judge(rules, facts, now)
  return wantsDetail && isUndecided
}
