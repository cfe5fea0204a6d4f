/**
 * Why people were alerted to a call, or were not: what was learnt when, what each rule made of it each time it was judged, and what
 * each channel was sent, or why not. All of it is what the record kept; what it did not keep is said to be unknown.
 */
import { standing } from "../alert/alert.ts"
import type { CallRecord } from "../alert/call-record.ts"
import { type Delivery, isResting, seqOf } from "../alert/delivery.ts"
import { settingsOf, takes } from "../alert/routing.ts"
import { type KnownAt, knownAtEach } from "../call/trail.ts"
import type { ChannelSettings } from "../channel/settings.ts"
import type { Instant } from "../instant.ts"
import { timeText } from "../message/time-text.ts"
import type { Truth } from "../rule/truth.ts"
import { FIELDS } from "../rule/field.ts"
import type { Field, FieldValue } from "../rule/field-type.ts"
import { type CompiledRule, type Severity, isWorse } from "../rule/rule.ts"
import { recipientsAmong } from "./forecast.ts"
import { type ExplainedLeaf, leavesAt } from "./leaf.ts"
import { replay, replaySteps } from "./replay.ts"

export type ExplainedRule = {
  id: string
  /** That the call was judged by. Null: it was not judged by this rule. */
  version: number | null
  name: string | null
  /** As the record has it. Null: not judged. `settled`: unknown, and no longer waited for, so that it does not match. */
  verdict: Truth | "settled" | null
  /** In words. */
  why: string
  /** Empty if this version of the rule is not kept any more. */
  leaves: ExplainedLeaf[]
  /** What it said each time the call was judged, as far as that is kept. Null: it depends on what is not. */
  times: { at: Instant; truth: Truth | null }[]
}

/** `fields`: what was learnt at that time; those that the vendor wrote as text, or that are personal, without their value. */
export type Learnt = { at: Instant; isKept: boolean; fields: { field: string; value: FieldValue | null }[] }

export type ExplainedDelivery = {
  channel: string
  state: Delivery["state"] | "none"
  at: Instant | null
  text: string
}

export type Explanation = {
  isAlerted: boolean
  /** Empty if it is not kept when anything was learnt. */
  learnt: Learnt[]
  rules: ExplainedRule[]
  deliveries: ExplainedDelivery[]
}

export type Explaining = {
  /** The rules that judge calls now, each at its version. */
  inForce: readonly CompiledRule[]
  /** Versions that the record names and that are not in force, as far as they are kept. */
  earlier: readonly CompiledRule[]
  /** Rules that are there but judge nothing now, by id, and what they are called. */
  off: ReadonlyMap<string, string>
  /** Live ones. */
  channels: readonly ChannelSettings[]
  now: Instant
}

export function explain(record: CallRecord, explaining: Explaining): Explanation {
  const { inForce, off } = explaining
  const judged = record.verdicts.map((verdict) => explainJudged(record, verdict, explaining))
  const known = new Set(record.verdicts.map(({ ruleId }) => ruleId))
  const unjudged = inForce.filter(({ id }) => !known.has(id)).map((rule) => explainUnjudged(record, rule))
  const idle = [...off].filter(([id]) => !known.has(id))
  const offRules = idle.map(([id, name]): ExplainedRule => {
    return { id, version: null, name, verdict: null, why: "The rule is off.", leaves: [], times: [] }
  })
  return {
    isAlerted: record.alert !== null,
    learnt: learntIn(record),
    rules: [...judged, ...unjudged, ...offRules].sort((a, b) => (a.id < b.id ? -1 : 1)),
    deliveries: [
      ...record.deliveries.map((one) => explainDelivery(one, explaining.now)),
      ...unsent(record, explaining),
    ],
  }
}

function lastKnown(record: CallRecord): KnownAt {
  const { facts } = record
  const at = Math.max(facts.firstSeenAt, facts.detailedAt ?? 0, facts.overAt ?? 0)
  return knownAtEach(record)?.at(-1) ?? { facts, at, isSeen: true, lost: new Set() }
}

/** The version that is named, whether it is in force or not. */
function versionOf({ inForce, earlier }: Explaining, id: string, version: number): CompiledRule | null {
  return [...inForce, ...earlier].find((rule) => rule.id === id && rule.version === version) ?? null
}

function explainJudged(
  record: CallRecord,
  { ruleId: id, version, truth, isSettled }: CallRecord["verdicts"][number],
  explaining: Explaining,
): ExplainedRule {
  const verdict = truth === "unknown" && isSettled ? "settled" : truth
  const rule = versionOf(explaining, id, version)
  const reasons = (record.alert?.reasons ?? []).filter(({ ruleId }) => ruleId === id)
  const reason = reasons.find((one) => one.version === version)
  const current = explaining.inForce.find((one) => one.id === id)
  const name = rule?.name ?? reasons.at(-1)?.name ?? current?.name ?? explaining.off.get(id) ?? null
  const isWithdrawn = reason && record.alert && !standing(record.alert).includes(reason)
  const found = reason
    ? `It matched at ${timeText(reason.at)}${isWithdrawn ? ", and ceased to later" : ""}.`
    : null
  const leaves = rule ? leavesAt(rule, lastKnown(record)) : []
  const times = rule
    ? replaySteps(rule, record).map(({ known, verdict: at }) => ({ at: known.at, truth: at?.truth ?? null }))
    : []
  const before = reasons
    .filter((one) => one !== reason)
    .map((one) => `As version ${one.version} it matched at ${timeText(one.at)}.`)
  const lost = rule
    ? []
    : [`What it asked for as version ${version} is not kept any more, or cannot be read.`]
  const parts = [
    found ?? whyNot(verdict, leaves, rule),
    ...before,
    ...sinceThen(id, version, explaining),
    ...lost,
  ]
  return { id, version, name, verdict, why: parts.join(" "), leaves, times }
}

