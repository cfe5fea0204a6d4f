/** What this process has just asked on account of nudges, so that one that comes twice asks once. */
import type { Asking, AskingUnlisted } from "@earshot/core/detail/nudge-target"
import { type Instant, MINUTE, SECOND } from "@earshot/core/instant"
import type { Nudge } from "@earshot/core/turn/nudge"
import type { CallKey } from "@earshot/core/watch/call-key"

export type NudgeMemory = {
  /** The calls whose details nudges had fetched, by id, the oldest first. */
  asked: Map<string, Asked>
  /** Ids that nudges named before any list had shown them, and what came of asking for their details; the oldest first. */
  unlisted: Map<string, Unlisted>
  /** Came when a poll was near, which sees what they are about; what it does not show is asked behind it. */
  left: Nudge[]
  /** When a nudge last had a detail or the list fetched; 0: never. */
  lookedAt: Instant
  /** The ends that this process noticed of late, and whether a nudge has told of each, be it a moment later; the oldest first. */
  ends: Map<CallKey, "told" | "untold">
  /** Of the ends of late, the share that nudges told of. */
  toldShare: number
}

/** `at`: when that was last. `named`: how often since `from` because a nudge named the call, not because it might have meant it. */
type Asked = { at: Instant; from: Instant; named: number }

type Unlisted = { at: Instant; times: number; isCall: boolean }

/** Nudges that come within this are one look, but for those that name a call which goes on. */
export const TOGETHER_MS = 2 * SECOND

/** A call is not asked for twice within this: less than the shortest time for which a nudge is put back. */
const SAME_CALL_MS = 0.9 * SECOND

/** A call that is said to have ended again and again, and goes on, is left to the polls for this long. */
const NAMED_MAX = 4
const NAMED_MS = 5 * MINUTE

/** As many as there may be open. */
const ASKED_MAX = 1000

export function createNudgeMemory(): NudgeMemory {
  return { asked: new Map(), unlisted: new Map(), left: [], lookedAt: 0, ends: new Map(), toldShare: 0 }
}

/** As many as one message brings. */
const LEFT_MAX = 100

/** To the next poll of this process. If another one has it, they are forgotten, as if they had been lost on the way. */
export function leaveToPoll(memory: NudgeMemory, nudges: readonly Nudge[]): void {
  memory.left = [...memory.left, ...nudges].slice(0, LEFT_MAX)
}

/** As a turn begins: what was left to it. */
export function takeLeft(memory: NudgeMemory): readonly Nudge[] {
  const { left } = memory
  memory.left = []
  return left
}

/** Whether a nudge may have the call's detail fetched. A clock that was put back is no reason to wait. */
export function askingFor({ asked }: NudgeMemory, id: string, now: Instant): Asking {
  const known = asked.get(id)
  if (known === undefined) return "may"
  if (Math.abs(now - known.from) < NAMED_MS && known.named >= NAMED_MAX) return "no-more"
  return Math.abs(now - known.at) < SAME_CALL_MS ? "just-did" : "may"
}

/** These calls have been asked for; `named` are those of them that nudges named. */
export function noteAsked(
  memory: NudgeMemory,
  ids: readonly string[],
  named: ReadonlySet<string>,
  now: Instant,
): void {
  const { asked } = memory
  memory.lookedAt = now
  for (const id of ids) {
    const known = asked.get(id)
    const isRecent = known !== undefined && Math.abs(now - known.from) < NAMED_MS
    const before = isRecent ? known : { from: now, named: 0 }
    asked.delete(id)
    asked.set(id, { at: now, from: before.from, named: before.named + (named.has(id) ? 1 : 0) })
  }
  for (const oldest of asked.keys()) {
    if (asked.size <= ASKED_MAX) return
    asked.delete(oldest)
  }
}

/** An id that no list has shown is asked for twice at most, and once if there is no such call. */
const UNLISTED_MAX = 2

/** Whether a nudge may have the detail of an id fetched that no list has shown. */
export function askingUnlisted({ unlisted }: NudgeMemory, id: string, now: Instant): AskingUnlisted {
  const known = unlisted.get(id)
  if (known === undefined) return "may"
  if (!known.isCall) return "no-call"
  if (known.times >= UNLISTED_MAX) return "no-more"
  return Math.abs(now - known.at) < SAME_CALL_MS ? "just-did" : "may"
}

/** Ids that no list has shown have been asked for; of `noCalls` the vendor has no call, and those of `done` are over. */
export function noteUnlisted(
  memory: NudgeMemory,
  ids: readonly string[],
  { noCalls, done }: { noCalls: ReadonlySet<string>; done: ReadonlySet<string> },
  now: Instant,
): void {
  const { unlisted } = memory
  memory.lookedAt = now
  for (const id of ids) {
    const times = done.has(id) ? UNLISTED_MAX : (unlisted.get(id)?.times ?? 0) + 1
    unlisted.delete(id)
    unlisted.set(id, { at: now, times, isCall: !noCalls.has(id) })
  }
  for (const oldest of unlisted.keys()) {
    if (unlisted.size <= ASKED_MAX) return
    unlisted.delete(oldest)
  }
}

/** The last twenty ends or so say whether nudges come. */
const END_WEIGHT = 0.05

/** A list after an outage shows many ends at once, of which no nudge was to tell. */
const ENDS_MAX = 10

/** Nudges come within seconds: nobody waits for one about an end before these. */
const ENDS_KEPT = 100

/** These ends were noticed at once. A call that a nudge told of before any list showed it ends twice, and counts once. */
export function noteEnds(memory: NudgeMemory, ends: readonly CallKey[], told: "told" | "untold"): void {
  const known = memory.ends
  for (const key of ends.filter((end) => !known.has(end)).slice(0, ENDS_MAX)) {
    known.set(key, told)
    memory.toldShare += END_WEIGHT * ((told === "told" ? 1 : 0) - memory.toldShare)
  }
  for (const oldest of known.keys()) {
    if (known.size <= ENDS_KEPT) return
    known.delete(oldest)
  }
}

/** Nudges have come about these calls: an end that was noticed a moment before was told of as well. */
export function noteTold(memory: NudgeMemory, keys: readonly CallKey[]): void {
  for (const key of keys) {
    if (memory.ends.get(key) !== "untold") continue
    memory.ends.set(key, "told")
    memory.toldShare = Math.min(1, memory.toldShare + END_WEIGHT)
  }
}
