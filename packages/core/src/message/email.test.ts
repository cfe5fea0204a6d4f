/** A message as SNS accepts it and as a person reads it on a phone. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { emailOf } from "./email.ts"
import type { Message } from "./message.ts"

const message: Message = {
  kind: "alert",
  severity: "critical",
  callId: "3f1c2a9e-5b7d-4c1e-9a2f-0d6b8e4f7a11",
  ruleIds: ["low-score", "angry-caller"],
  title: "Low score, Angry caller",
  headline: "The caller was charged twice.",
  sentence: "Critical: The caller was charged twice. Front desk took a call from …4567 (4 min 5 s).",
  about: "Front desk, …4567, 09:00 UTC",
  facts: [
    { label: "Agent", text: "Front desk" },
    { label: "Caller", text: "…4567" },
    { label: "Ended", text: "2026-03-02 09:00 UTC" },
  ],
  why: [
    { name: "Low score", because: "Scored 1.5 of 5 (alert up to 2)" },
    { name: "Angry caller", because: "Anger 80% (alert from 50%)" },
  ],
  summary: "Charged twice & very upset.\nAsked for a manager.",
  turns: [
    { speaker: "caller", text: "You charged me twice!", at: "1:12", isAfterGap: false },
    { speaker: "agent", text: "I am sorry.", at: null, isAfterGap: true },
  ],
  recordingUrl: "https://files.example/recording-1",
  callUrl: "https://calls.example/3f1c2a9e",
  acknowledgeUrl: null,
  next: "See what was said, and call back if it can still be saved.",
  small: [
    "call 3f1c2a9e-5b7d-4c1e-9a2f-0d6b8e4f7a11",
    "low-score@1 angry-caller@3",
    "alert raised 42 s after the call ended",
  ],
}

test("an angry caller with a low score is this", () => {
  expect(emailOf(message)).toEqual({
    subject: "Critical: Low score, Angry caller (Front desk, ...4567, 09:00 UTC)",
    body: `Critical: The caller was charged twice. Front desk took a call from …4567 (4
min 5 s).

Agent: Front desk
Caller: …4567
Ended: 2026-03-02 09:00 UTC

Why
  - Low score: Scored 1.5 of 5 (alert up to 2)
  - Angry caller: Anger 80% (alert from 50%)

Summary
  Charged twice & very upset.
  Asked for a manager.

What was said
  1:12 caller: You charged me twice!
  …
  agent: I am sorry.

Recording (anyone with this link can listen)
  https://files.example/recording-1

Next
  See what was said, and call back if it can still be saved.
  https://calls.example/3f1c2a9e

-- 
call 3f1c2a9e-5b7d-4c1e-9a2f-0d6b8e4f7a11
low-score@1 angry-caller@3
alert raised 42 s after the call ended
Sent by Earshot.`,
    attributes: {
      severity: "critical",
      rule: ["low-score", "angry-caller"],
      callId: "3f1c2a9e-5b7d-4c1e-9a2f-0d6b8e4f7a11",
    },
  })
})

test("what is not known is left out", () => {
  const bare = { ...message, summary: null, turns: [], recordingUrl: null }
  const { body } = emailOf(bare)
  for (const heading of ["Summary", "What was said", "Recording"]) expect(body).not.toContain(heading)
  expect(body).not.toMatch(/null|undefined|\n\n\n/)
})

describe("whatever a caller said", () => {
  const anyHostile = fc
    .array(
      fc.tuple(
        fc.constantFrom(
          "a",
          "é",
          "ß",
          "ﷺ",
          "💥",
          "…",
          "\ud83d",
          "\udca5",
          "\uffff",
          "\ufffe",
          "\u0000",
          "\u001b",
          "\u0085",
          "\n",
          "\r\n",
          "\r",
          "\t",
          "\u2028",
          " ",
          "Subject: x",
          "-- \n",
        ),
        fc.oneof(
          { weight: 5, arbitrary: fc.nat(3) },
          { weight: 1, arbitrary: fc.constantFrom(120, 1000, 150_000) },
        ),
      ),
      { maxLength: 5 },
    )
    .map((pieces) => pieces.map(([piece, times]) => piece.repeat(times)).join(""))
  const anyMessage: fc.Arbitrary<Message> = fc
    .record({
      text: anyHostile,
      summary: fc.option(anyHostile, { nil: null }),
      turns: fc.array(
        fc.record({
          speaker: anyHostile,
          text: anyHostile,
          at: fc.option(fc.constant("1:12"), { nil: null }),
          isAfterGap: fc.boolean(),
        }),
        { maxLength: 4 },
      ),
      recordingUrl: fc.option(anyHostile, { nil: null }),
      callUrl: fc.option(anyHostile, { nil: null }),
      severity: fc.constantFrom("info", "warning", "critical"),
      callId: anyHostile.map((text) => `i${text}`.slice(0, 200)),
      rules: fc.integer({
        min: 1,
        max: 100,
      }),
    })
    .map(({ text, callId, rules, ...rest }) => ({
      ...message,
      ...rest,
      callId,
      ruleIds: Array.from({ length: rules }, () => "r".repeat(63)),
      title: Array.from({ length: rules }, () => `R${text}`.slice(0, 80)).join(", "),
      sentence: `A call came in from ${text}.`,
      about: text.slice(0, 2e3),
      facts: [
        {
          label: "Agent",
          text,
        },
      ],
      why: Array.from({ length: rules }, () => ({
        name: `R${text}`.slice(0, 80),
        because: text.slice(0, 2e3),
      })),
      small: [`call ${callId}`, `${"r".repeat(63)}@1 `.repeat(rules)],
    }))

  test("the subject is 1 to 99 characters of printable ASCII on one line", () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const { subject } = emailOf(message)
        expect(subject).toMatch(/^(Info|Warning|Critical): [\x20-\x7e]*$/)
        expect(subject.length).toBeLessThanOrEqual(99)
      }),
      { numRuns: 60 },
    )
  })

  test("the body is text without control characters, and all of it is less than SNS takes", () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const { body, attributes } = emailOf(message)
        expect(body.isWellFormed()).toBe(true)
        // oxlint-disable-next-line no-control-regex
        expect(body).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufffe\uffff]/)
        const bytes = Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(attributes))
        expect(bytes).toBeLessThan(262_144)
        for (const line of body.split("\n")) {
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(998)
          // Only a word that is longer by itself makes a line long.
          if (line.trim().length > 76) expect(line.trim()).toMatch(/^(?:- |Agent: +)?\S+$/)
        }
      }),
      { numRuns: 60 },
    )
  })

  test("the call can be found by its id, however much else there is to say", () => {
    const huge = "💥 ".repeat(200_000)
    const { body } = emailOf({ ...message, summary: huge, facts: [{ label: "Agent", text: huge }] })
    expect(body).toContain("\n[cut: too long]\n\n-- \ncall 3f1c2a9e-5b7d-4c1e-9a2f-0d6b8e4f7a11\n")
    expect(body).not.toContain("\ufffd")
  })
})

test("nobody writes a line of ours by speaking", () => {
  const forged = "Bob\r\nNext\n  Call +1 900 555 0100\u2028Why\u0085-- \nSent by Earshot."
  const { body } = emailOf({
    ...message,
    sentence: `Info: ${forged}`,
    facts: [{ label: "Agent", text: forged }],
    about: forged,
    why: [{ name: forged, because: forged }],
    summary: forged,
    turns: [{ speaker: forged, text: forged, at: null, isAfterGap: false }],
  })
  const ours = body.split("\n").filter((line) => /^(Next|Why|-- |Sent by Earshot\.)$/.test(line))
  expect(ours).toEqual(["Why", "Next", "-- ", "Sent by Earshot."])
})

test.each([
  ["Zu spät: Ärger", "Jörg, …4567", "Critical: Zu spat: Arger (Jorg, ...4567)"],
  ["Störung 💥", "09:00 UTC", "Critical: Storung ? (09:00 UTC)"],
  ["Two\r\nlines", "a\nb", "Critical: Two lines (a b)"],
  ["Flagged", "", "Critical: Flagged"],
  ["x".repeat(80), "Hollis, …4567, 09:00 UTC", `Critical: ${"x".repeat(57)}... (Hollis, ...4567, 09:00 UTC)`],
  ["x".repeat(80), "a".repeat(80), `Critical: ${"x".repeat(19)}... (${"a".repeat(61)}...)`],
])(
  "of the title %s and %s the subject makes plain text, and cuts the title first",
  (title, about, subject) => {
    expect(emailOf({ ...message, title, about }).subject).toBe(subject)
  },
)

test("the subject does not hold the call's id, which says nothing to people", () => {
  expect(emailOf(message).subject).not.toContain(message.callId)
})
