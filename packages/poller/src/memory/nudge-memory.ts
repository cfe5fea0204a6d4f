/** What this process has just asked on account of nudges, so that one that comes twice asks once. */
import { type Instant, SECOND } from "@earshot/core/instant"

export type NudgeMemory = {
  /** When a nudge last had the detail of a call fetched, and how often, by the call's id, the oldest first. */
  asked: Map<string, { at: Instant; times: number }>
  /** When a nudge last had a detail or the list fetched; 0: never. */
  lookedAt: Instant
}

/** Nudges that come within this are one. */
export const TOGETHER_MS = 2 * SECOND

/** A call that is said to have ended again and again, and goes on, is left to the polls. */
const TIMES_MAX = 3

/** As many as there may be open. */
const ASKED_MAX = 1000

export function createNudgeMemory(): NudgeMemory {
  return { asked: new Map(), lookedAt: 0 }
}

/** Whether a nudge may have the call's detail fetched. */
export function mayAskFor({ asked }: NudgeMemory, id: string, now: Instant): boolean {
  const known = asked.get(id)
  return known === undefined || (known.times < TIMES_MAX && Math.abs(now - known.at) >= TOGETHER_MS)
}

export function noteAsked(memory: NudgeMemory, ids: readonly string[], now: Instant): void {
  const { asked } = memory
  memory.lookedAt = now
  for (const id of ids) {
    const times = (asked.get(id)?.times ?? 0) + 1
    asked.delete(id)
    asked.set(id, { at: now, times })
  }
  for (const oldest of asked.keys()) {
    if (asked.size <= ASKED_MAX) return
    asked.delete(oldest)
  }
}
