/**
 * Judges the calls that a poll has picked, fetches the details that could decide a rule, and keeps what came of
 * each at once. A call that does not fit into the poll is left over, and the cursor waits for it.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import type { CallsApi } from "@earshot/calls-api/client"
import { type CallRecord, recordJudgement } from "@earshot/core/alert/call-record"
import { type Facts, endOf, hasEnded, observeDetail, observeRow } from "@earshot/core/call/facts"
import type { ChannelId } from "@earshot/core/channel/channel"
import { openStateAfter } from "@earshot/core/detail/awaiting"
import { type LookRequest, lookAt, planLooks } from "@earshot/core/detail/look"
import { fingerprint } from "@earshot/core/fingerprint"
import { LATE_MS, OLD_MAX_MS, OPEN_MAX_MS } from "@earshot/core/horizon"
import { HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import type { Candidate } from "@earshot/core/list/candidate"
import { type Judgement, judge, matches } from "@earshot/core/rule/judgement"
import type { CompiledRule } from "@earshot/core/rule/rule"
import { affordable, paceOf } from "@earshot/core/turn/budget"
import { LOOK_WAIT_MAX_MS } from "@earshot/core/watch/open-state"
import type { WatchedCall } from "@earshot/core/watch/watch"
import type { Store, Versioned } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Inquiry, type Looked, fetchDetail } from "./fetch-detail.ts"
import { keepCall } from "./keep.ts"
import { type Memory, rememberRecord } from "./memory/memory.ts"
import { inParallel } from "./parallel.ts"
import { type Turn, chargeTurn, isTooLate, markOwing } from "./turn.ts"

/** Reads and writes of records at once. */
const LANES = 8

/** Details at once: quick enough for a poll, and no burst that would bother the vendor. */
const DETAIL_LANES = 4

/** Calls that one poll judges at most: they have to be kept within its time. */
const CANDIDATES_MAX = 600

/** And so many of them, and so many details, after a poll that vanished: who dies again begins with the first. */
const CAREFUL_MAX = 140

/**
 * A call from before the window that nobody could examine is examined while details are spent at less than this share of
 * the hour's: more than what is spent on probes, which can wait, and less than what new calls take on a busy day.
 */
const LATE_SHARE = 0.8

export type Examined = {
  turn: Turn
  /** The calls that were judged, as they are to be remembered. */
  calls: WatchedCall[]
  /** The start of the earliest changed call that was not judged; null if all were. */
  leftOverFrom: Instant | null
  /** Detail requests made, and those that were charged and not made. */
  requests: number
  unused: number
  blockedUntil: Instant
  alerts: number
  unexamined: number
  /** Calls with a delivery that this poll has made due. */
  owingIds: string[]
  /** Fingerprints, by id, of calls before the window that are decided, and of those that nobody has examined. */
  reviewed: Map<string, string>
  passedOver: Map<string, string>
}

export type Setting = {
  api: CallsApi
  rules: readonly CompiledRule[]
  channels: readonly ChannelId[]
  memory: Memory
  turn: Turn
  /** No other process has had a turn since the last one of this: there are no records but those it knows of. */
  isUninterrupted: boolean
  /** A poll that had more to do has vanished. */
  isCareful: boolean
}

type Subject = Candidate & { known: Versioned<CallRecord> | null }

