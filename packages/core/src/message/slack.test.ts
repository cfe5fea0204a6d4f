/** A message as Slack accepts it, whatever a caller said. */
import { checkPayload } from "@earshot/emulators/slack-payload"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Alert, Because } from "../alert/alert.ts"
import { type CallRecord, recordJudgement } from "../alert/call-record.ts"
import { Privacy } from "../channel/channel.ts"
import { callReference } from "../fingerprint.ts"
import { MINUTE, SECOND, isoOf } from "../instant.ts"
import { judge } from "../rule/judgement.ts"
import { START, detailOf, factsOf, ruleOf } from "../test-example.ts"
import { composeMessage, endedAt } from "./message.ts"
import { type SlackPayload, slackPayload } from "./slack.ts"

function payloadOf(record: CallRecord, privacy: Privacy, mayRepeat = false): SlackPayload {
  const message = composeMessage(record, { privacy, mayRepeat, given: 0 })
  if (!message) throw new Error("There is no message.")
  return slackPayload(message, endedAt(record))
}

test("an angry caller with a low score is this, where the channel may know everything", () => {
  const facts = factsOf({
    id: "3f1c2a9e-5b7d-4c1e-9a2f-0d6b8e4f7a11",
    score: 1.5,
    summary: "Charged twice & <very> upset; asked for a manager.",
    transcript: [
      { speaker: "agent", text: "How can I help you?", timestamp: null },
      { speaker: "caller", text: "You charged me twice! I want a manager.", timestamp: null },
      { speaker: "agent", text: "I am sorry to hear that.", timestamp: null },
    ],
    metadata: {
      sentiment: {
        happy: 0,
        sad: 0.1,
        angry: 0.8,
        neutral: 0.1,
      },
      callQuality: null,
      technicalIssues: null,
      usage: null,
      callCost: null,
    },
  })
  const angry = { id: "angry-caller", name: "Angry caller", severity: "critical", version: 3 } as const
  const rules = [
    ruleOf({ score: { lte: 2 } }, { id: "low-score", name: "Low score" }),
    ruleOf({ "sentiment.angry": { gte: 0.5 } }, angry),
  ]
  const now = START + 42 * SECOND
  const record = recordJudgement(null, facts, judge(rules, facts, now), ["slack"], now)
  const mrkdwn = (text: string) => ({ type: "mrkdwn", text, verbatim: true })
  const plain = (text: string) => ({ type: "plain_text", text, emoji: false })
  expect(payloadOf(record, "full", true)).toEqual({
    text: "Critical: Charged twice &amp; &lt;very&gt; upset; asked for a manager. Front desk took a call from +1 555 123 4567 (4 min 5 s).",
    blocks: [
      {
        type: "header",
        text: {
          type: "plain_text",
          text: "🔴 Charged twice & <very> upset; asked for a manager.",
          emoji: true,
        },
      },
      {
        type: "section",
        fields: [
          plain("Agent: Front desk"),
          plain("Caller: +1 555 123 4567"),
          plain("Length: 4 min 5 s"),
          mrkdwn("Ended: <!date^1772442000^{date_short_pretty} at {time}|2026-03-02 09:00 UTC>"),
        ],
      },
      {
        type: "section",
        text: plain(
          "• Angry caller: Anger 80% (alert from 50%)\n• Low score: Scored 1.5 of 5 (alert up to 2)",
        ),
      },
      { type: "section", text: mrkdwn("*What was said*") },
      {
        type: "section",
        text: plain(
          "agent: How can I help you?\n" +
            "caller: You charged me twice! I want a manager.\n" +
            "agent: I am sorry to hear that.",
        ),
      },
      {
        type: "section",
        text: mrkdwn(
          "*Next* See what was said, and call back if it can still be saved. The call is in echowin's call log. " +
            "<https://files.example/recording-1|Listen to the recording>",
        ),
      },
      {
        type: "context",
        elements: [
          plain("call 3f1c2a9e-5b7d-4c1e-9a2f-0d6b8e4f7a11"),
          plain("low-score@1 angry-caller@3"),
          plain("alert raised 42 s after the call ended"),
          plain("may be a repeat: we could not tell whether the first attempt arrived"),
        ],
      },
    ],
    unfurl_links: false,
    unfurl_media: false,
  })
})

