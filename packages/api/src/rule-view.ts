/** What a rule looks like from outside: as it can be edited, with what is odd about it; or that it cannot be read. */
import { isResting } from "@earshot/core/alert/delivery"
import { newsOf } from "@earshot/core/alert/digest"
import { snoozedUntil } from "@earshot/core/alert/rest"
import { DAY, HOUR, type Instant, isoOf } from "@earshot/core/instant"
import { ruleSentence } from "@earshot/core/message/rule-sentence"
import {
  NO_VERDICTS,
  type VerdictCounts,
  addVerdicts,
  precisionOf,
  verdictsOf,
} from "@earshot/core/receipt/precision"
import { firstDayOf } from "@earshot/core/rule/presence"
import { Rule, RuleId, type StoredRule, conditionIn, isReadable } from "@earshot/core/rule/rule"
import { type Surroundings, warningsOf } from "@earshot/core/rule/warning"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import * as z from "zod"
import { OWING_CALLS_MAX, liveTakers } from "./channel-view.ts"
import { pointer } from "./problem.ts"

/** As GET /rules/{id}/precision says it, unless it is asked for other days. Fewer would say little: not everybody presses a button. */
export const PRECISION_DAYS = 7

export const WarningView = z.object({
  path: z.string().describe("A JSON pointer into the rule."),
  message: z.string().describe("What is odd, and what may have been meant."),
})

/** Strips what it does not name, because a stored rule has more. */
export const RuleView = Rule.omit({ isDeleted: true })
  .strip()
  .extend({
    readable: z.literal(true).default(true),
    sentence: z.string().default("").describe("What the condition says, in plain English."),
    snoozedUntil: z.iso
      .datetime()
      .nullable()
      .default(null)
      .describe("Until then what this rule alone would say is held. Null: nobody has snoozed it."),
    held: z
      .number()
      .int()
      .min(0)
      .default(0)
      .describe(
        "While it is snoozed: calls of which news of this rule is held, among the 300 calls that are due first.",
      ),
    precision: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .default(null)
      .describe(
        `Of its alerts of the last ${PRECISION_DAYS} days' calls that people judged, the share that was right; null: nobody has judged any. GET /rules/{id}/precision says more.`,
      ),
    verdicts: z
      .object({ bad: z.number().int().min(0), fine: z.number().int().min(0) })
      .default(NO_VERDICTS)
      .describe("What precision is made of: alerts called right (bad), and false alarms (fine)."),
    warnings: z
      .array(WarningView)
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

/**
 * The channels that are live, those of the deployment as the poller last said, and what the last days' calls had and people said
 * of their alerts: as many reads for a hundred rules as for one.
 */
export async function surroundingsOf(world: World, store: Store): Promise<Around> {
  const now = world.now()
  const [control, stored, presence, due, covered] = await Promise.all([
    store.readControl(),
    store.readChannels(),
    store.readPresence(firstDayOf(now)),
    store.dueCalls(OWING_CALLS_MAX),
    store.readCoverage({ from: Math.ceil(now / HOUR) * HOUR - PRECISION_DAYS * DAY, to: now }),
  ])
  const verdicts = addVerdicts([...covered.hours.values()].map(verdictsOf))
  const held = new Map<string, number>()
  for (const { value } of (await store.readCalls(due.map(({ callId }) => callId))).values()) {
    const resting = value.deliveries.filter((delivery) => isResting(delivery, now))
    const news = resting.flatMap((delivery) => newsOf(value.deliveries, delivery, value.alert))
    for (const id of new Set(news.map(({ ruleId }) => ruleId))) held.set(id, (held.get(id) ?? 0) + 1)
  }
  return { channels: liveTakers(control, stored), presence, held, verdicts, now }
}

/** What the views of rules are made of besides the rules. `held`: by rule, the calls of which its news is held back. */
type Around = Surroundings & {
  held: ReadonlyMap<string, number>
  verdicts: Readonly<Record<string, VerdictCounts>>
  now: Instant
}

export function warningViews(
  rule: Parameters<typeof warningsOf>[0],
  around: Surroundings,
): z.infer<typeof WarningView>[] {
  return warningsOf(rule, around).map(({ path, message }) => ({ path: pointer(path), message }))
}

export function viewOf(stored: StoredRule, around: Around): RuleView | UnreadableRuleView {
  const condition = isReadable(stored) ? conditionIn(stored) : null
  if (!isReadable(stored) || condition === null) {
    const { id, version } = stored
    const detail =
      "It is damaged, or a newer version of Earshot wrote it. It judges no calls; a default rule of this id is in force instead. PUT replaces it, DELETE deletes it."
    return { id, readable: false, version, detail }
  }
  const warnings = warningViews(stored, around)
  const until = snoozedUntil(stored, around.now)
  const snooze =
    until === null
      ? { snoozedUntil: null }
      : { snoozedUntil: isoOf(until), held: around.held.get(stored.id) ?? 0 }
  const verdicts = Object.hasOwn(around.verdicts, stored.id) ? around.verdicts[stored.id] : NO_VERDICTS
  const judged = { verdicts, precision: precisionOf(verdicts ?? NO_VERDICTS) }
  return RuleView.parse({ ...stored, ...snooze, ...judged, sentence: ruleSentence(condition), warnings })
}
