/** For tests: calls, facts and rules, as examples and at random. */
import type { Call, CallDetail } from "@earshot/calls-api/call"
import * as fc from "fast-check"
import type { Facts } from "./call/facts.ts"
import { MINUTE, isoOf } from "./instant.ts"
import { type Condition, parseCondition } from "./rule/condition.ts"
import { type CompiledRule, Rule, compileRules } from "./rule/rule.ts"
import { callKey } from "./watch/call-key.ts"
import type { OpenState } from "./watch/open-state.ts"
import { EMPTY_WATCH, type Watch, type WatchedCall } from "./watch/watch.ts"

/** A Monday morning. */
export const START = Date.UTC(2026, 2, 2, 9)

/** A call that went well and ended at `START`, as the list shows it: scored, with no marks. */
export function rowOf(changes: Partial<Call> = {}): Call {
  return {
    id: "call-1",
    from: "+15551234567",
    to: "+15559876543",
    type: "INCOMING",
    status: "completed",
    duration: 245,
    createdAt: isoOf(START - 5 * MINUTE),
    endedAt: isoOf(START),
    summary: "The caller asked for a table and got one.",
    score: 4.5,
    flagged: false,
    favorite: false,
    spam: false,
    agent: { id: "agent-1", name: "Front desk" },
    transcript: [
      { speaker: "agent", text: "How can I help you?", timestamp: null },
      { speaker: "caller", text: "A table for two, please.", timestamp: null },
    ],
    recordingUrl: "https://files.example/recording-1",
    ...changes,
  }
}

/** The same call, with what only the detail has. */
export function detailOf(changes: Partial<CallDetail> = {}): CallDetail {
  return {
    ...rowOf(),
    memory: "Prefers the terrace.",
    activityTimeline: [activityOf("CALL_ANSWERED"), activityOf("HANGUP")],
    metadata: {
      sentiment: { happy: 0.7, sad: 0, angry: 0.1, neutral: 0.2 },
      callQuality: "excellent",
      technicalIssues: null,
      usage: { inputTokens: 1500, outputTokens: 800, totalTokens: 2300 },
      callCost: 0.15,
    },
    ...changes,
  }
}

export function activityOf(type: string): NonNullable<CallDetail["activityTimeline"]>[number] {
  return { id: null, type, sender: null, data: null, toolData: null, timestamp: null }
}

/** Facts with a final detail. */
export function factsOf(changes: Partial<CallDetail> = {}, more: Partial<Facts> = {}): Facts {
  return {
    call: detailOf(changes),
    firstSeenAt: START,
    detailedAt: START,
    detailIsFinal: true,
    overAt: null,
    ...more,
  }
}

/** Facts known only from the list. */
export function listedFactsOf(changes: Partial<Call> = {}, more: Partial<Facts> = {}): Facts {
  const call = { ...rowOf(changes), memory: null, activityTimeline: null, metadata: null }
  return { call, firstSeenAt: START, detailedAt: null, detailIsFinal: false, overAt: null, ...more }
}

/** The open state of `call-1`, seen in progress at `START`. */
export function openOf(changes: Partial<OpenState> = {}): OpenState {
  return {
    id: "call-1",
    firstSeenAt: START,
    heldMs: 0,
    endedAt: null,
    wantsDetail: false,
    isAnalysed: false,
    scoredAt: null,
    looks: 0,
    nextLookAt: START,
    settlesAt: null,
    isKept: false,
    isAlerted: false,
    ...changes,
  }
}

/** A call as the watch remembers it. `open`: changes to `openOf`; null: the call is decided. */
export function watchedOf(
  id: string,
  at: number,
  { open = null, fingerprint = "f" }: { open?: Partial<OpenState> | null; fingerprint?: string } = {},
): WatchedCall {
  return { key: callKey(id), startedAt: at, fingerprint, open: open && openOf({ id, ...open }) }
}

export function watchOf(calls: readonly WatchedCall[], changes: Partial<Watch> = {}): Watch {
  return { ...EMPTY_WATCH, calls: new Map(calls.map((call) => [call.key, call])), ...changes }
}

/** A UUID of version 4. */
export function uuidOf(roll: () => number): string {
  const digits = (count: number) =>
    Array.from({ length: count }, () => Math.floor(roll() * 16).toString(16)).join("")
  return `${digits(8)}-${digits(4)}-4${digits(3)}-8${digits(3)}-${digits(12)}`
}