/** What someone might say to ping a channel, plant a link, break the message or make it too long. */
const anyHostile = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        "<!channel>",
        "<@U123>",
        "&",
        "&lt;",
        "<https://evil.example|echowin>",
        ">",
        "*",
        "*Next* Call me.",
        "_now_",
        "~no~",
        "```",
        ":fire:",
        "`",
        "@here",
        "\n",
        "\n> ",
        "\u0000",
        "\u001b[31m",
        "\u202e",
        "\u2066",
        "💥",
        "\ud83d",
        "\udca5",
        "a",
        " ",
        "|",
      ),
      fc.oneof(
        { weight: 5, arbitrary: fc.nat(3) },
        { weight: 1, arbitrary: fc.constantFrom(200, 1000, 5000) },
      ),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => pieces.map(([piece, times]) => piece.repeat(times)).join(""))

const orNull = fc.option(anyHostile, { nil: null })

const anyBecause: fc.Arbitrary<Because> = fc.record({
  field: fc.constantFrom("score", "summary", "tools"),
  operator: fc.constantFrom("eq", "in", "contains", "exists", "nearly"),
  operand: fc.oneof(anyHostile, fc.array(anyHostile, { maxLength: 3 })),
  operandsLeftOut: fc.nat(2),
  seen: fc.oneof(fc.constant(null), anyHostile, fc.array(anyHostile, { maxLength: 3 })),
  isPersonal: fc.boolean(),
  isNegated: fc.boolean(),
})

const anyAlert: fc.Arbitrary<Alert> = fc
  .tuple(
    fc.record({
      ruleId: fc.stringMatching(/^[a-z]{1,63}$/),
      version: fc.nat(),
      name: anyHostile.map((text) => `R${text}`.slice(0, 80)),
      severity: fc.constantFrom("info", "warning", "critical"),
      because: fc.array(anyBecause, { maxLength: 4 }),
      becauseLeftOut: fc.nat(2),
      at: fc.constant(START),
    }),
    fc.constantFrom(1, 2, 100),
  )
  .map(([reason, times]) => ({ raisedAt: START, reasons: Array.from({ length: times }, () => reason) }))

const anyRecord: fc.Arbitrary<CallRecord> = fc
  .record({
    alert: anyAlert,
    id: anyHostile.map((text) => `i${text}`.slice(0, 200)),
    call: fc.record({
      from: orNull,
      to: orNull,
      type: orNull,
      status: orNull,
      summary: orNull,
      duration: fc.constantFrom(null, 0, -1, 1e300, 245),
      endedAt: fc.constantFrom(null, isoOf(START), "+275760-09-13T00:00:00.000Z"),
      agent: fc.record({
        id: orNull,
        name: orNull,
      }),
      transcript: fc.array(
        fc.record({
          speaker: orNull,
          text: orNull,
          timestamp: fc.constant(null),
        }),
        { maxLength: 5 },
      ),
      recordingUrl: fc.oneof(
        orNull,
        anyHostile.map((text) => `https://files.example/${text}`),
        fc.constantFrom("javascript:alert(1)", "http://files.example/x", "not a url"),
      ),
    }),
  })
  .map(({ alert, id, call }) => {
    const facts = factsOf({ ...detailOf(), ...call, id })
    return { callId: id, facts, verdicts: [], isOpen: false, alert, deliveries: [] }
  })

// oxlint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u2028-\u202e\u2066-\u2069]/

type Shown = { type: "plain_text" | "mrkdwn"; text: string }

/** All texts in the blocks of a payload. */
function textsOf({ blocks }: SlackPayload): Shown[] {
  return blocks.flatMap((block): Shown[] => {
    if ("elements" in block) return block.elements
    return "fields" in block ? block.fields : [block.text]
  })
}

/** Those that Slack reads as mrkdwn. */
function markedTexts(payload: SlackPayload): string[] {
  return textsOf(payload).flatMap(({ type, text }) => (type === "mrkdwn" ? [text] : []))
}

