/** What a rule looks like from outside: as it can be edited, with what is odd about it; or that it cannot be read. */
import { firstDayOf } from "@earshot/core/rule/presence"
import { Rule, RuleId, type StoredRule, isJudgeable, isReadable } from "@earshot/core/rule/rule"
import { type Surroundings, warningsOf } from "@earshot/core/rule/warning"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import * as z from "zod"
import { liveTakers } from "./channel-view.ts"
import { pointer } from "./problem.ts"

const Warning = z.object({
  path: z.string().describe("A JSON pointer into the rule."),
  message: z.string().describe("What is odd, and what may have been meant."),
})

/** Strips what it does not name, because a stored rule has more. */
export const RuleView = Rule.omit({ isDeleted: true })
  .strip()
  .extend({
    readable: z.literal(true).default(true),
    warnings: z
      .array(Warning)
      .default([])
      .describe(
        "What is odd about the rule, such as a value that no call can have. It is in force all the same.",
      ),
  })

export type RuleView = z.infer<typeof RuleView>

export const UnreadableRuleView = z.object({
  id: RuleId,
  readable: z.literal(false),
  version: z.number().int().min(0),
  detail: z.string().describe("What became of it, and what to do."),
})

export type UnreadableRuleView = z.infer<typeof UnreadableRuleView>

/** The channels that are live, those of the deployment as the poller last said, and what the last days' calls had. */
export async function surroundingsOf(world: World, store: Store): Promise<Surroundings> {
  const [control, stored, presence] = await Promise.all([
    store.readControl(),
    store.readChannels(),
    store.readPresence(firstDayOf(world.now())),
  ])
  return { channels: liveTakers(control, stored), presence }
}

export function viewOf(stored: StoredRule, surroundings: Surroundings): RuleView | UnreadableRuleView {
  if (!isReadable(stored) || !isJudgeable(stored)) {
    const { id, version } = stored
    const detail =
      "It is damaged, or a newer version of Earshot wrote it. It judges no calls; a default rule of this id is in force instead. PUT replaces it, DELETE deletes it."
    return { id, readable: false, version, detail }
  }
  const warnings = warningsOf(stored, surroundings).map(({ path, message }) => ({
    path: pointer(path),
    message,
  }))
  return RuleView.parse({ ...stored, warnings })
}
