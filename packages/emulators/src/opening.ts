/**
 * The calls that open lively traffic, so that anyone watching sees each kind of trouble within a few minutes.
 *
 * They have ordinary lengths, because a call of two seconds would not be a call; hence some begin before the start.
 */
import type { PlanChoice } from "./plan.ts"

/** `startsMs` is relative to the start of the traffic; the list is in its order. */
export type OpeningCall = PlanChoice & { readonly startsMs: number }

export const LIVELY_OPENING: readonly OpeningCall[] = [
  // Bad in every way that the list shows: over within two seconds, angry, and scored at once.
  {
    startsMs: -96_000,
    lengthMs: 98_000,
    mood: "angry",
    fate: "toolFailed",
    summaryDelayMs: 0,
    score: 1,
    scoreDelayMs: 0,
    sentimentDelayMs: 500,
  },
  // Fine, until someone listens to it.
  { startsMs: -61_000, lengthMs: 68_000, mood: "calm", fate: "resolved", score: 4, flagDelayMs: 38_000 },
  {
    startsMs: -44_000,
    lengthMs: 59_000,
    mood: "worried",
    fate: "transferred",
    score: 3.5,
    scoreDelayMs: 4_000,
  },
  // Its score is bad, and arrives late.
  { startsMs: -30_000, lengthMs: 62_000, mood: "calm", fate: "abandoned", score: 1.5, scoreDelayMs: 45_000 },
  { startsMs: 3_000, lengthMs: 57_000, mood: "cheerful", fate: "resolved", score: 5, scoreDelayMs: 6_000 },
  { startsMs: 8_000, lengthMs: 21_000, kind: "spam" },
  {
    startsMs: 14_000,
    lengthMs: 71_000,
    mood: "angry",
    fate: "transferDead",
    score: 0.5,
    scoreDelayMs: 9_000,
  },
  { startsMs: 31_000, lengthMs: 64_000, mood: "angry", fate: "resolved", score: 2.5, scoreDelayMs: 20_000 },
]
