/** What happens in a simulation beside the calls: decided before it begins, each part by a die of its own. */
import type { Random } from "@earshot/emulators/random"
import { type Scenario, endOfCalls, startOf, stormOf } from "./scenario.ts"
import { type BriefWish, planBriefs, withBriefs } from "./time/brief.ts"
import { type ChannelEdit, planChannels, rostersOf } from "./time/channel-edit.ts"
import { type Damage, planDamage } from "./time/damage.ts"
import { type Deployment, planDeployments } from "./time/deployment.ts"
import { type Faults, createFaults } from "./time/fault.ts"
import { type Nudging, planNudging } from "./time/nudging.ts"
import { type Refusal, planRefusals, stormRefusal } from "./time/refusal.ts"
import { type Rest, planRests, withRests } from "./time/rest.ts"
import { type Snooze, planSnoozes } from "./time/snooze.ts"
import { planWidening } from "./time/widening.ts"
import { type WrongClock, planWrongClock } from "./time/wrong-clock.ts"
import { type Routing, createRouting } from "./truth/routing.ts"
import type { Storm } from "./truth/storm.ts"
import { type RuleVersion, planRules } from "./truth/rule.ts"

export type Plan = {
  faults: Faults
  wrongClock: WrongClock | null
  deployments: readonly Deployment[]
  refusals: readonly Refusal[]
  rests: readonly Rest[]
  briefs: readonly BriefWish[]
  snoozes: readonly Snooze[]
  versions: readonly RuleVersion[]
  channelEdits: readonly ChannelEdit[]
  damages: readonly Damage[]
  storm: Storm | null
  nudging: Nudging | null
  routing: Routing
}

/** `random` decides what fails, and goes on to decide how long everything takes. */
export function planFor(scenario: Scenario, random: Random): Plan {
  const { seed, profile } = scenario
  const span = { seed, profile, start: startOf(scenario), end: endOfCalls(scenario) }
  const storm = stormOf(scenario)
  const deployments = planDeployments(span)
  const edits = planChannels(span)
  const rests = planRests(span, edits)
  const briefs = planBriefs(span, edits, rests)
  const widening = planWidening(span)
  const withoutIt = withBriefs(withRests(edits, rests, span.start), briefs)
  const channelEdits = widening ? inOrder([...withoutIt, ...widening.edits]) : withoutIt
  const rules = planRules(span, edits, {
    widening,
    hasStorm: storm !== null,
    hasEndRules: scenario.hasEndRules ?? false,
  })
  // What a storm owes at once is to be told at once.
  const { snoozes, versions } = storm ? { snoozes: [], versions: rules } : planSnoozes(span, rules)
  return {
    faults: createFaults(profile, random, span.start, span.end),
    wrongClock: planWrongClock(span),
    deployments,
    refusals: [
      ...(storm ? [stormRefusal(storm)] : []),
      ...planRefusals(span, edits),
      ...(widening ? [widening.refusal] : []),
    ],
    rests,
    briefs,
    snoozes,
    versions,
    storm,
    channelEdits,
    damages: planDamage(span),
    nudging: planNudging(span, scenario.nudging),
    routing: createRouting(rostersOf(channelEdits, deployments), {
      hidesAgents: scenario.vendor === "emulator",
    }),
  }
}

function inOrder(edits: readonly ChannelEdit[]): ChannelEdit[] {
  return [...edits].sort((a, b) => a.at - b.at)
}
