/** A digest is a message that every channel takes, whatever callers said, and counts truly what it leaves out. */
import { checkPayload } from "@earshot/emulators/slack-payload"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { CallRecord } from "../alert/call-record.ts"
import { noticeOf } from "../alert/notice.ts"
import { Privacy } from "../channel/channel.ts"
import { HOUR, MINUTE, SECOND, isoOf } from "../instant.ts"
import { Severity } from "../rule/rule.ts"
import { START, detailOf, factsOf } from "../test-example.ts"
import { type Bulletin, emailBulletin, slackBulletin } from "./bulletin.ts"
import { type DigestEntry, composeDigest } from "./digest.ts"
import { plainLines } from "./plain.ts"
import { slackText } from "./slack.ts"
import { troubleBulletin } from "./trouble.ts"

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.constantFrom(
    "<!channel>",
    "*bold*\nSeverity: none",
    "x".repeat(5000),
    "\u202e\u0000",
    "💥".repeat(400),
    "\ud800",
    "",
  ),
)

const anyEntry: fc.Arbitrary<DigestEntry> = fc.record({
  given: fc.constant(0),
  mayRepeat: fc.boolean(),
  record: fc
    .record({
      name: anyText.filter((name) => name.length > 0),
      severity: fc.constantFrom(...Severity.options),
      agent: fc.option(anyText, { nil: null }),
      from: fc.option(anyText, { nil: null }),
      seen: anyText,
      at: fc.integer({ min: START - 48 * HOUR, max: START }),
    })
    .map(({ name, severity, agent, from, seen, at }): CallRecord => {
      const because = {
        field: "status",
        operator: "eq",
        operand: seen,
        operandsLeftOut: 0,
        seen,
        isPersonal: false,
        isNegated: false,
      }
      const reason = { ruleId: "rule", version: 1, name, severity, because: [because], becauseLeftOut: 0, at }
      const facts = factsOf({ ...detailOf(), agent: { id: null, name: agent }, from, endedAt: isoOf(at) })
      return {
        callId: "call",
        facts,
        verdicts: [],
        isOpen: false,
        alert: { raisedAt: at, reasons: [reason] },
        deliveries: [],
      }
    }),
})

/** As long as one may be. */
const anyAddress = fc.constantFrom(undefined, "https://earshot.example", `https://${"x".repeat(292)}`)

const anyEntries = fc
  .array(anyEntry, { minLength: 1, maxLength: 60 })
  .map((entries) =>
    entries.map((entry, index) => ({ ...entry, record: { ...entry.record, callId: `call-${index}` } })),
  )

function bulletinOf(entries: readonly DigestEntry[], privacy: Privacy, apiUrl?: string): Bulletin {
  const composed = composeDigest(entries, { id: "K3V9M2XQ", privacy, apiUrl, now: START + MINUTE })
  if (!composed) throw new Error("There is nothing to say.")
  return composed.bulletin
}

/** Slack's and SNS's limits, and what no text may have. */
function checkEverywhere(bulletin: Bulletin): void {
  const payload = slackBulletin(bulletin)
  expect(checkPayload(payload)).toMatchObject({ ok: true })
  expect(payload.blocks.length).toBeLessThanOrEqual(50)
  expect(payload.text.length).toBeLessThanOrEqual(3000)
  expect(JSON.stringify(payload).isWellFormed()).toBe(true)
  expect(checkPayload(slackText(plainLines(bulletin)))).toMatchObject({ ok: true })
  const { subject, body, attributes } = emailBulletin(bulletin)
  expect(subject).toMatch(/^[\x20-\x7e]{1,99}$/)
  expect(Buffer.byteLength(JSON.stringify({ subject, body, attributes }))).toBeLessThan(262_144)
  for (const line of body.split("\n")) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(998)
  expect(body.isWellFormed()).toBe(true)
}

