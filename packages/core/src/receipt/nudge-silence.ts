/**
 * Whether nudges have stopped: none within a day, though calls ended. Nothing is missed for it, only noticed later, so it is said where
 * people look, and rings nothing. The calls are counted by the receipts that are kept anyway.
 */
import { DAY, type Instant } from "../instant.ts"
import type { StoredCoverage } from "./hour.ts"

export const NUDGE_SILENCE_MS = DAY

/** With fewer, no workflow need have failed. */
const ENDED_MIN = 5

/** Whether none has come within a day. What a clock has written that was ahead is no nudge of today's. */
export function areNudgesSilent(lastAt: Instant, now: Instant): boolean {
  return Math.abs(now - lastAt) > NUDGE_SILENCE_MS
}

/** How many calls of some hours are over: checked, or closed unexamined. */
export function callsOver({ hours }: Pick<StoredCoverage, "hours">): number {
  let over = 0
  for (const { checked, unexamined } of hours.values()) over += new Set([...checked, ...unexamined]).size
  return over
}

/** What to say of it; null if there is nothing to say. `ended`: calls that ended within the day. */
export function nudgeSilence(lastAt: Instant, ended: number, now: Instant): string | null {
  if (!areNudgesSilent(lastAt, now) || ended < ENDED_MIN) return null
  return `No nudge has come in the last 24 hours, though ${ended} calls ended.`
}