/** What has become of the rule since this version of it judged. */
function sinceThen(id: string, version: number, { inForce, off }: Explaining): string[] {
  const current = inForce.find((one) => one.id === id)
  if (current?.version === version) return []
  if (current) return [`The rule has changed since: it is at version ${current.version} now.`]
  return off.has(id) ? ["The rule is off now."] : ["The rule is gone."]
}

function whyNot(
  verdict: ExplainedRule["verdict"],
  leaves: readonly ExplainedLeaf[],
  rule: CompiledRule | null,
): string {
  const missing = leaves.filter(({ truth }) => truth === "unknown").map(({ because }) => because.field)
  const what = missing.length > 0 ? [...new Set(missing)].join(", ") : "what it needs"
  switch (verdict) {
    case "true":
      return rule?.mode === "shadow" ? "It matches, and is in shadow: nobody is alerted." : "It matches."
    case "false":
      return "It does not match."
    case "settled":
      return `It did not match: ${what} never came, and it waits no longer.`
    case "unknown":
      return leaves.some(({ needs }) => needs === "detail")
        ? `It is not decided: only a detail has ${what}.`
        : `It is not decided: ${what} may still come.`
    case null:
      return "It was not judged."
  }
}

function explainUnjudged(record: CallRecord, rule: CompiledRule): ExplainedRule {
  const replayed = replay(rule, record)
  const would = {
    matched: "would have matched",
    "not-matched": "would not have matched",
    untold: "cannot be told to match or not",
  }
  const why = `The call was not judged by it: it is newer, or was off. On what is known, it ${would[replayed.kind]}.`
  const leaves = leavesAt(rule, lastKnown(record))
  return { id: rule.id, version: null, name: rule.name, verdict: null, why, leaves, times: [] }
}

/** What became known each time, with numbers and marks as they were. */
function learntIn(record: CallRecord): Learnt[] {
  let before: KnownAt | null = null
  const learnt: Learnt[] = []
  for (const known of knownAtEach(record) ?? []) {
    const fields = FIELDS.flatMap((field) => changeOf(field, before, known))
    if (before === null || fields.length > 0)
      learnt.push({ at: known.at, isKept: known.lost.size === 0, fields })
    before = known
  }
  return learnt
}

function changeOf(field: Field, before: KnownAt | null, after: KnownAt): Learnt["fields"] {
  const value = field.read(after.facts.call, after.facts.partyCalls)
  const known = before && field.read(before.facts.call, before.facts.partyCalls)
  if (value === null || JSON.stringify(value) === JSON.stringify(known)) return []
  const isShown = !field.isPersonal && (typeof value === "number" || typeof value === "boolean")
  return [{ field: field.name, value: isShown ? value : null }]
}

function explainDelivery(delivery: Delivery, now: Instant): ExplainedDelivery {
  const { channel, state } = delivery
  const what =
    delivery.kind === "withdrawal" ? "The withdrawal" : seqOf(delivery) > 0 ? "A follow-up" : "The alert"
  const digest = delivery.digest ? ` in the digest ${delivery.digest}` : ""
  switch (delivery.state) {
    case "sent":
      return {
        channel,
        state,
        at: delivery.sentAt,
        text: `${what} was sent${digest} at ${timeText(delivery.sentAt)}.`,
      }
    case "dead":
      return {
        channel,
        state,
        at: delivery.deadAt,
        text: `${what} was given up at ${timeText(delivery.deadAt)}: ${delivery.why}`,
      }
    case "claimed":
      return { channel, state, at: null, text: `${what} is being sent.` }
    case "due": {
      const until = timeText(delivery.dueAt)
      const text = isResting(delivery, now)
        ? `${what} is held until ${until}, by quiet hours or a snooze.`
        : `${what} is to be sent at ${until}, after ${delivery.attempts} attempts.`
      return { channel, state, at: delivery.dueAt, text }
    }
  }
}

/** Live channels that were sent nothing about the call, and why. */
function unsent({ alert, deliveries, facts }: CallRecord, explaining: Explaining): ExplainedDelivery[] {
  const owed = new Set(deliveries.map(({ channel }) => channel))
  return recipientsAmong(explaining.channels).flatMap((recipient): ExplainedDelivery[] => {
    const { id, severityFrom } = settingsOf(recipient)
    if (owed.has(id)) return []
    const none = (text: string) => [{ channel: id, state: "none" as const, at: null, text }]
    if (!alert) return none("Nothing was sent: no rule that alerts people matched.")
    const severities = alert.reasons.map(({ severity }): Severity => severity)
    const named = alert.reasons.flatMap(
      ({ ruleId, version }) => versionOf(explaining, ruleId, version)?.channels ?? [],
    )
    if (severities.every((severity) => isWorse(severityFrom, severity)))
      return none(`Nothing was sent: the channel takes ${severityFrom} and worse.`)
    if (!severities.some((severity) => takes(recipient, severity, facts.call.agent)))
      return none("Nothing was sent: the channel takes the calls of other agents.")
    if (named.length > 0 && !named.includes(id))
      return none("Nothing was sent: the rules that matched name other channels.")
    return none(
      "Nothing was sent: the channel was not there when the call was alerted, and nothing about the call has changed.",
    )
  })
}
