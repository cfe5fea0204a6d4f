/**
 * What is odd about a rule that is right in form: a value that no call can have, two comparisons that no call meets both, a
 * channel that is not there, a severity that no channel takes. Such a rule is saved all the same, because the vendor may say tomorrow what nobody has seen yet.
 */
import { type ChannelId, isOfDeployment } from "../channel/channel.ts"
import { fieldNamed } from "./field.ts"
import type { Field } from "./field-type.ts"
import { type Presence, isNeverThere, presenceIn, scoreScaleNotice } from "./presence.ts"
import { type Rule, type Severity, isWorse } from "./rule.ts"
import { nearestName } from "./spelling.ts"

/** `path` leads from the rule to what is odd. */
export type RuleWarning = { path: (string | number)[]; message: string }

type Comparison = { field: Field; operator: string; operand: unknown; path: (string | number)[] }

/**
 * What a rule is held against. `channels`: those that are live, and what each takes; null: not known yet. `presence`: of the last
 * days' calls.
 */
export type Surroundings = { channels: readonly Taker[] | null; presence: Presence }

type Taker = { id: ChannelId; severityFrom: Severity }

export function warningsOf(
  { when, severity, channels: named }: Pick<Rule, "when" | "severity" | "channels">,
  { channels, presence }: Surroundings,
): RuleWarning[] {
  const all: Comparison[] = []
  const clashes: RuleWarning[] = []
  readConjunction(when, ["when"], all, clashes)
  const absent = all.flatMap((comparison) => presenceWarning(comparison, presence))
  const routed = channels ? routeWarnings({ severity, channels: named }, channels) : []
  return [...all.flatMap(valueWarning), ...absent, ...clashes, ...routed]
}

function routeWarnings(rule: Pick<Rule, "severity" | "channels">, channels: readonly Taker[]): RuleWarning[] {
  const ids = channels.map(({ id }) => id)
  if (rule.channels) return channelWarnings(rule.channels, ids)
  const isTaken = channels.some(({ severityFrom }) => !isWorse(severityFrom, rule.severity))
  if (isTaken || channels.length === 0) return []
  const message = `no channel takes alerts of this severity (severityFrom), so they go to ${fallbackText(ids)} all the same`
  return [{ path: ["severity"], message }]
}

function presenceWarning({ field, path }: Comparison, presence: Presence): RuleWarning[] {
  if (isNeverThere(presence, field)) {
    const { calls } = presenceIn(presence, field)
    return [{ path, message: `none of the last ${calls} calls has ${field.name} (GET /fields)` }]
  }
  const notice = field.name === "score" ? scoreScaleNotice(presence) : null
  return notice === null ? [] : [{ path, message: notice }]
}

function channelWarnings(named: readonly ChannelId[], channels: readonly ChannelId[]): RuleWarning[] {
  const isThere = named.some((id) => channels.includes(id))
  const instead = isThere ? "" : `; as none of these is, alerts go to ${fallbackText(channels)}`
  return named.flatMap((id, index) =>
    channels.includes(id)
      ? []
      : [{ path: ["channels", index], message: `${id} is not there, or off${instead}` }],
  )
}

/** Where alerts go that no channel takes. */
function fallbackText(channels: readonly ChannelId[]): string {
  const own = channels.filter(isOfDeployment)
  return (own.length > 0 ? own : channels).join(" and ")
}

/** Collects every comparison in `all`, and the clashes between those that must all hold. Returns the latter. */
function readConjunction(
  when: unknown,
  path: (string | number)[],
  all: Comparison[],
  clashes: RuleWarning[],
): Comparison[] {
  const together = conjunctsOf(when, path, all, clashes)
  clashes.push(...clashesIn(together))
  return together
}

function conjunctsOf(
  when: unknown,
  path: (string | number)[],
  all: Comparison[],
  clashes: RuleWarning[],
): Comparison[] {
  if (!isObject(when)) return []
  return Object.entries(when).flatMap(([key, value]) => {
    const at = [...path, key]
    if (key === "not") {
      readConjunction(value, at, all, clashes)
      return []
    }
    if (key === "any" || key === "all") {
      const parts = Array.isArray(value) ? value : []
      if (key === "all")
        return parts.flatMap((part, index) => conjunctsOf(part, [...at, index], all, clashes))
      parts.forEach((part, index) => readConjunction(part, [...at, index], all, clashes))
      return []
    }
    const field = fieldNamed(key)
    if (!field) return []
    const bare = { field, operator: field.type === "texts" ? "contains" : "eq", operand: value, path: at }
    const made = isObject(value)
      ? Object.entries(value).map(([operator, operand]) => ({
          field,
          operator,
          operand,
          path: [...at, operator],
        }))
      : [bare]
    all.push(...made)
    return made
  })
}

/** Words of which the vendor's page names every one, or the one that matters. */
const WORDS: Record<string, readonly string[]> = {
  type: ["INCOMING", "OUTGOING"],
  timeline: ["RESPONSE", "TOOL_CALL", "TRANSFER", "SEND_EMAIL", "SEND_TEXT", "HANGUP"],
  "sentiment.dominant": ["happy", "sad", "angry", "neutral"],
}