/** Judges at most 600 calls that have changed, 140 after a poll that vanished; others are left over. Throws `Overtaken`. */
export async function examine(
  world: World,
  store: Store,
  setting: Setting,
  candidates: readonly Candidate[],
): Promise<Examined> {
  const { api, rules, turn: opened } = setting
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
    reviewed: new Map(),
    passedOver: new Map(),
  }
  const [looks, changed] = partition(candidates, (candidate) => candidate.isOnlyLook)
  const now = world.now()
  const isPlenty = hasPlenty(opened)
  const most = setting.isCareful ? CAREFUL_MAX : CANDIDATES_MAX
  const all = await inParallel(changed.slice(0, most), LANES, (candidate) => {
    return withRecord(store, setting, candidate)
  })
  const [known, subjects] = partition(all, (subject) => isKnownAsItIs(subject, rules, { isPlenty, now }))
  for (const subject of known) note(examined, subject, rules, now)
  const first = subjects.map((subject) => judgeAtFirst(subject, rules, now))
  const requests = [
    ...first.flatMap(({ request }) => request ?? []),
    ...looks.flatMap(
      ({ id, call, isListed }) => lookAt(id, call, { isListed, isBetween: opened.isBetween }, now) ?? [],
    ),
  ]
  const planned = new Set(planDetails(requests, opened, now).slice(0, most))
  const mustKeep = first.some(({ isWorthKeeping }) => isWorthKeeping)
  if (planned.size > 0 || mustKeep) {
    // The plan is within what this turn can afford, so that all of it is granted.
    const charged = await chargeTurn(world, store, opened, "detail", planned.size)
    examined.turn = charged.turn
  }

  const inquiry: Inquiry = { requests: 0, blockedUntil: 0, isKeyRejected: false }
  const markEach = async () => {
    examined.turn = await markOwing(world, store, examined.turn)
  }
  let marking: Promise<void> | null = null
  const markOnce = () => (marking ??= markEach())
  const mark = opened.isBetween ? markEach : markOnce
  const keeping: Keeping = { examined, isPlenty, now, mark, ...setting }
  const finish = async (subject: Subject, looked: Looked) => {
    if (isTooLate(world, opened, "keep")) leave(examined, subject)
    else await keep(store, keeping, subject, looked)
  }
  const [lookers, others] = partition(subjects, ({ id }) => planned.has(id))
  await Promise.all([
    inParallel(others, LANES, (subject) => finish(subject, null)),
    inParallel(
      [...lookers, ...looks.filter(({ id }) => planned.has(id))],
      DETAIL_LANES,
      async (candidate) => {
        // A poll that died may have fetched this very detail and kept it.
        const subject = await withRecord(store, setting, candidate, { isSought: true })
        const looked = isAnswered(subject, rules, now)
          ? null
          : await fetchDetail(world, api, inquiry, subject.id, () => isTooLate(world, opened, "look"))
        if (looked || subject.known || !subject.isOnlyLook) await finish(subject, looked)
      },
    ),
  ])
  examined.requests = inquiry.requests
  examined.unused = planned.size - inquiry.requests
  examined.blockedUntil = inquiry.blockedUntil
  for (const candidate of changed.slice(most)) leave(examined, candidate)
  return examined
}

/** Whether there are details for calls that nobody could examine in their time. */
export function hasPlenty({ ring, limits }: Turn): boolean {
  return paceOf(ring, "detail") < LATE_SHARE * limits.detailPerHour
}

/** A call from before the window that needs nothing now. */
function note(
  examined: Examined,
  { id, call, known }: Subject,
  rules: readonly CompiledRule[],
  now: Instant,
): void {
  const isPassedOver = known && isUnexamined(known.value.facts, undecidedOf(known.value, rules), now)
  const noted = isPassedOver ? examined.passedOver : examined.reviewed
  noted.set(id, call.fingerprint)
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  const parts: [T[], T[]] = [[], []]
  for (const item of items) parts[isFirst(item) ? 0 : 1].push(item)
  return parts
}

/** `isSought`: a record that nobody remembers to have written is looked for as well. */
async function withRecord(
  store: Store,
  { memory, isUninterrupted }: Setting,
  candidate: Candidate & { known?: Subject["known"] },
  { isSought = false } = {},
): Promise<Subject> {
  const { id, isOld, hasChanged, call } = candidate
  const known = candidate.known ?? memory.records.get(id)
  if (known) return { ...candidate, known }
  const mayBeKept = hasChanged || call.open?.endedAt !== null
  const mayHave = isOld || call.open?.isKept === true || (isSought && !isUninterrupted && mayBeKept)
  return { ...candidate, known: mayHave ? await store.readCall(candidate.id) : null }
}

/** A call from before the window of which the record tells all that the list does, and that nobody has to examine now. */
function isKnownAsItIs(
  { call, isOld, row, known }: Subject,
  rules: readonly CompiledRule[],
  { isPlenty, now }: { isPlenty: boolean; now: Instant },
): boolean {
  if (!isOld || !row || !known) return false
  if ((known.value.fingerprint ?? fingerprint(known.value.facts.call)) !== call.fingerprint) return false
  return !isWorthALateLook(known.value.facts, undecidedOf(known.value, rules), { isPlenty, now })
}