/** Throws if the condition is invalid. */
export function conditionOf(when: unknown): Condition {
  const parsed = parseCondition(when)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return parsed.condition
}

/** Throws if the condition is invalid or the rule is off. */
export function ruleOf(when: Record<string, unknown>, changes: Partial<Rule> = {}): CompiledRule {
  const rule = Rule.parse({
    id: "rule",
    name: "Rule",
    when,
    version: 1,
    updatedAt: null,
    settle: "PT30M",
    ...changes,
  })
  const [compiled] = compileRules([rule])
  if (!compiled) throw new Error("The rule does not compile.")
  return compiled
}

/** Seeded rolls between 0 and 1. Only the seed has to shrink when a long run fails. */
export function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom("agent", "caller", "TRANSFER", "completed"),
)

const share = orNull(fc.double({ min: 0, max: 1, noNaN: true }))

const tokens = orNull(fc.nat(5000))

const instant = fc.integer({ min: START - 100 * MINUTE, max: START + 100 * MINUTE })

const rowFields = {
  id: fc.constant("call-1"),
  from: orNull(text),
  to: orNull(text),
  type: orNull(fc.constantFrom("INCOMING", "OUTGOING", "TRANSIT")),
  status: orNull(fc.constantFrom("completed", "in_progress", "failed", "")),
  duration: orNull(fc.oneof(fc.nat(3600), fc.double({ noNaN: true, noDefaultInfinity: true }))),
  createdAt: orNull(instant.map(isoOf)),
  endedAt: orNull(instant.map(isoOf)),
  summary: orNull(text),
  score: orNull(fc.constantFrom(0, 1.5, 2, 3, 5)),
  flagged: orNull(fc.boolean()),
  favorite: orNull(fc.boolean()),
  spam: orNull(fc.boolean()),
  agent: orNull(fc.record({ id: orNull(text), name: orNull(text) })),
  transcript: orNull(
    fc.array(fc.record({ speaker: orNull(text), text: orNull(text), timestamp: fc.constant(null) }), {
      maxLength: 3,
    }),
  ),
  recordingUrl: orNull(text),
}

/** A row of always the same call, with any of its values missing. */
export const anyRow: fc.Arbitrary<Call> = fc.record(rowFields)

/** A detail of always the same call, with any of its values missing. */
export const anyDetail: fc.Arbitrary<CallDetail> = fc.record({
  ...rowFields,
  memory: orNull(text),
  activityTimeline: orNull(
    fc.array(fc.constantFrom("TRANSFER", "HANGUP", "RESPONSE").map(activityOf), { maxLength: 3 }),
  ),
  metadata: orNull(
    fc.record({
      sentiment: orNull(fc.record({ happy: share, sad: share, angry: share, neutral: share })),
      callQuality: orNull(text),
      technicalIssues: orNull(text),
      usage: orNull(fc.record({ inputTokens: tokens, outputTokens: tokens, totalTokens: tokens })),
      callCost: orNull(fc.constantFrom(0, 0.15)),
    }),
  ),
})

/** A condition as people write it, at most `depth` levels deep. Uses `exists` only if asked to. */
export function anyWhen({ depth, exists }: { depth: number; exists: boolean }): fc.Arbitrary<object> {
  const leaf = fc.oneof(
    fc.boolean().map((flagged) => ({ flagged })),
    fc.constantFrom("lt", "lte", "gt", "gte", "eq", "ne").map((operator) => ({ score: { [operator]: 2 } })),
    fc.constantFrom("contains", "startsWith", "ne").map((operator) => ({ summary: { [operator]: "a" } })),
    fc.constant({ "transcript.caller": { contains: "a" } }),
    fc.constant({ status: { in: ["completed", "failed"] } }),
    fc.boolean().map((transferred) => ({ transferred })),
    fc.constant({ timeline: "HANGUP" }),
    fc.constant({ "sentiment.angry": { gte: 0.5 } }),
    ...(exists
      ? [
          fc.boolean().map((exists) => ({ summary: { exists } })),
          fc.boolean().map((exists) => ({ memory: { exists } })),
        ]
      : []),
  )
  if (depth <= 1) return leaf
  const part = anyWhen({ depth: depth - 1, exists })
  const parts = fc.array(part, { minLength: 1, maxLength: 3 })
  return fc.oneof(
    leaf,
    part.map((not) => ({ not })),
    parts.map((all) => ({ all })),
    parts.map((any) => ({ any })),
  )
}
