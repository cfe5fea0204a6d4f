/**
 * Examines the calls that a turn has picked: assesses each, fetches the details that could decide a rule, assesses those
 * again, and keeps what came of each at once. A call that does not fit into the turn is deferred, and the cursor waits for it.
 */
import type { CallRecord } from "@earshot/core/alert/call-record"
import {
  type Assessment,
  assess,
  isAnswered,
  isWorthKeeping,
  knownAlready,
  lookFor,
} from "@earshot/core/detail/assessment"
import type { Subject } from "@earshot/core/detail/subject"
import { type LookRequest, planLooks } from "@earshot/core/detail/look"
import type { Instant } from "@earshot/core/instant"
import { type Candidate, hasChanged, isOnlyLook } from "@earshot/core/list/candidate"
import { affordable, areDetailsPlentiful, paceOf, usedInHour } from "@earshot/core/turn/budget"
import { EMPTY_WATCH, callsInHour } from "@earshot/core/watch/watch"
import type { Store, Versioned } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Assessed, type Examined, nothingExamined } from "./examined.ts"
import { paceOfLooks } from "./look-pace.ts"
import type { Memory } from "./memory/memory.ts"
import { type Inquiry, fetchDetail } from "./fetch-detail.ts"
import { type Keeping, keep } from "./keep.ts"
import { recallRecord } from "./memory/record-memory.ts"
import { inParallel } from "./parallel.ts"
import { countCallers } from "./party.ts"
import type { Setting } from "./setup.ts"
import { type Turn, chargeTurn, createMark, mayBegin } from "./turn.ts"

/** Reads and writes of records at once. */
const LANES = 8
/** Details at once: quick enough for a poll, and no burst that would bother the vendor. */
const DETAIL_LANES = 4

/** Judges at most as many changed calls as the appetite allows; others are deferred. Throws `Overtaken`. */
export async function examine(
  world: World,
  store: Store,
  setting: Setting,
  candidates: readonly Candidate[],
): Promise<Examined> {
  const { appetite, turn } = setting
  const now = world.now()
  const examined = nothingExamined(turn)
  const [looks, changed] = partition(candidates, isOnlyLook)
  const assessed = await assessAll(world, store, setting, examined, changed.slice(0, appetite.calls))
  const requests = [
    ...assessed.flatMap(({ subject, assessment }) => lookFor(subject, assessment, now) ?? []),
    ...looks.flatMap((candidate) => lookFor(unread(candidate, turn), BLANK, now) ?? []),
  ]
  const planned = new Set(planDetails(requests, setting, now))
  if (planned.size > 0 || assessed.some(({ subject, assessment }) => isWorthKeeping(subject, assessment))) {
    // The plan is within what this turn can afford, so that all of it is granted.
    const charged = await chargeTurn(world, store, turn, "detail", planned.size)
    examined.turn = charged.turn
  }

  const pace = paceOfLooks(setting.memory, turn, setting.memory.watch.watch ?? EMPTY_WATCH, now)
  const keeping: Keeping = { ...setting, examined, now, pace, mark: createMark(world, store, examined) }
  const finish = async (looked: Assessed) => {
    if (mayBegin(world, turn, "keep")) await keep(store, keeping, looked)
    else defer(examined, looked.subject.candidate)
  }
  const [lookers, others] = partition(assessed, ({ subject }) => planned.has(subject.candidate.id))
  const inquiry: Inquiry = { requests: 0, blockedUntil: 0, isKeyRejected: false }
  const wanted = looks.filter(({ id }) => planned.has(id))
  await Promise.all([
    inParallel(others, LANES, finish),
    inParallel([...lookers, ...wanted], DETAIL_LANES, async (looker) => {
      const looked = await lookCloser(world, store, setting, inquiry, looker, now)
      if (looked) await finish(looked)
    }),
  ])
  examined.requests = inquiry.requests
  examined.unused = planned.size - inquiry.requests
  examined.blockedUntil = inquiry.blockedUntil
  for (const candidate of changed.slice(appetite.calls)) defer(examined, candidate)
  return examined
}

/** Before its record is read, nothing is known of a call that is only here for a look. */
const BLANK: Assessment = { kind: "blank", why: "unexamined", open: null }

function unread(candidate: Candidate, { control }: Turn): Subject {
  const behindMs = Math.max(0, -(control.clockNotice?.stampsMs ?? 0))
  return { candidate, record: null, answer: { kind: "not-asked" }, mayReopen: false, behindMs }
}

/**
 * The calls that there is something to do for; those that need nothing now are noted as reviewed. Those that this turn has
 * no time for are deferred, so that what was judged is kept.
 */