test("whatever callers and rules are called, every channel takes the digest", () => {
  fc.assert(
    fc.property(anyEntries, fc.constantFrom(...Privacy.options), anyAddress, (entries, privacy, apiUrl) => {
      const bulletin = bulletinOf(entries, privacy, apiUrl)
      checkEverywhere(bulletin)
      expect(bulletin.title).toMatch(new RegExp(`^${entries.length} alerts?`))
      const worst = bulletin.parts.at(-1)?.lines ?? []
      expect(worst.length).toBe(Math.min(10, entries.length))
      if (entries.length > 10) expect(bulletin.next).toContain(`the other ${entries.length - 10} `)
      const repeats = entries.filter(({ mayRepeat }) => mayRepeat).length
      expect(bulletin.small.join(" ").includes(`${repeats} may be a repeat`)).toBe(repeats > 0)
      // What Slack reads as marks is our own.
      for (const block of slackBulletin(bulletin).blocks)
        if ("text" in block && block.text.type === "mrkdwn")
          expect(block.text.text).toMatch(/^\*[A-Z][\w ]+\*$/)
    }),
    { numRuns: 1500 },
  )
})

test("says where the rest is asked for, if that is known, in Slack and by e-mail", () => {
  const many = Array.from({ length: 12 }, (_, index) => entryOf(index, "warning"))
  const bulletin = bulletinOf(many, "minimal", "https://earshot.example")
  const words = "GET /alerts?digest=K3V9M2XQ at https://earshot.example (it asks for the token)"
  expect(bulletin.next).toBe(`See the other 2 with ${words}, or in echowin's call log.`)
  expect(JSON.stringify(slackBulletin(bulletin))).toContain("https://earshot.example")
  expect(emailBulletin(bulletin).body).toContain("https://earshot.example")
  expect(bulletinOf(many.slice(0, 10), "minimal", "https://earshot.example").next).not.toContain("https")
})

const entryOf = (index: number, severity: Severity, callId = `call-${index}`): DigestEntry => ({
  given: 0,
  mayRepeat: false,
  record: {
    callId,
    facts: factsOf({ id: callId, agent: { id: null, name: index % 2 === 0 ? "Front desk" : "Hollis" } }),
    verdicts: [],
    isOpen: false,
    alert: {
      raisedAt: START,
      reasons: [
        {
          ruleId: "flagged",
          version: 1,
          name: "Flagged",
          severity,
          because: [],
          becauseLeftOut: 0,
          at: START - index * SECOND,
        },
      ],
    },
    deliveries: [],
  },
})

describe("a digest", () => {
  const many = Array.from({ length: 600 }, (_, index) =>
    entryOf(index, index === 500 ? "critical" : "warning"),
  )

  test("of hundreds names the worst ten, counts rules and agents, and says how to see the rest", () => {
    const bulletin = bulletinOf(many, "standard")
    expect(bulletin).toMatchObject({ severity: "critical", title: "600 alerts, 1 of them critical" })
    expect(bulletin.parts.map(({ label }) => label)).toEqual(["Rules", "Agents", "The worst 10"])
    expect(bulletin.parts[0]?.lines).toEqual(["Flagged: 600"])
    expect(bulletin.parts[1]?.lines).toEqual(["Front desk: 300", "Hollis: 300"])
    expect(bulletin.parts[2]?.lines[0]).toMatch(/^Critical, 9 min ago: Flagged \(.*\); call call-500$/)
    expect(bulletin.parts[2]?.lines[1]).toMatch(/call call-0$/)
    expect(bulletin.next).toBe(
      "See the other 590 with GET /alerts?digest=K3V9M2XQ, or in echowin's call log.",
    )
    checkEverywhere(bulletin)
  })

  test("shows at minimal privacy neither agents, nor numbers, nor ids", () => {
    const text = JSON.stringify(bulletinOf(many.slice(0, 20), "minimal"))
    expect(text).not.toMatch(/Front desk|Hollis|4567|call-\d/)
  })
})

test.each(["trouble", "over"] as const)(
  "a notice about another channel (%s) is taken by every channel, whatever went wrong",
  (kind) => {
    const subjects = fc.constantFrom("messages", "unconfirmed", "unsubscribed")
    fc.assert(
      fc.property(anyText, fc.nat(10_000), fc.nat(48 * HOUR), subjects, (why, waiting, lasted, subject) => {
        const at = START + lasted
        const notice = noticeOf({ kind, subject, about: "slack", since: START, at, why, waiting })
        checkEverywhere(troubleBulletin(notice))
      }),
      { numRuns: 50 },
    )
    const said = troubleBulletin(
      noticeOf({ kind: "trouble", about: "slack", since: START, at: START, why: "no_service", waiting: 3 }),
    )
    expect(said.sentence).toBe("The channel slack takes no messages: no_service; 3 alerts wait.")
  },
)
