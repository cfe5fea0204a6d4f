/**
 * The rules of a simulation: the default rules, and what people make of them while it runs. Each version of a rule knows
 * by itself when it holds of a call, and never asks the code that it tests.
 */
import { CHANNEL_IDS, type ChannelId } from "@earshot/core/channel/channel"
import { HOUR, type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import type { Rule, Severity } from "@earshot/core/rule/rule"
import { between, chance, createRandom, integer, pick } from "@earshot/emulators/random"
import type { PlannedTime } from "../time/fault.ts"
import { PLAIN_SEEDS, planWrongClock } from "../time/wrong-clock.ts"
import {
  type TruthCondition,
  NO_SPAN,
  type Span,
  type View,
  aboutTeapot,
  all,
  any,
  calledLawyer,
  handedOn,
  longerThan,
  noScore,
  noSentiment,
  not,
  overAt,
  scoredAtMost,
  spanOf,
  transferred,
} from "./condition.ts"
import { WORST_SCORE } from "./storm.ts"
import { type SimulatedCall, lowScoreSpan } from "./call.ts"

export type RuleVersion = {
  ruleId: string
  version: number
  /** In force between these two. */
  from: Instant
  until: Instant
  /** What is written at `from`; null for a default rule. */
  rule: Rule | null
  severity: Severity
  settleMs: number
  /** The channels that it names; null: it leaves that to them. */
  named: readonly ChannelId[] | null
  /** When it holds of a call, as far as the view shows. */
  spanOf: (call: SimulatedCall, view: View) => Span
}

const NEVER = Number.POSITIVE_INFINITY

const ALL = CHANNEL_IDS

const SETTLE_MS = 30 * MINUTE

const since = (from: Instant): Span => ({ from, until: NEVER })

/** The commonest conditions, written out because a general condition takes longer. */
const SPANS = {
  flagged: ({ flaggedAt }) => since(flaggedAt),
  "low-score": (call) => lowScoreSpan(call, 2),
  "angry-caller": ({ angry, sentimentAt }, view) =>
    angry >= 0.5 && view !== "list" ? since(sentimentAt) : NO_SPAN,
  transferred: ({ transferredAt }, view) => (view === "list" ? NO_SPAN : since(transferredAt)),
} satisfies Record<string, RuleVersion["spanOf"]>

/**
 * In half of the seeds people edit rules, and in half they add joined conditions; never in the calm profile. `hasEndRules`: whatever
 * shows at a call's end is critical, so that nothing holds the message back.
 */
export function planRules(
  options: PlannedTime,
  channels: readonly Added[] = [],
  { hasStorm = false, hasEndRules = false, widening = null }: Beside = {},
): RuleVersion[] {
  const { seed, profile, start, end } = options
  const random = createRandom("rules", seed, profile)
  const versions = DEFAULT_RULES.map((rule): RuleVersion => {
    const spanOf = Object.entries(SPANS).find(([id]) => id === rule.id)?.[1]
    if (!spanOf) throw new Error(`The simulation does not know when ${rule.id} holds.`)
    const { id: ruleId, version, severity } = rule
    const exists = { from: start, until: NEVER, rule: null, severity, settleMs: SETTLE_MS, named: null }
    return { ruleId, version, spanOf, ...exists }
  })
  const at = (die: () => number) => (from: number, to: number) =>
    Math.round(start + (end - start) * between(die, from, to))

  const edit = (id: string, at: Instant, changes: Partial<Rule>, spanOf: RuleVersion["spanOf"]) => {
    const before = versions.findLast((version) => version.ruleId === id)
    if (before) before.until = at
    const known = before?.rule ?? DEFAULT_RULES.find((rule) => rule.id === id) ?? { ...NEW_RULE, id }
    const version = (before?.version ?? 0) + 1
    const rule: Rule = { ...known, ...changes, version, updatedAt: isoOf(at) }
    const settleMs = SETTLES[rule.settle] ?? SETTLE_MS
    const { severity, channels: named = null } = rule
    versions.push({ ruleId: id, version, from: at, until: NEVER, rule, severity, settleMs, named, spanOf })
  }
  if (hasStorm) {
    const worst = { when: { score: { lte: WORST_SCORE } }, severity: "critical" } as const
    edit("worst-score", start, worst, (call) => lowScoreSpan(call, WORST_SCORE))
  }
  if (hasEndRules) {
    edit("transferred", start, { severity: "critical" }, SPANS.transferred)
    const long = { when: { duration: { gte: LONG_SECONDS } }, severity: "critical" } as const
    edit("long-call", start, long, longCall(LONG_SECONDS))
  }
  if (profile === "calm") return versions
  if (!chance(random, 0.5)) editSimple(edit, at(random), random, seed)
  const die = createRandom("conditions", seed, profile)
  // A wrong clock may say too early that something is missing.
  const hasTime = seed > PLAIN_SEEDS && planWrongClock(options) === null
  if (hasTime && chance(die, 0.5)) editJoined(edit, at(die), die)
  const saidDie = createRandom("said", seed, profile)
  if (seed > PLAIN_SEEDS && chance(saidDie, 0.5)) {
    const spansOf: RuleVersion["spanOf"] = (call, view) => spanOf(calledLawyer, call, SETTLE_MS, view)
    edit("lawyer", at(saidDie)(0.02, 0.3), { when: calledLawyer.when }, spansOf)
  }
  const takingDie = createRandom("withdraw", seed, profile)
  if (seed > PLAIN_SEEDS && chance(takingDie, 0.5)) {
    const changes = { when: { score: { lte: 2 } }, severity: "warning", withdraw: true } as const
    edit("scored-badly", at(takingDie)(0.02, 0.2), changes, (call) => lowScoreSpan(call, 2))
  }
  if (widening) editWidened(edit, widening)
  if (channels.length > 0) editNaming(edit, createRandom("naming", seed, profile), options, channels)
  return versions.sort((a, b) => a.from - b.from)
}

type Beside = { hasStorm?: boolean; hasEndRules?: boolean; widening?: Widened | null }

/** A channel, and a time at which people wrote it. */
type Added = { id: ChannelId; at: Instant }

/** Rules that name channels which people have added, be they off, deleted or damaged later on. */
function editNaming(
  edit: Edit,
  die: () => number,
  { start, end }: PlannedTime,
  edits: readonly Added[],
): void {
  const first = new Map(edits.toReversed().map(({ id, at }) => [id, at]))
  for (const [index, [id, addedAt]] of [...first].entries()) {
    if (chance(die, 0.3)) continue
    const seconds = integer(die, 60, 300)
    const severity = pick(die, ["info", "warning", "critical"] as const)
    const channels = chance(die, 0.3) ? [id, pick(die, ALL)] : [id]
    const changes = { when: { duration: { gte: seconds } }, severity, channels: [...new Set(channels)] }
    const from = Math.round(addedAt + (end - start) * between(die, 0.01, 0.1))
    edit(`to-${index + 1}`, from, changes, longCall(seconds))
  }
}

/** A rule whose alerts go to one channel only until it is edited, or until the channels are. */
export type Widened = {
  from: Instant
  /** What it names then; null: nothing. */
  named: readonly ChannelId[] | null
  /** When it is edited, and what it names after that; null: the channels are edited. */
  renamed: { at: Instant; named: readonly ChannelId[] } | null
}

/** So late that most calls have raised an alert by another rule before. */
export const NOTED_IN: ChannelId = "slack"

/** What most calls are told for at their end; and what is found later, is no worse, and goes to one channel until the edit. */
function editWidened(edit: Edit, { from, named, renamed }: Widened): void {
  const noted = { when: { duration: { gte: 60 } }, channels: [NOTED_IN] }
  edit("noted", from, { ...noted, severity: "warning" }, longCall(60))
  const scored = { when: { score: { lte: MIDDLING_SCORE } }, severity: "info" } as const
  const spansOf: RuleVersion["spanOf"] = (call) => lowScoreSpan(call, MIDDLING_SCORE)
  edit("scored", from, named ? { ...scored, channels: [...named] } : scored, spansOf)
  if (renamed) edit("scored", renamed.at, { channels: [...renamed.named] }, spansOf)
}

const MIDDLING_SCORE = 4

type Edit = (id: string, at: Instant, changes: Partial<Rule>, spanOf: RuleVersion["spanOf"]) => void

type Moment = (from: number, to: number) => Instant

function editSimple(edit: Edit, moment: Moment, random: () => number, seed: number): void {
  if (chance(random, 0.6)) {
    edit("long-call", moment(0.1, 0.5), { when: { duration: { gte: 600 } } }, longCall(600))
    const longer = { when: { duration: { gte: 900 } } }
    if (chance(random, 0.5)) edit("long-call", moment(0.5, 0.9), longer, longCall(900))
  }
  if (chance(random, 0.6)) {
    const lower = { when: { score: { lte: 1 } } }
    edit("low-score", moment(0.2, 0.8), lower, (call) => lowScoreSpan(call, 1))
  }
  if (chance(random, 0.6)) {
    edit("transferred", moment(0.2, 0.5), { mode: seed % 2 === 0 ? "off" : "shadow" }, () => NO_SPAN)
    edit("transferred", moment(0.5, 0.8), { mode: "live" }, SPANS.transferred)
  }
  if (chance(random, 0.6)) {
    const channels = [pick(random, ALL)]
    edit("flagged", moment(0.2, 0.5), { channels }, SPANS.flagged)
    if (chance(random, 0.5)) edit("flagged", moment(0.5, 0.8), { channels: [...ALL] }, SPANS.flagged)
  }
  // Without this rule an ended call may have nothing to wait for but a transfer.
  if (chance(random, 0.4)) edit("angry-caller", moment(0.05, 0.2), { mode: "off" }, () => NO_SPAN)
}

/** With rules for what shows at a call's end, a call of this length is worth a message. */
export const LONG_SECONDS = 300

/** How long a rule waits for what it needs. */
const SETTLES: Record<string, number> = { PT5M: 5 * MINUTE, PT30M: SETTLE_MS, PT2H: 2 * HOUR }

/** On the list, on the detail, and on both; some hold only because something is missing or did not happen. */
const JOINED: Record<string, TruthCondition> = {
  "long-transfer": all(longerThan(120), transferred),
  "badly-served": all(aboutTeapot, not(scoredAtMost(3.5)), longerThan(240)),
  "bad-or-handed-on": any(scoredAtMost(1), all(longerThan(180), handedOn)),
  "never-handed-on": all(longerThan(400), not(transferred), aboutTeapot),
  "no-score": noScore,
  "no-sentiment": all(longerThan(60), noSentiment),
}

function editJoined(edit: Edit, moment: Moment, die: () => number): void {
  for (const [id, condition] of Object.entries(JOINED)) {
    const isChosen = chance(die, 0.5)
    const [settle, later] = [pick(die, Object.keys(SETTLES)), pick(die, Object.keys(SETTLES))]
    const [from, to] = [moment(0.02, 0.4), moment(0.4, 0.9)]
    if (!isChosen) continue
    const { when } = condition
    const spansOf =
      (settle: string): RuleVersion["spanOf"] =>
      (call, view) =>
        spanOf(condition, call, SETTLES[settle] ?? SETTLE_MS, view)
    edit(id, from, { when, settle }, spansOf(settle))
    if (chance(die, 0.5)) edit(id, to, { when, settle: later }, spansOf(later))
  }
}

const NEW_RULE: Rule = {
  id: "new",
  name: "New rule",
  mode: "live",
  severity: "info",
  when: { flagged: true },
  settle: "PT30M",
  version: 1,
  updatedAt: null,
  isDeleted: false,
}

function longCall(seconds: number): RuleVersion["spanOf"] {
  return (call) => (call.seconds >= seconds ? since(overAt(call)) : NO_SPAN)
}