async function assessAll(
  world: World,
  store: Store,
  setting: Setting,
  examined: Examined,
  candidates: readonly Candidate[],
): Promise<Assessed[]> {
  const { rules, turn, memory } = setting
  const now = world.now()
  const mayReopen = areDetailsPlentiful(turn.ring, turn.limits)
  const sought = candidates.filter(
    (candidate) => !recallRecord(memory.record, candidate.id) && mayBeStored(setting, candidate),
  )
  const read = sought.length > 0 ? await store.readCalls(sought.map(({ id }) => id)) : null
  const recorded = (id: string) => recallRecord(memory.record, id) ?? read?.get(id) ?? null
  const subjects = await countCallers(
    world,
    store,
    setting,
    candidates.map((candidate) => {
      return { ...unread(candidate, turn), record: recorded(candidate.id)?.value ?? null, mayReopen }
    }),
  )
  return subjects.flatMap((subject): Assessed[] => {
    const { candidate } = subject
    if (!mayBegin(world, turn, "judge")) {
      defer(examined, candidate)
      return []
    }
    const record = recorded(candidate.id)
    const known = knownAlready(subject, rules, now)
    if (!known) return [{ subject, stored: record, assessment: assess(subject, rules, now) }]
    examined.reviewed.set(candidate.id, { fingerprint: candidate.call.fingerprint, ...known })
    return []
  })
}

/** Fetches a call's detail and assesses the call again. Null if nothing is known of it, and nothing was learnt. */
async function lookCloser(
  world: World,
  store: Store,
  setting: Setting,
  inquiry: Inquiry,
  looker: Assessed | Candidate,
  now: Instant,
): Promise<Assessed | null> {
  const { api, rules, turn } = setting
  const before = "subject" in looker ? looker : null
  const candidate = "subject" in looker ? looker.subject.candidate : looker
  // A poll that died may have fetched this very detail and kept it.
  const stored = await (before?.stored ?? storedOf(store, setting, candidate))
  const record = stored?.value ?? null
  const mayReopen = areDetailsPlentiful(turn.ring, turn.limits)
  const subject =
    before?.stored === stored ? before.subject : { ...unread(candidate, turn), record, mayReopen }
  const assessment = before?.subject === subject ? before.assessment : assess(subject, rules, now)
  const isFound = stored !== null && before?.stored !== stored
  const answer =
    isAnswered(assessment) || (isFound && isDecided(subject, assessment))
      ? subject.answer
      : await fetchDetail(world, api, inquiry, candidate.id, () => mayBegin(world, turn, "look"))
  if (answer.kind !== "not-asked") {
    const [answered = subject] = await countCallers(world, store, setting, [{ ...subject, answer }])
    return { subject: answered, stored, assessment: assess(answered, rules, now) }
  }
  return before || record ? { subject, stored, assessment } : null
}

/** Of a record that nobody remembered: it was closed with this very row, and after its detail. */
function isDecided({ candidate, record }: Subject, assessment: Assessment): boolean {
  const isSameRow = record?.fingerprint === candidate.call.fingerprint
  return isSameRow && assessment.kind === "closed" && assessment.facts.detailIsFinal
}

/**
 * Whether there may be a record. A call that was decided has one, with a detail that need not be fetched again because its row
 * or a rule has changed. One that is new to the watch has one if that was lost, if a poll died between the watch and the cursor, or if a nudge named it before the list did.
 */
function mayBeStored({ isUninterrupted, memory }: Setting, { id, call, kind }: Candidate): boolean {
  const wasDecided = (kind === "changed" || kind === "due") && call.open === null
  const mayBeForgotten = kind === "new" && (!isUninterrupted || memory.nudge.unlisted.has(id))
  return kind === "old" || wasDecided || mayBeForgotten || call.open?.isKept === true
}

/** What is kept of a call that is looked at. A record that nobody remembers to have written is looked for as well. */
async function storedOf(
  store: Store,
  setting: Setting,
  candidate: Candidate,
): Promise<Versioned<CallRecord> | null> {
  const { id, call } = candidate
  const known = recallRecord(setting.memory.record, id)
  if (known) return known
  const mayBeKept = hasChanged(candidate) || call.open?.endedAt !== null
  const isSought = !setting.isUninterrupted && mayBeKept
  return isSought || mayBeStored(setting, candidate) ? store.readCall(id) : null
}

/** One that has changed holds the cursor; one that is only due, by a new rule or its time, is due at the next poll. */
function defer(examined: Examined, candidate: Candidate): void {
  const { call } = candidate
  const { startedAt } = call
  if (hasChanged(candidate)) examined.deferredFrom = Math.min(examined.deferredFrom ?? startedAt, startedAt)
  else if (call.open) examined.calls.push({ ...call, open: { ...call.open, settlesAt: startedAt } })
}

/** Which of these there are details for now. */
export function planDetails(
  requests: readonly LookRequest[],
  {
    appetite,
    memory,
    turn: { control, ring, limits, startedAt },
  }: Pick<Setting, "appetite" | "turn"> & { memory: Pick<Memory, "watch"> },
  now: Instant,
): string[] {
  if (control.detailBlockedUntil > Math.max(startedAt, now)) return []
  return planLooks(requests, {
    affordable: Math.min(appetite.details, affordable(ring, "detail", limits)),
    pace: paceOf(ring, "detail"),
    used: usedInHour(ring, "detail"),
    perHour: limits.detailPerHour,
    // A process that knows of no calls yet does as if there were many.
    calls: memory.watch.watch ? callsInHour(memory.watch.watch) : limits.detailPerHour,
  })
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  const parts: [T[], T[]] = [[], []]
  for (const item of items) parts[isFirst(item) ? 0 : 1].push(item)
  return parts
}