describe("whatever a caller said, at every privacy level", () => {
  test("Slack takes it: each block is within its limits, and no character is broken", () => {
    fc.assert(
      fc.property(
        anyRecord,
        fc.constantFrom(...Privacy.options),
        fc.boolean(),
        (record, privacy, mayRepeat) => {
          const payload = payloadOf(record, privacy, mayRepeat)
          expect(checkPayload(payload)).toEqual({ ok: true, payload })
          for (const block of payload.blocks) {
            if (block.type === "header") expect(block.text.text.length).toBeLessThanOrEqual(150)
            if ("elements" in block) expect(block.elements.length).toBeLessThanOrEqual(10)
          }
          for (const text of [payload.text, ...textsOf(payload).map(({ text }) => text)]) {
            expect(text.length).toBeLessThanOrEqual(3000)
            expect(text.isWellFormed()).toBe(true)
            expect(text).not.toMatch(UNSEEN)
          }
          expect(JSON.stringify(payload).length).toBeLessThan(20_000)
        },
      ),
      { numRuns: 150 },
    )
  })

  test("nobody is pinged, no link is planted and no heading forged: what Slack reads as marks is our own", () => {
    const LABELS = ["*Summary*", "*What was said*"]
    const steps = [
      "For information\\.",
      "For information: the call is still going on\\.",
      "The call is still going on: open it, and be ready to take over or to call back\\.",
      "See what was said, and call (?:again|back) if it can still be saved\\.",
      "Nobody can be called back, because the number is withheld\\. See what was said, and be ready if they call again\\.",
      "See what was said\\. The call has no number to call back\\.",
    ]
    const where =
      "(?: The call is in echowin's call log\\.| <https://calls\\.example/[^<>|]*\\|Open the call>)?"
    const recording = "(?: ·)?(?: <https://files\\.example/[^<>|]*\\|Listen to the recording>)?"
    const NEXT = new RegExp(`^\\*Next\\* (?:${steps.join("|")})${where}${recording}$`)
    const ENDED = /^Ended: <!date\^-?\d+\^\{date_short_pretty\} at \{time\}\|[-+:T\d]+ [\d:]*\s?UTC>$/
    fc.assert(
      fc.property(anyRecord, fc.constantFrom(...Privacy.options), (record, privacy) => {
        const payload = payloadOf(record, privacy)
        const foreign = markedTexts(payload).filter(
          (text) => !LABELS.includes(text) && !NEXT.test(text) && !ENDED.test(text),
        )
        expect(foreign).toEqual([])
        // The notification is not in a block.
        expect(payload.text).not.toMatch(/[<>]/)
        expect(payload.text.replaceAll(/&(amp|lt|gt);/g, "")).not.toContain("&")
      }),
      { numRuns: 150 },
    )
  })

  test("the call can be found by its id", () => {
    const anyId = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 50,
    })
    fc.assert(
      fc.property(anyRecord, anyId, fc.constantFrom(...Privacy.options), (record, callId, privacy) => {
        const texts = textsOf(payloadOf({ ...record, callId }, privacy)).map(({ text }) => text)
        expect(texts).toContain(`call ${privacy === "minimal" ? callReference(callId) : callId}`)
      }),
      { numRuns: 50 },
    )
  })
})

test("more reasons than fit are counted, and those that are shown are whole", () => {
  const reason = { ruleId: "rule", version: 1, severity: "info", at: START } as const
  const because: Because = {
    field: "score",
    operator: "lte",
    operand: 2,
    operandsLeftOut: 0,
    seen: 1,
    isPersonal: false,
    isNegated: false,
  }
  const reasons = Array.from({ length: 100 }, (_, index) => ({
    ...reason,
    name: `${"&".repeat(30)} ${index}`,
    because: Array.from({ length: 10 }, () => because),
    becauseLeftOut: 0,
  }))
  const facts = factsOf()
  const record = { callId: "call-1", facts, verdicts: [], isOpen: false, deliveries: [] }
  const texts = textsOf(payloadOf({ ...record, alert: { raisedAt: START + MINUTE, reasons } }, "full"))
  const lines = texts.find(({ text }) => text.startsWith("• "))?.text.split("\n") ?? []
  expect(lines.at(-1)).toBe(`… and ${100 - (lines.length - 1)} more`)
  for (const line of lines.slice(0, -1))
    expect(line).toMatch(/^• .*: Scored 1 of 5 \(alert up to 2\);.*[)…]$/)
  expect(lines.length).toBeGreaterThan(4)
})

test("a recording is linked only by an address that can be trusted to be one, and that fits", () => {
  const linkOf = (recordingUrl: string) => {
    const facts = factsOf({ flagged: true, recordingUrl })
    const record = recordJudgement(
      null,
      facts,
      judge([ruleOf({ flagged: true })], facts, START),
      ["slack"],
      START,
    )
    return markedTexts(payloadOf(record, "full"))
      .find((text) => text.startsWith("*Next*"))
      ?.split("call log.")[1]
  }
  expect(linkOf("https://files.example/a?b=1&c=<d>|e")).toBe(
    " <https://files.example/a?b=1&amp;c=%3Cd%3E%7Ce|Listen to the recording>",
  )
  expect(linkOf("javascript:alert(1)")).toBe("")
  expect(linkOf("http://files.example/a")).toBe("")
  expect(linkOf(`https://files.example/${"&".repeat(500)}`)).toBe("")
})
