/** Why a rule matched, in people's words: every field with every operator it may have, as it is and negated. */
import { describe, expect, test } from "vitest"
import type { Because } from "../alert/alert.ts"
import { recordJudgement } from "../alert/call-record.ts"
import { MINUTE, SECOND, isoOf } from "../instant.ts"
import { FIELDS } from "../rule/field.ts"
import type { FieldType } from "../rule/field-type.ts"
import { judge } from "../rule/judgement.ts"
import { OPERATORS } from "../rule/operand.ts"
import { START, activityOf, detailOf, factsOf, ruleOf } from "../test-example.ts"
import { becauseText } from "./because.ts"

const at = (seconds: number) => isoOf(START - 5 * MINUTE + seconds * SECOND)

const call = detailOf({
  transcript: [
    { speaker: "agent", text: "How can I help you?", timestamp: at(5) },
    { speaker: "caller", text: "I want a refund.", timestamp: at(31) },
  ],
  activityTimeline: [
    {
      ...activityOf("TOOL_CALL"),
      timestamp: at(40),
      toolData: { tool: "get_account", result: { success: false } },
    },
    { ...activityOf("TRANSFER"), timestamp: at(72), toolData: { result: { status: "no_answer" } } },
    activityOf("HANGUP"),
  ],
})

/** Why a rule with this condition matches the call. */
function saidOf(when: Record<string, unknown>): string[] {
  const facts = factsOf(call)
  const record = recordJudgement(null, facts, judge([ruleOf(when)], facts, START), ["slack"], START)
  return (record.alert?.reasons[0]?.because ?? []).map((because) => becauseText(because, facts.call, "full"))
}

test.each([
  [{ transferred: true }, "Transferred at 1:12, nobody answered"],
  [{ timeline: "TRANSFER" }, "Transferred at 1:12, nobody answered"],
  [{ not: { timeline: "SEND_TEXT" } }, "No text message was sent"],
  [{ not: { timeline: "odd" } }, "“odd” did not happen"],
  [{ tools: { contains: "get_account" } }, "The agent used the tool “get_account”, which failed at 0:40"],
  [{ not: { tools: { contains: "find" } } }, "The agent did not use the tool “find”"],
  [{ "transcript.caller": { contains: "refund" } }, "The caller said “refund” at 0:31"],
  [{ "transcript.agent": { contains: "help" } }, "The agent said “help” at 0:05"],
  [{ transcript: { contains: "refund" } }, "Somebody said “refund” at 0:31"],
  [{ not: { transcript: { contains: "sue" } } }, "Nobody said “sue”"],
  [{ not: { "transcript.caller": { contains: "sue" } } }, "The caller did not say “sue”"],
  [{ "sentiment.happy": { gte: 0.7 } }, "Happiness 70% (alert from 70%)"],
  [{ not: { "sentiment.angry": { gte: 0.5 } } }, "Anger 10% (alert below 50%)"],
  [{ not: { "sentiment.angry": { gt: 0.5 } } }, "Anger 10% (alert up to 50%)"],
  [{ not: { "sentiment.angry": { lt: 0.05 } } }, "Anger 10% (alert from 5%)"],
  [{ not: { "sentiment.angry": { lte: 0.05 } } }, "Anger 10% (alert above 5%)"],
  [{ "sentiment.angry": { lt: 0.1004 } }, "Anger 10% (alert below 10.04%)"],
  [{ not: { "sentiment.angry": 0.5 } }, "Anger 10% (alert unless 50%)"],
  [{ not: { "sentiment.angry": { ne: 0.1 } } }, "Anger 10% (alert at 10%)"],
  [{ "sentiment.dominant": "happy" }, "The strongest mood is “happy”"],
  [{ callCost: { gt: 0.1 } }, "Cost 0.15 (alert above 0.1)"],
  [{ type: "INCOMING" }, "The direction is “INCOMING”"],
  [{ flagged: false }, "Not flagged"],
  [{ flagged: { ne: true } }, "Not flagged"],
  [{ not: { flagged: { ne: false } } }, "Not flagged"],
  [{ summary: { exists: true } }, "There is a summary"],
  [{ score: { exists: true } }, "Scored"],
])("%j says: %s", (when, said) => {
  expect(saidOf(when)).toEqual([said])
})

test.each([
  ["answered", ", somebody answered"],
  ["No-Answer", ", nobody answered"],
  ["timed_out", ", nobody answered"],
  ["busy", ", the line was busy"],
  ["FAILED", ", which failed"],
  ["something else", ""],
  [7, ""],
])("of a transfer with the status %s people read: Transferred at 1:12%s", (status, outcome) => {
  const activityTimeline = [
    { ...activityOf("TRANSFER"), timestamp: at(72), toolData: { result: { status } } },
  ]
  const because: Because = {
    field: "transferred",
    operator: "eq",
    operand: true,
    operandsLeftOut: 0,
    seen: true,
    isPersonal: false,
    isNegated: false,
  }
  expect(becauseText(because, detailOf({ activityTimeline }), "minimal")).toBe(
    `Transferred at 1:12${outcome}`,
  )
})

const OPERANDS: Record<FieldType, Because["operand"]> = {
  number: 2,
  string: "x",
  boolean: true,
  texts: "x",
  time: "18:00 to 08:00 (UTC)",
}

const SEEN: Record<FieldType, Because["seen"]> = {
  number: 1,
  string: "y",
  boolean: false,
  texts: ["y"],
  time: "2026-01-05T21:30:00.000Z",
}

describe.each(FIELDS.map((field) => [field.name, field] as const))("of %s", (name, { type, isPersonal }) => {
  test.each(OPERATORS[type])("%s has words of its own, and others negated", (operator) => {
    const because: Because = {
      field: name,
      operator,
      operand:
        operator === "exists"
          ? true
          : operator === "in" || operator === "containsAny"
            ? [OPERANDS[type], "z"].flat()
            : OPERANDS[type],
      operandsLeftOut: 0,
      seen: isPersonal ? null : SEEN[type],
      isPersonal,
      isNegated: false,
    }
    const [plain, negated] = [
      because,
      { ...because, isNegated: true, seen: type === "boolean" ? true : because.seen },
    ].map((one) => becauseText(one, call, "full"))
    expect(plain).not.toBe(negated)
    for (const text of [plain, negated]) {
      expect(text).toMatch(/^(?:[A-Z“]|echowin)/)
      expect(text).not.toMatch(/undefined|null|\[object|isTrue|sentiment\.|transcript\.|agent\.|usage\./)
      // Nobody reads a field's name as the program writes it.
      if (/[A-Z.]/.test(name)) expect(text).not.toContain(name)
    }
  })
})
