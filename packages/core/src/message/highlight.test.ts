/** The turns that a person should read first. */
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { highlights } from "./highlight.ts"

const turn = (speaker: string | null, text: string | null) => ({ speaker, text })

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
  expect(highlights(transcript).map(({ text }) => text)).toEqual([
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
  expect(highlights(calm).map(({ text }) => text)).toEqual(["A manager will never cancel!", "Thanks."])
  expect(highlights([])).toEqual([])
  expect(highlights([turn("caller", null), turn(null, "  "), turn(null, " Hm. ")])).toEqual([
    { speaker: "unknown", text: "Hm." },
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
  expect(highlights(transcript)).toEqual([
    { speaker: "unknown", text: "How can I help you?" },
    { speaker: "unknown", text: "This is ridiculous!" },
    { speaker: "unknown", text: "I am sorry." },
    { speaker: "unknown", text: "Goodbye." },
  ])
  const named = [turn("AI Agent", "A manager will never cancel!"), turn("Customer", "I want a refund!")]
  expect(highlights(named)[0]).toEqual({ speaker: "AI Agent", text: "A manager will never cancel!" })
})

test("are at most four, in their order, each of at most 240 characters, the most heated one among them", () => {
  const anyTurn = fc.record({
    speaker: fc.constantFrom("caller", "agent", null),
    text: fc.oneof(
      fc.constant(null),
      fc.string(),
      fc.constantFrom("I want a refund!", "a human, please", "💥".repeat(300), "word ".repeat(1000)),
    ),
  })
  fc.assert(
    fc.property(fc.array(anyTurn, { maxLength: 12 }), (transcript) => {
      const shown = highlights(transcript)
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
