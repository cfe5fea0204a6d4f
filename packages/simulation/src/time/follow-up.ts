/** The triggers that turns ask for: by the tick queue, in whole seconds, and in bad times lost, doubled or late like any other message. */
import { type Instant, MINUTE, SECOND } from "@earshot/core/instant"
import { between, chance, createRandom } from "@earshot/emulators/random"
import type { Faults } from "./fault.ts"
import type { Timeline } from "./timeline.ts"
import { type Scenario, triggerMsOf } from "../scenario.ts"
import { NO_OUTAGE } from "./trigger.ts"

/** From when a message is due to the function's start. */
const WAY_MS = [30, 200] as const

const LATE_MAX_MS = 5 * SECOND

/** None comes while there are no triggers of any kind. */
export function createFollowUps(
  scenario: Scenario,
  timeline: Timeline,
  faults: Faults,
  trigger: () => true,
): (afterMs: number) => void {
  const { seed, profile: name, outage = NO_OUTAGE } = scenario
  // The schedule alone: there is no queue to ask.
  if (triggerMsOf(scenario) >= MINUTE) return () => {}
  const random = createRandom("follow-ups", seed, name)
  const isSilent = (now: Instant) => faults.isDown(now) || (outage.from <= now && now < outage.to)

  function delays(): number[] {
    const way = between(random, ...WAY_MS)
    const { profile, isActive } = faults
    if (!isActive(timeline.now()) || !chance(random, profile.trigger)) return [way]
    const roll = random()
    if (roll < 0.3) return []
    return roll < 0.7 ? [way, way + between(random, 0, LATE_MAX_MS)] : [way + between(random, 0, LATE_MAX_MS)]
  }

  return (afterMs) => {
    const dueMs = Math.max(1, Math.round(afterMs / SECOND)) * SECOND
    for (const delayMs of delays())
      timeline.at(timeline.now() + Math.round(dueMs + delayMs), () =>
        isSilent(timeline.now()) ? false : trigger(),
      )
  }
}
