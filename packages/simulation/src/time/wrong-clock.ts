/**
 * Wrong clocks: in some seeds of the stress profile one process is an hour ahead or behind for a while. What it writes
 * then must hold nothing up, but requests are miscounted for as long as the counts of that hour last.
 */
import { HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import { between, chance, createRandom } from "@earshot/emulators/random"
import type { ProfileName } from "./fault.ts"

export type WrongClock = { from: Instant; to: Instant; byMs: number }

/** The first seeds have only simple conditions, both channels and good clocks: planted bugs are caught by them. */
export const PLAIN_SEEDS = 7

const COUNTED_MS = 2 * HOUR + 5 * MINUTE

export function planWrongClock(options: {
  seed: number
  profile: ProfileName
  start: Instant
  end: Instant
}): WrongClock | null {
  const { seed, profile, start, end } = options
  const random = createRandom("clocks", seed, profile)
  if (profile !== "stress" || seed <= PLAIN_SEEDS || !chance(random, 0.25)) return null
  const byMs = chance(random, 0.5) ? HOUR : -HOUR
  const from = start + Math.round((end - start) * between(random, 0.1, 0.8))
  return { from, to: from + Math.round(between(random, MINUTE, 20 * MINUTE)), byMs }
}

/** Whether a wrong clock may have had a part in what was judged or counted in this time. */
export function mayBeMistimed(clock: WrongClock | null, from: Instant, to: Instant): boolean {
  return clock !== null && clock.from <= to && from < clock.to + COUNTED_MS
}
