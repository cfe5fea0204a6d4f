/**
 * Damage: in some seeds a stored item cannot be read any more, as if a newer version or a mishap had written it. The poller
 * must go on without it, and say so.
 */
import type { Instant } from "@earshot/core/instant"
import { between, chance, createRandom } from "@earshot/emulators/random"
import type { ProfileName } from "./fault.ts"
import { PLAIN_SEEDS } from "./wrong-clock.ts"

/** `record`: the next record of a call that is written then. `rule`: there is one more, of a later version. */
export type Damage = { item: "watch" | "record" | "rule" | "incidents"; at: Instant }

const ITEMS = ["watch", "record", "record", "rule", "incidents"] as const

/** In the order of time. */
export function planDamage(options: {
  seed: number
  profile: ProfileName
  start: Instant
  end: Instant
}): Damage[] {
  const { seed, profile, start, end } = options
  if (profile === "calm" || seed <= PLAIN_SEEDS) return []
  const random = createRandom("damage", seed, profile)
  return ITEMS.flatMap((item): Damage[] => {
    const at = start + Math.round((end - start) * between(random, 0.1, 0.8))
    return chance(random, 0.4) ? [{ item, at }] : []
  }).sort((a, b) => a.at - b.at)
}