/** What was decided stays so, and a rule that is newer than the record replays no history. */
function undecidedOf({ verdicts }: CallRecord, rules: readonly CompiledRule[]): readonly CompiledRule[] {
  const unknown = verdicts.filter(({ truth }) => truth === "unknown")
  return rules.filter(({ id, version }) =>
    unknown.some((verdict) => verdict.ruleId === id && verdict.version === version),
  )
}

/** The record that somebody has already kept makes a detail needless. */
function isAnswered(subject: Subject, rules: readonly CompiledRule[], now: Instant): boolean {
  const facts = subject.known && observe(subject, subject.known.value, null, now)
  const isSeen = subject.row !== null
  return facts !== null && facts.detailIsFinal && !judge(rules, facts, now, { isSeen }).wantsDetail
}

/** One that has changed holds the cursor; one that is only due, by a new rule or its time, is due at the next poll. */
function leave(examined: Examined, { call, hasChanged }: Candidate): void {
  if (hasChanged) examined.leftOverFrom = Math.min(examined.leftOverFrom ?? call.startedAt, call.startedAt)
  else if (call.open) examined.calls.push({ ...call, open: { ...call.open, settlesAt: call.startedAt } })
}

function observe(
  subject: Candidate,
  known: CallRecord | null,
  detail: CallDetail | null,
  now: Instant,
): Facts | null {
  const { row } = subject
  const listed = row ? observeRow(known?.facts ?? null, row, now) : (known?.facts ?? null)
  const detailed = detail ? observeDetail(listed, detail, now) : listed
  // A detail may be some moments behind the list, which tells a change once: what it undoes would never be seen again. One
  // that tells of an end which the list does not show yet is ahead.
  const isAhead = row !== null && detail !== null && hasEnded(detail) && !hasEnded(row)
  const facts = row && !isAhead ? observeRow(detailed, row, now) : detailed
  // The first sight of a call that was not worth a record is remembered with it.
  return facts && { ...facts, firstSeenAt: subject.call.open?.firstSeenAt ?? facts.firstSeenAt }
}

/** What the list alone tells: whether a detail is worth a request, and whether there is something to keep already. */
function judgeAtFirst(
  subject: Subject,
  rules: readonly CompiledRule[],
  now: Instant,
): { request: LookRequest | null; isWorthKeeping: boolean } {
  const { id, call, isListed, hasChanged, known } = subject
  const facts = observe(subject, known?.value ?? null, null, now)
  if (!facts) return { request: lookAt(id, call, { isListed }, now), isWorthKeeping: false }
  const judgement = judge(rules, facts, now, { isSeen: subject.row !== null })
  const isMatch = matches(judgement).length > 0
  const state = { hasChanged, wasLookedAt: false, isKept: false, isTold: call.open?.isTold ?? false }
  const open = openStateAfter(call.open, facts, judgement, state, now)
  const isTold = isMatch && facts.detailedAt === null && !known?.value.alert
  return {
    request: lookAt(id, { startedAt: call.startedAt, open }, { isListed, isTold, isFresh: hasChanged }, now),
    isWorthKeeping: known !== null || !judgement.isOpen || isMatch,
  }
}

function planDetails(
  requests: readonly LookRequest[],
  { control, ring, limits, startedAt }: Turn,
  now: Instant,
): string[] {
  if (control.detailBlockedUntil > Math.max(startedAt, now)) return []
  return planLooks(requests, {
    affordable: affordable(ring, "detail", limits),
    pace: paceOf(ring, "detail"),
    perHour: limits.detailPerHour,
  })
}

type Keeping = Pick<Setting, "rules" | "channels" | "memory"> & {
  examined: Examined
  isPlenty: boolean
  now: Instant
  /** Has to be waited for before anything is owed. */
  mark: () => Promise<void>
}