/** The vendor may have other states than the documented one, but none that is nearly spelt like it. */
const NEARLY: Record<string, readonly string[]> = { status: ["completed"] }

const ALIKE: Record<string, string> = { inbound: "INCOMING", outbound: "OUTGOING", transferred: "TRANSFER" }

const SHARE = { min: 0, max: 1 }

/** What a number may be, by the vendor's page. */
const RANGES: Record<string, { min: number; max: number }> = {
  score: { min: 0, max: 5 },
  duration: { min: 0, max: Number.POSITIVE_INFINITY },
  "sentiment.happy": SHARE,
  "sentiment.sad": SHARE,
  "sentiment.angry": SHARE,
  "sentiment.neutral": SHARE,
}

function valueWarning({ field, operator, operand, path }: Comparison): RuleWarning[] {
  const isEqual =
    operator === "eq" || operator === "in" || (operator === "contains" && field.type === "texts")
  const choices = Array.isArray(operand) ? operand : [operand]
  const warned = choices.flatMap((choice, index): RuleWarning[] => {
    const message =
      typeof choice === "number"
        ? numberWarning(field.name, operator, choice)
        : typeof choice === "string" && isEqual
          ? wordWarning(field, choice)
          : null
    return message === null ? [] : [{ path: Array.isArray(operand) ? [...path, index] : path, message }]
  })
  return warned
}

function wordWarning(field: Field, text: string): string | null {
  const { name } = field
  const meant = field.meant?.(text) ?? text
  const folded = meant.trim().toLowerCase()
  const words = WORDS[name] ?? NEARLY[name]
  if (!words || words.some((word) => word.toLowerCase() === folded)) return null
  const nearest = ALIKE[folded] ?? nearestName(folded, words)
  if (!nearest || !words.includes(nearest)) {
    return WORDS[name] ? `matches no call that echowin documents: ${name} is ${listText(words)}` : null
  }
  return `matches no call that echowin documents; did you mean ${nearest}?`
}

function numberWarning(name: string, operator: string, value: number): string | null {
  const range = RANGES[name]
  if (!range) return null
  const { min, max } = range
  const isBeyond = {
    eq: value < min || value > max,
    in: value < min || value > max,
    lt: value <= min,
    lte: value < min,
    gt: value >= max,
    gte: value > max,
  }
  const isNever = Object.entries(isBeyond).some(([known, is]) => known === operator && is)
  if (!isNever) return null
  const rangeText = Number.isFinite(max) ? `from ${min} to ${max}` : `${min} or more`
  const isPercentage = range === SHARE && value > 1 && value <= 100
  return `matches no call: ${name} is ${rangeText}${isPercentage ? `; did you mean ${value / 100}?` : ""}`
}

type Bounds = { low: number; isLowIn: boolean; high: number; isHighIn: boolean }

const ANY: Bounds = {
  low: Number.NEGATIVE_INFINITY,
  isLowIn: true,
  high: Number.POSITIVE_INFINITY,
  isHighIn: true,
}

/** Of comparisons that must all hold: the first of each field that leaves no value to the others. */
function clashesIn(together: readonly Comparison[]): RuleWarning[] {
  const clashes: RuleWarning[] = []
  const byField = new Map<string, { bounds: Bounds; equal: unknown; hasClashed: boolean }>()
  for (const { field, operator, operand, path } of together) {
    const known = byField.get(field.name) ?? { bounds: ANY, equal: undefined, hasClashed: false }
    const bounds = typeof operand === "number" ? narrowed(known.bounds, operator, operand) : known.bounds
    const isEqual = operator === "eq" && (typeof operand === "string" || typeof operand === "boolean")
    const equal = isEqual ? String(operand).trim().toLowerCase() : known.equal
    const isEmpty =
      bounds.low > bounds.high || (bounds.low === bounds.high && !(bounds.isLowIn && bounds.isHighIn))
    const isOther = known.equal !== undefined && equal !== known.equal
    const clashesNow = !known.hasClashed && (isEmpty || isOther)
    if (clashesNow)
      clashes.push({ path, message: `matches no call together with what else is asked of ${field.name}` })
    byField.set(field.name, { bounds, equal, hasClashed: known.hasClashed || clashesNow })
  }
  return clashes
}

function narrowed(bounds: Bounds, operator: string, value: number): Bounds {
  const isIn = operator === "gte" || operator === "lte" || operator === "eq"
  const isLow = operator === "gt" || operator === "gte" || operator === "eq"
  const isHigh = operator === "lt" || operator === "lte" || operator === "eq"
  const isHigher = isLow && (value > bounds.low || (value === bounds.low && !isIn))
  const isLower = isHigh && (value < bounds.high || (value === bounds.high && !isIn))
  return {
    ...bounds,
    ...(isHigher && { low: value, isLowIn: isIn }),
    ...(isLower && { high: value, isHighIn: isIn }),
  }
}

function listText(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
