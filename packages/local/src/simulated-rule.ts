/**
 * The rules of a simulation: those from the start, and what people make of them while it runs. A version of a rule
 * says from its own knowledge of the calls when it holds, and never asks the code that it is there to test.
 */
import { ChannelId, DEFAULT_RULES, type Rule } from "@earshot/core/rule"
import { type Instant, isoOf } from "@earshot/core/instant"
import { between, chance, createRandom, pick } from "@earshot/emulators/random"
import type { ProfileName } from "./fault.ts"
import { lowScoreAt, type SimulatedCall } from "./simulated-traffic.ts"

export type RuleVersion = {
  ruleId: string
  version: number
  /** In force from the one until the other. */
  from: Instant
  until: Instant
  /** What is written at `from`; null for a rule that exists from the start. */
  rule: Rule | null
  source: "list" | "detail"
  /** Whom it tells. */
  channels: readonly ChannelId[]
  /** When it begins to hold of a call; Infinity if it never does. */
  matchesAt: (call: SimulatedCall) => Instant
}

const NEVER = Number.POSITIVE_INFINITY
const ALL = ChannelId.options

const MATCHES: Record<string, Pick<RuleVersion, "source" | "matchesAt">> = {
  flagged: { source: "list", matchesAt: (call) => call.flaggedAt },
  "low-score": { source: "list", matchesAt: (call) => lowScoreAt(call, 2) },
  "angry-caller": {
    source: "detail",
    matchesAt: (call) => (call.angry >= 0.5 ? call.sentimentAt : NEVER),
  },
  transferred: { source: "detail", matchesAt: (call) => call.transferredAt },
}

/** Half of the seeds have rules edited, but none in the calm profile. In the order of `from`. */
export function planRules(options: {
  seed: number
  profile: ProfileName
  start: Instant
  end: Instant
}): RuleVersion[] {
  const { seed, profile, start, end } = options
  const random = createRandom("rules", seed, profile)
  const versions = DEFAULT_RULES.map((rule): RuleVersion => {
    const match = MATCHES[rule.id]
    if (!match) throw new Error(`The simulation does not know when ${rule.id} holds.`)
    const exists = { version: rule.version, from: start, until: NEVER, rule: null, channels: ALL }
    return { ...match, ruleId: rule.id, ...exists }
  })
  if (profile === "calm" || chance(random, 0.5)) return versions
  const moment = (from: number, to: number) => Math.round(start + (end - start) * between(random, from, to))

  const edit = (id: string, at: Instant, changes: Partial<Rule>, matchesAt: RuleVersion["matchesAt"]) => {
    const before = versions.findLast((version) => version.ruleId === id)
    if (before) before.until = at
    const known = before?.rule ?? DEFAULT_RULES.find((rule) => rule.id === id) ?? LONG_CALL
    const version = (before?.version ?? 0) + 1
    const rule: Rule = { ...known, ...changes, version, updatedAt: isoOf(at) }
    const source = before?.source ?? "list"
    const channels = rule.channels ?? ALL
    versions.push({ ruleId: id, version, from: at, until: NEVER, rule, source, channels, matchesAt })
  }
  if (chance(random, 0.6)) {
    edit("long-call", moment(0.1, 0.5), {}, (call) => longCallAt(call, 600))
    const longer = { when: { duration: { gte: 900 } } }
    if (chance(random, 0.5)) edit("long-call", moment(0.5, 0.9), longer, (call) => longCallAt(call, 900))
  }
  if (chance(random, 0.6)) {
    edit("low-score", moment(0.2, 0.8), { when: { score: { lte: 1 } } }, (call) => lowScoreAt(call, 1))
  }
  if (chance(random, 0.6)) {
    edit("transferred", moment(0.2, 0.5), { mode: seed % 2 === 0 ? "off" : "shadow" }, () => NEVER)
    edit("transferred", moment(0.5, 0.8), { mode: "live" }, (call) => call.transferredAt)
  }
  if (chance(random, 0.6)) {
    const channels = [pick(random, ALL)]
    edit("flagged", moment(0.2, 0.5), { channels }, (call) => call.flaggedAt)
    const both = { channels: [...ALL] }
    if (chance(random, 0.5)) edit("flagged", moment(0.5, 0.8), both, (call) => call.flaggedAt)
  }
  // Without it nothing but a transfer may be waited for, once a call has ended.
  if (chance(random, 0.4)) edit("angry-caller", moment(0.05, 0.2), { mode: "off" }, () => NEVER)
  return versions.sort((a, b) => a.from - b.from)
}

const LONG_CALL: Rule = {
  id: "long-call",
  name: "Long call",
  mode: "live",
  severity: "info",
  when: { duration: { gte: 600 } },
  settle: "PT30M",
  version: 1,
  updatedAt: null,
  isDeleted: false,
}

function longCallAt(call: SimulatedCall, seconds: number): Instant {
  return call.seconds >= seconds ? call.endedAt : NEVER
}
