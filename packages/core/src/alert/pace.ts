/**
 * How fast messages may go to a channel, whoever sends them: one process at a time holds the channel and keeps its pace, and
 * nobody sends while the channel has asked to wait or keeps failing. What was sent singly in the last hour is counted here too.
 * One small item for each channel, written once for a few messages.
 */
import * as z from "zod"
import { believable } from "../clock.ts"
import { HOUR, type Instant, MINUTE, SECOND } from "../instant.ts"
import { PUT_OFF_MAX_MS } from "./delivery.ts"

/** Singles of five minutes: how many in all, and of each rule. */
const Slot = z.object({ at: z.number(), all: z.number(), rules: z.record(z.string(), z.number()) })

export const ChannelPace = z.object({
  /** Counts the writes; 0: never written. */
  version: z.number(),
  /** Somebody may be sending until then. */
  heldUntil: z.number(),
  /** The channel has asked for no message before this, or has failed so often that nobody asks it. */
  blockedUntil: z.number(),
  /** Attempts in a row that failed, when that was last written. */
  failures: z.number(),
  /** When the last digest was sent. */
  digestAt: z.number(),
  /** When the last hold began: then the last message was to be sent. */
  askedAt: z.number().default(0),
  /** When the channel last took a message, as far as that is known when this is written; 0: never. */
  tookAt: z.number().default(0),
  slots: z.array(Slot),
})

export type ChannelPace = z.infer<typeof ChannelPace>

export const NO_PACE: ChannelPace = {
  version: 0,
  heldUntil: 0,
  blockedUntil: 0,
  failures: 0,
  digestAt: 0,
  askedAt: 0,
  tookAt: 0,
  slots: [],
}

/** Nobody holds a channel for longer without saying so again: whoever dies holds up the others no longer than this. */
export const HOLD_MAX_MS = 12 * SECOND

/** A channel that keeps failing is asked again after this long at the latest. */
const BLOCK_MAX_MS = 5 * MINUTE

const BLOCK_FACTOR = 4

/** When the next message may start. What only a clock that was wrong can have written holds up nobody. */
export function freeAt({ heldUntil, blockedUntil }: ChannelPace, now: Instant): Instant {
  return Math.max(
    now,
    believable(heldUntil, { waitMaxMs: HOLD_MAX_MS, now }),
    believable(blockedUntil, { waitMaxMs: PUT_OFF_MAX_MS, now }),
  )
}

/** The channel held for so long, to send these alerts singly, each with the rules that it is about, and perhaps a digest. */
export function held(
  pace: ChannelPace,
  {
    forMs,
    singles,
    hasDigest,
    now,
  }: { forMs: number; singles: readonly (readonly string[])[]; hasDigest: boolean; now: Instant },
): ChannelPace {
  return {
    ...pace,
    version: pace.version + 1,
    heldUntil: now + Math.min(forMs, HOLD_MAX_MS),
    digestAt: hasDigest ? now : pace.digestAt,
    askedAt: now,
    tookAt: lastTookAt(pace),
    slots: counted(pace.slots, singles, now),
  }
}

/** After an answer that leaves no hope for the messages after it. */
export function blocked(
  pace: ChannelPace,
  { afterMs, failures, now }: { afterMs: number | undefined; failures: number; now: Instant },
): ChannelPace {
  const ownMs = Math.min(BLOCK_MAX_MS, SECOND * BLOCK_FACTOR ** Math.min(10, failures))
  const blockedUntil = now + Math.max(ownMs, Math.min(PUT_OFF_MAX_MS, afterMs ?? 0))
  return { ...pace, version: pace.version + 1, blockedUntil, failures }
}

/** After a message that the channel took. Worth no write: the next hold says it for nothing. */
export function taken(pace: ChannelPace, now: Instant): ChannelPace {
  return { ...pace, failures: 0, tookAt: now }
}

/** When a channel that is not failing last took a message, to the length of a hold; 0: never. It took what the last hold was for. */
export function lastTookAt({ askedAt, tookAt }: ChannelPace): Instant {
  return Math.max(askedAt, tookAt)
}

const SLOT_MS = 5 * MINUTE

/** More rules than that in five minutes are no single alerts any more, whatever their names. */
const SLOT_RULES_MAX = 40

function counted(
  slots: ChannelPace["slots"],
  singles: readonly (readonly string[])[],
  now: Instant,
): ChannelPace["slots"] {
  const kept = slots.filter(({ at }) => isOfLastHour(at, now))
  if (singles.length === 0) return kept
  const at = Math.floor(now / SLOT_MS) * SLOT_MS
  const current = kept.find((slot) => slot.at === at) ?? { at, all: 0, rules: {} }
  const rules = { ...current.rules }
  for (const ruleId of singles.flat()) {
    if (rules[ruleId] === undefined && Object.keys(rules).length >= SLOT_RULES_MAX) continue
    rules[ruleId] = (rules[ruleId] ?? 0) + 1
  }
  const next = { at, all: current.all + singles.length, rules }
  return [...kept.filter((slot) => slot.at !== at), next]
}

/** A clock that was far ahead counts nothing. */
function isOfLastHour(at: Instant, now: Instant): boolean {
  return at > now - HOUR && at <= now + SLOT_MS
}

/** Alerts that were sent singly within the hour: of this rule, or all of them. */
export function sentInHour({ slots }: ChannelPace, ruleId: string | null, now: Instant): number {
  return slots
    .filter(({ at }) => isOfLastHour(at, now))
    .reduce((sum, { all, rules }) => sum + (ruleId === null ? all : (rules[ruleId] ?? 0)), 0)
}
