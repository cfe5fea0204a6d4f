/** How this process left its last turn: from that it can tell whether anybody else has had one since. */
import { HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import type { ChannelPace } from "@earshot/core/alert/pace"
import type { Control } from "@earshot/core/turn/control"
import { type PastPoll, type PastPolls, pollsBeside, withPoll } from "@earshot/core/turn/past-poll"
import { noteAfterMs } from "@earshot/core/turn/health"
import type { LookPace } from "@earshot/core/watch/interval"
import type { Acquired } from "@earshot/io/store/store"
import type { Turn } from "../turn.ts"

export type TurnMemory = {
  /** The poller's state as this process last saw it. */
  control: Control | null
  /** The number of the last turn, if it was this process's and ended well. */
  lastFence: number | null
  /**
   * When this process last found that another one had had a turn, that its own last one did not end well, or that its polls had not
   * come one soon after the other; 0: never.
   */
  interruptedAt: Instant
  /** When a poll of this process last completed its work; null: never, or that has been noted. */
  completedAt: Instant | null
  /** The last polls of this process that have not been noted. */
  past: PastPolls
  /** When this process last asked to begin a poll, and saw what is noted. */
  seenAt: Instant
  /** When this process last looked, and nobody else has had a turn since, each channel took its messages. */
  areChannelsFine: boolean
  /** Records that this process could not read and that are not noted yet, by the calls' ids. */
  unreadable: Set<string>
  /** When this process found the watch damaged; 0: never. */
  watchLostAt: Instant
  /** When the index of what is due was last asked. */
  dueCheckedAt: Instant
  /** How closely calls are followed until the next poll, and at the end of which one that was reckoned; null: it is to be, or was before any. */
  pace: (LookPace & { at: Instant | null }) | null
  /** For when this process last asked for a trigger of its own; 0: never. */
  followUpAt: Instant
  /** For when a poll was asked for, since the regular trigger came too soon for it; null: it did not. */
  pollAskedAt: Instant | null
  /** Since when messages about a call wait, while nobody else has had a turn. */
  owedSince: Map<string, Instant>
  /** How fast messages may go to each channel, as this process last saw it, while nobody else has had a turn. */
  paces: Map<string, ChannelPace>
}

export function createTurnMemory(): TurnMemory {
  return {
    control: null,
    lastFence: null,
    interruptedAt: 0,
    completedAt: null,
    past: [],
    seenAt: 0,
    areChannelsFine: false,
    unreadable: new Set(),
    watchLostAt: 0,
    dueCheckedAt: 0,
    pace: null,
    followUpAt: 0,
    pollAskedAt: null,
    owedSince: new Map(),
    paces: new Map(),
  }
}

/** No other process has had a turn since the last one of this process. */
export function isUninterrupted({ lastFence }: TurnMemory, { kind, control }: Turn): boolean {
  return lastFence === (kind === "look" ? control.fence : control.fence - 1)
}

/** Polls that are farther apart than this are no sequence that a process can count on. */
const SOON_MS = MINUTE

/** What this process remembers of its turns, as another one begins. `isMine`: nobody else has had one since. */
export function beginTurn(memory: TurnMemory, { startedAt }: Turn, isMine: boolean): void {
  const sinceMs = Math.abs(startedAt - (memory.control?.polledAt ?? 0))
  if (!isMine || sinceMs > SOON_MS) memory.interruptedAt = startedAt
  if (isMine) return
  memory.pace = null
  memory.areChannelsFine = false
  memory.paces.clear()
  memory.owedSince.clear()
}

/** Where processes take turns, one does not keep to itself what the next one would have to find again. */
const ALONE_MS = 5 * MINUTE

/** Whether nobody else has had a turn for a while, so that this process will probably have the next one too, and soon. */
export function isAlone({ interruptedAt }: TurnMemory, now: Instant): boolean {
  return Math.abs(now - interruptedAt) >= ALONE_MS
}

/** Until the list has been read again, calls may have records of which the watch does not tell. */
export function isRebuilding({ watchLostAt }: TurnMemory, now: Instant): boolean {
  return watchLostAt > 0 && now - watchLostAt < HOUR
}

/** A poll is over; the start of this process's next one notes it. */
export function rememberPoll(
  memory: TurnMemory,
  { kind, startedAt }: Turn,
  ended: Pick<PastPoll, "outcome"> & Partial<PastPoll>,
): void {
  if (kind !== "poll") return
  memory.past = withPoll(memory.past, { listed: 0, alerts: 0, ...ended, at: startedAt })
}

/** One of long ago is not noted: another process may have noted a later one. */
export function completionToNote({ completedAt }: TurnMemory, gateMs: number, now: Instant): Instant | null {
  return completedAt !== null && now - completedAt <= noteAfterMs(gateMs) ? completedAt : null
}

/**
 * What the start of a poll is to say of the ones before; null: nothing new. Nothing if this process saw what is noted long ago, as
 * another one may have noted more.
 */
export function pollsToNote(
  { past, control, seenAt }: TurnMemory,
  gateMs: number,
  now: Instant,
): PastPolls | null {
  if (past.length === 0 || !control || now - seenAt > noteAfterMs(gateMs)) return null
  return pollsBeside(past.toReversed().reduce(withPoll, control.polls), control.failure)
}

/** What is noted of polls, as the start of one has found or left it. */
export function rememberNoted(
  memory: TurnMemory,
  { kind, control: { polls } }: Acquired,
  now: Instant,
): void {
  memory.seenAt = now
  if (kind === "acquired" && memory.control) memory.control = { ...memory.control, polls }
}

/** A turn that has ended well. */
export function rememberTurn(memory: TurnMemory, { control }: Turn): void {
  memory.control = control
  memory.lastFence = control.fence
}
