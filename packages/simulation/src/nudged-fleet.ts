/** Brings the nudges of a scenario to the processes that poll, through the tick queue. */
import { createRandom } from "@earshot/emulators/random"
import type { Fleet } from "./fleet.ts"
import type { Plan } from "./plan.ts"
import { createNudgeQueue } from "./process/nudge-queue.ts"
import { type Scenario, endOfCalls, startOf } from "./scenario.ts"
import { startNudges } from "./time/nudging.ts"
import type { Timeline } from "./time/timeline.ts"
import { NO_OUTAGE } from "./time/trigger.ts"
import type { Shown } from "./vendor/choice.ts"

/** The vendor's workflow, and whoever else has the secret. */
export function nudgeFleet(
  scenario: Scenario,
  timeline: Timeline,
  { nudging, faults }: Plan,
  { traffic }: Shown,
  fleet: Fleet,
): void {
  if (!nudging) return
  const { seed, profile, outage = NO_OUTAGE } = scenario
  const span = { seed, profile, start: startOf(scenario), end: endOfCalls(scenario) }
  const queue = createNudgeQueue(timeline, createRandom("nudge queue", seed, profile), fleet.nudge)
  startNudges({
    timeline,
    span,
    nudging,
    traffic,
    isDown: (now) => faults.isDown(now) || (outage.from <= now && now < outage.to),
    nudge: (nudge) => queue.send([nudge], 0),
  })
}
