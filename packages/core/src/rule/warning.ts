/**
 * What is odd about a rule that is right in form: a value that no call can have, two comparisons that no call meets both, a
 * channel that is not there, a severity that no channel takes. Such a rule is saved all the same, because the vendor may say tomorrow what nobody has seen yet.
 */
import { type ChannelId, isOfDeployment } from "../channel/channel.ts"
import { parseCondition } from "./condition.ts"
import { constantsIn } from "./constant-condition.ts"
import { fieldNamed } from "./field.ts"
import { nameWarning } from "./name-warning.ts"
import { type Presence, isNeverThere, presenceIn, scoreScaleNotice } from "./presence.ts"
import { type Rule, type Severity, isWorse } from "./rule.ts"
import { type RuleWarning, type WrittenComparison, valueWarning } from "./value-warning.ts"

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
  const all: WrittenComparison[] = []
  const clashes: RuleWarning[] = []
  readConjunction(when, ["when"], all, clashes)
  const absent = all.flatMap((comparison) => presenceWarning(comparison, presence))
  const routed = channels ? routeWarnings({ severity, channels: named }, channels) : []
  const odd = [...all.flatMap(valueWarning), ...clashes]
  return [...odd, ...absent, ...constantWarnings(when, odd), ...routed]
}

/** Of what always or never holds, unless it was said already why. */
function constantWarnings(when: unknown, said: readonly RuleWarning[]): RuleWarning[] {
  const parsed = parseCondition(when, { isStored: true })
  if (!parsed.ok) return []
  return constantsIn(parsed.condition).flatMap(({ path: inner, isTrue, fields }) => {
    const path = ["when", ...inner]
    const isSaid = said.some((known) => path.every((part, index) => known.path[index] === part))
    if (isSaid) return []
    const message = isTrue
      ? `holds of every call of which ${fields.join(" and ")} ${fields.length > 1 ? "are" : "is"} known`
      : "matches no call: its parts contradict each other"
    return [{ path, message }]
  })
}

function routeWarnings(rule: Pick<Rule, "severity" | "channels">, channels: readonly Taker[]): RuleWarning[] {
  const ids = channels.map(({ id }) => id)
  if (rule.channels) return channelWarnings(rule.channels, ids)
  const isTaken = channels.some(({ severityFrom }) => !isWorse(severityFrom, rule.severity))
  if (isTaken || channels.length === 0) return []
  const message = `no channel takes alerts of this severity (severityFrom), so they go to ${fallbackText(ids)} all the same`
  return [{ path: ["severity"], message }]
}

function presenceWarning(comparison: WrittenComparison, presence: Presence): RuleWarning[] {
  const { field, path } = comparison
  if (isNeverThere(presence, field)) {
    const { calls } = presenceIn(presence, field)
    return [{ path, message: `none of the last ${calls} calls has ${field.name} (GET /fields)` }]
  }
  const named = nameWarning(comparison, presence.seen)
  if (named.length > 0) return named
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
  all: WrittenComparison[],
  clashes: RuleWarning[],
): WrittenComparison[] {
  const together = conjunctsOf(when, path, all, clashes)
  clashes.push(...clashesIn(together))
  return together
}

function conjunctsOf(
  when: unknown,
  path: (string | number)[],
  all: WrittenComparison[],
  clashes: RuleWarning[],
): WrittenComparison[] {
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

type Bounds = { low: number; isLowIn: boolean; high: number; isHighIn: boolean }

const ANY: Bounds = {
  low: Number.NEGATIVE_INFINITY,
  isLowIn: true,
  high: Number.POSITIVE_INFINITY,
  isHighIn: true,
}

/** Of comparisons that must all hold: the first of each field that leaves no value to the others. */
function clashesIn(together: readonly WrittenComparison[]): RuleWarning[] {
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
