/** The turns that a person should read first. */
import type { TranscriptEntry } from "@earshot/calls-api/call"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import type { Because } from "../alert/alert.ts"
import { MINUTE, SECOND, isoOf } from "../instant.ts"
import { START, activityOf, detailOf } from "../test-example.ts"
import { highlights } from "./highlight.ts"

const untimed = { at: null, isAfterGap: false }

const turn = (
  speaker: string | null,
  text: string | null,
  seconds: number | null = null,
): TranscriptEntry => ({
  speaker,
  text,
  timestamp: seconds === null ? null : isoOf(START - 5 * MINUTE + seconds * SECOND),
})

/** Of a call in which nothing was done. */
const highlightsOf = (transcript: TranscriptEntry[]) =>
  highlights(detailOf({ transcript, activityTimeline: null }), [])

test("are where the caller was most upset, what led to it, what came of it, and the end", () => {
  const transcript = [
    turn("agent", "How can I help you?"),
    turn("caller", "I have a question."),
    turn("agent", "Please hold on."),
    turn("caller", "This is ridiculous, I have been waiting! I want a manager!"),
    turn("agent", "I am sorry."),
    turn("caller", "Hm."),
    turn("agent", "Goodbye."),
  ]
  expect(highlightsOf(transcript).map(({ text }) => text)).toEqual([
    "Please hold on.",
    "This is ridiculous, I have been waiting! I want a manager!",
    "I am sorry.",
    "Goodbye.",
  ])
})

test("are the last two where nobody was upset, whatever the agent says", () => {
  const calm = [
    turn("caller", "Hello."),
    turn("agent", "A manager will never cancel!"),
    turn("caller", "Thanks."),
  ]
  expect(highlightsOf(calm).map(({ text }) => text)).toEqual(["A manager will never cancel!", "Thanks."])
  expect(highlightsOf([])).toEqual([])
  expect(highlightsOf([turn("caller", null), turn(null, "  "), turn(null, " Hm. ")])).toEqual([
    { ...untimed, speaker: "unknown", text: "Hm." },
  ])
})

test("are attributed to nobody where every turn is said to be the agent's, and any may be the caller's", () => {
  const transcript = [
    turn("agent", "How can I help you?"),
    turn("agent", "This is ridiculous!"),
    turn("agent", "I am sorry."),
    turn("agent", "Hm."),
    turn("agent", "Goodbye."),
  ]
  expect(highlightsOf(transcript).map(({ speaker, text }) => [speaker, text])).toEqual([
    ["unknown", "How can I help you?"],
    ["unknown", "This is ridiculous!"],
    ["unknown", "I am sorry."],
    ["unknown", "Goodbye."],
  ])
  const named = [turn("AI Agent", "A manager will never cancel!"), turn("Customer", "I want a refund!")]
  expect(highlightsOf(named)[0]).toMatchObject({ speaker: "AI Agent", text: "A manager will never cancel!" })
})

test("are at most four, in their order, each of at most 240 characters, the most heated one among them", () => {
  const anyTurn = fc.record({
    speaker: fc.constantFrom("caller", "agent", null),
    timestamp: fc.constant(null),
    text: fc.oneof(
      fc.constant(null),
      fc.string(),
      fc.constantFrom("I want a refund!", "a human, please", "💥".repeat(300), "word ".repeat(1000)),
    ),
  })
  fc.assert(
    fc.property(fc.array(anyTurn, { maxLength: 12 }), (transcript) => {
      const shown = highlightsOf(transcript)
      expect(shown.length).toBeLessThanOrEqual(4)
      let place = -1
      for (const { text } of shown) {
        expect(text.length).toBeLessThanOrEqual(240)
        const beginning = text.replace(/…$/, "")
        place = transcript.findIndex(
          (turn, index) => index > place && turn.text?.trim().startsWith(beginning),
        )
        expect(place).toBeGreaterThan(-1)
      }
      const isHeated = (turn: { speaker: string | null; text: string | null }) =>
        turn.speaker === "caller" && turn.text === "I want a refund!"
      if (transcript.some(isHeated)) expect(shown.some((turn) => /refund|human|!/.test(turn.text))).toBe(true)
    }),
  )
})

/** Half an hour of talk, in which nobody is upset. */
const talk = Array.from({ length: 60 }, (_, index) =>
  turn(index % 2 === 0 ? "agent" : "caller", `Turn ${index}.`, index * 30),
)

const textsOf = (quotes: readonly { text: string }[]) => quotes.map(({ text }) => text)

const did = (type: string, seconds: number, toolData: unknown = null) => ({
  ...activityOf(type),
  toolData,
  timestamp: isoOf(START - 5 * MINUTE + seconds * SECOND),
})

test("are around the transfer: what the caller asked for before it, and what was said after it, with their times", () => {
  const call = detailOf({ transcript: talk, activityTimeline: [did("CALL_TRANSFERRED", 620)] })
  expect(highlights(call, [])).toEqual([
    { speaker: "caller", text: "Turn 19.", at: "9:30", isAfterGap: false },
    { speaker: "caller", text: "Turn 21.", at: "10:30", isAfterGap: true },
    { speaker: "caller", text: "Turn 59.", at: "29:30", isAfterGap: true },
  ])
})

test("are what was said after the first tool that failed, and not after one that worked", () => {
  const works = did("TOOL_CALL", 100, { tool: "find", result: { success: true, error: null } })
  const fails = did("TOOL_CALL", 200, { tool: "find", result: { error: "timed out" } })
  const of = (...activityTimeline: ReturnType<typeof did>[]) =>
    textsOf(highlights(detailOf({ transcript: talk, activityTimeline }), []))
  expect(of(works, fails)).toEqual(["Turn 7.", "Turn 59."])
  expect(of(works)).toEqual(["Turn 58.", "Turn 59."])
})

test("are where what a rule looked for was said, by whom it was looked for", () => {
  const because: Because = {
    field: "transcript.caller",
    operator: "contains",
    operand: "turn 3",
    operandsLeftOut: 0,
    seen: null,
    isPersonal: true,
    isNegated: false,
  }
  const call = detailOf({ transcript: talk, activityTimeline: null })
  expect(textsOf(highlights(call, [because]))).toEqual(["Turn 3.", "Turn 59."])
  const agents = { ...because, field: "transcript.agent" }
  expect(textsOf(highlights(call, [agents]))).toEqual(["Turn 30.", "Turn 59."])
  expect(textsOf(highlights(call, [{ ...because, isNegated: true }]))).toEqual(["Turn 58.", "Turn 59."])
})

test("are found by the words of the timeline where nothing has a time", () => {
  const transcript = talk.map((one) => ({ ...one, timestamp: null }))
  const activityTimeline = [
    { ...activityOf("RESPONSE"), data: "Turn 8." },
    activityOf("TRANSFER"),
    { ...activityOf("RESPONSE"), data: "Turn 9." },
  ]
  const quotes = highlights(detailOf({ transcript, activityTimeline }), [])
  expect(textsOf(quotes)).toEqual(["Turn 7.", "Turn 9.", "Turn 59."])
  expect(quotes.map(({ isAfterGap }) => isAfterGap)).toEqual([false, true, true])
})