/** Keeps what is known of a call now, and notes what is to be remembered of it. */
async function keep(
  store: Store,
  { rules, channels, memory, examined, isPlenty, now, mark }: Keeping,
  subject: Subject,
  looked: Looked,
): Promise<void> {
  const { id, call, isOld } = subject
  const isGone = looked?.kind === "gone" && isBelievedGone(subject, now)
  const detail = looked?.kind === "found" ? looked.detail : null
  // If the list shows one again that was gone, it has changed.
  const seen = isGone ? { ...call, fingerprint: "" } : call
  if (!subject.row && !subject.known && !detail) {
    const open = isGone ? null : afterNothing(call, looked !== null, now)
    // What it would have told is not known, and that must not look as if it had told nothing.
    if (!open && !isGone) examined.unexamined++
    examined.calls.push({ ...seen, open })
    return
  }

  let judgement: Judgement | null = null
  const isSeen = subject.row !== null || detail !== null
  const decide = (known: CallRecord | null) => {
    let facts = observe(subject, known, detail, now)
    if (!facts) throw new Error(`Nothing is known of call ${id}.`)
    // One that nobody could examine in its time gets another six hours, for a week.
    const isOverdue = isOld || now >= facts.firstSeenAt + OPEN_MAX_MS
    const isLate =
      isOverdue && now < call.startedAt + OLD_MAX_MS && isWorthALateLook(facts, rules, { isPlenty, now })
    if (isLate) facts = { ...facts, firstSeenAt: now }
    const judged = judge(rules, facts, now, { isSeen })
    const mayBeOpen = !isGone && (!isOld || isLate || facts.detailedAt !== null)
    judgement = mayBeOpen ? judged : { ...judged, isOpen: false }
    return { ...recordJudgement(known, facts, judgement, channels, now), fingerprint: call.fingerprint }
  }
  const kept = await keepCall(store, id, subject.known, { decide, mark })
  if (kept.isNewAlert) examined.alerts++
  if (kept.owesMore) examined.owingIds.push(id)
  const open = openStateAfter(
    call.open,
    kept.record.facts,
    judgement ?? judge(rules, kept.record.facts, now, { isSeen }),
    {
      hasChanged: subject.hasChanged,
      wasLookedAt: looked !== null,
      isKept: kept.stored !== null,
      isTold: isToldToAll(kept.record, channels),
    },
    now,
  )
  rememberRecord(memory, id, open ? kept.stored : null)
  if (isOld && !open) {
    note(examined, { ...subject, known: kept.stored }, rules, now)
    return
  }
  if (!open && !isGone && isUnexamined(kept.record.facts, rules, now)) examined.unexamined++
  examined.calls.push({ ...seen, open })
}

/** A detail may be some moments behind the list: a call that has only just been shown there is no deleted one. */
function isBelievedGone({ row, isListed, call }: Subject, now: Instant): boolean {
  return !row && (!isListed || now >= (call.open?.firstSeenAt ?? now) + LATE_MS)
}

/** What is awaited of a call of which nothing but its place in the list is known, and that the list does not show any more. */
function afterNothing({ open }: WatchedCall, wasLookedAt: boolean, now: Instant): WatchedCall["open"] {
  if (!open || now >= open.firstSeenAt + OPEN_MAX_MS) return null
  if (!wasLookedAt) return open
  const looks = open.looks + 1
  return { ...open, looks, nextLookAt: now + Math.min(MINUTE * looks, LOOK_WAIT_MAX_MS) }
}

function isToldToAll({ alert, deliveries }: CallRecord, channels: readonly ChannelId[]): boolean {
  return alert !== null && channels.every((id) => deliveries.some(({ channel }) => channel === id))
}

/**
 * A call from before the window that nobody has examined: while details are plentiful, or if it has only just ended, which
 * is when a vendor shows it for the first time whose dates mean the calls' ends.
 */
function isWorthALateLook(
  facts: Facts,
  rules: readonly CompiledRule[],
  { isPlenty, now }: { isPlenty: boolean; now: Instant },
): boolean {
  const isWorthIt = isPlenty || now - (endOf(facts.call) ?? 0) < HOUR
  return isWorthIt && isUnexamined(facts, rules, now)
}

/** Ended, and a rule still needs a detail that nobody could fetch. */
function isUnexamined(facts: Facts, rules: readonly CompiledRule[], now: Instant): boolean {
  if (!hasEnded(facts.call)) return false
  const { wantsDetail, isUndecided } = judge(rules, facts, now)
  return wantsDetail && isUndecided
}
