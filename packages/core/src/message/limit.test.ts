/**
 * Every limit of Slack and of SNS, for any call, at any privacy, in any zone: the same message in both, whatever a caller said
 * and however many rules match. Cheap cases, so that there can be many: each is made of one seed.
 */
import { checkPayload } from "@earshot/emulators/slack-payload"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { type Because, type Reason, severityOf } from "../alert/alert.ts"
import type { CallRecord } from "../alert/call-record.ts"
import { Privacy } from "../channel/channel.ts"
import { MINUTE, SECOND, isoOf } from "../instant.ts"
import { FIELDS } from "../rule/field.ts"
import { OPERATORS } from "../rule/operand.ts"
import { Severity } from "../rule/rule.ts"
import { START, activityOf, detailOf, dice } from "../test-example.ts"
import { emailOf } from "./email.ts"
import { composeMessage, endedAt } from "./message.ts"
import { slackPayload } from "./slack.ts"

const NAME = "Quillon"

const DIGITS = "15550104931"

const WORDS = [
  "<!channel>",
  "<@U1>",
  "&",
  "*Next*",
  "`",
  "\n",
  "\r\n",
  "\u0000",
  "\u202e",
  "💥",
  "\ud83d",
  "é",
  "ß",
  "refund",
  "The caller",
  "wanted.",
  `${NAME}'s`,
  NAME.toUpperCase(),
  `Is ${NAME} there?`,
  `+${DIGITS}`,
  "555-010-4931",
  "5 5 5 0 1 0 4 9 3 1",
  "https://evil.example/|x>",
  ":fire:",
  "…",
  "word ".repeat(300),
  "w".repeat(1100),
  "a.".repeat(400),
]

const ZONES = [undefined, "UTC", "America/Chicago", "Asia/Kolkata", "Europe/London", "No/Zone", ""]

const TEMPLATES = [undefined, "https://calls.example/{id}", "http://calls.example/{id}"]

/** The longest that there is. */
const TICKET = `https://earshot.example/acknowledge/${"a".repeat(964)}`

/** A call as the table may hold it, and how a channel is told of it. */
function caseOf(seed: number) {
  const roll = dice(seed)
  const below = (count: number) => Math.floor(roll() * count)
  const one = <T>(items: readonly T[]): T => {
    for (const item of items.slice(below(items.length))) return item
    throw new Error("There is nothing to choose from.")
  }
  const maybe = <T>(value: T): T | null => (roll() < 0.8 ? value : null)
  const text = () => Array.from({ length: 1 + below(6) }, () => one(WORDS)).join(" ")
  const because = (): Because => {
    const field = one(FIELDS)
    const operator = one(OPERATORS[field.type])
    const value = () =>
      field.type === "number"
        ? roll() * 10 ** below(12)
        : field.type === "boolean"
          ? roll() < 0.5
          : text().slice(0, 80)
    return {
      field: field.name,
      operator,
      operand: operator === "in" ? [value(), value()] : operator === "exists" ? true : value(),
      operandsLeftOut: below(3),
      seen: field.isPersonal || roll() < 0.2 ? null : field.type === "texts" ? [text()] : value(),
      isPersonal: field.isPersonal,
      isNegated: roll() < 0.3,
    }
  }
  const reason = (): Reason => ({
    ruleId: "r".repeat(1 + below(63)),
    version: below(100),
    name: `R${text()}`.slice(0, 80),
    severity: one(Severity.options),
    because: Array.from({ length: below(4) }, because),
    becauseLeftOut: below(3),
    at: START,
  })
  const reasons = Array.from({ length: roll() < 0.02 ? 100 : 1 + below(4) }, reason)
  const at = () => maybe(isoOf(START - below(10) * MINUTE))
  const call = detailOf({
    id: `i${text()}`.slice(0, 200),
    from: one([`+${DIGITS}`, text(), "Restricted", "", null]),
    to: maybe("+15559876543"),
    type: one(["INCOMING", "OUTGOING", text(), null]),
    status: one(["completed", "in_progress", text(), null]),
    duration: one([null, 0, -1, 1e300, 245, 0.3]),
    endedAt: one([null, isoOf(START), isoOf(START), "+275760-09-13T00:00:00.000Z"]),
    score: one([null, 1, 4.5]),
    summary: maybe(text()),
    memory: maybe(text()),
    agent: maybe({ id: maybe(text()), name: maybe(text()) }),
    transcript: maybe(
      Array.from({ length: below(8) }, () => ({
        speaker: one(["agent", "caller", text(), null]),
        text: maybe(text()),
        timestamp: at(),
      })),
    ),
    activityTimeline: maybe(
      Array.from({ length: below(4) }, () => ({
        ...activityOf(one(["TRANSFER", "TOOL_CALL", "RESPONSE", text()])),
        data: maybe(text()),
        toolData: one([
          null,
          { tool: text(), result: { status: "no_answer" } },
          { error: text(), name: NAME },
          [text()],
        ]),
        timestamp: at(),
      })),
    ),
    recordingUrl: one([
      null,
      text(),
      `https://files.example/${text()}`,
      `https://files.example/${"r".repeat(1970)}`,
    ]),
  })
  const record: CallRecord = {
    callId: call.id,
    facts: { call, firstSeenAt: START, detailedAt: START, detailIsFinal: true, overAt: null },
    verdicts: [],
    isOpen: false,
    alert: { raisedAt: START + 42 * SECOND, reasons },
    deliveries: [],
    ...(roll() < 0.3 && {
      acknowledgement: { by: text(), note: maybe(text()), verdict: one(["bad", "fine", null]), at: START },
    }),
  }
  const telling = {
    privacy: one(Privacy.options),
    mayRepeat: roll() < 0.5,
    given: below(reasons.length),
    timeZone: one(ZONES),
    callUrlTemplate: one(TEMPLATES),
    acknowledgeUrl: one([undefined, null, TICKET]),
  }
  return { record, telling }
}

// oxlint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u2028-\u202e\u2066-\u2069]/

/** What is between the quotes of no text of ours, but for the call's own id, which is the vendor's to choose. */
function shownOf({ record, telling }: ReturnType<typeof caseOf>) {
  const message = composeMessage(record, telling)
  if (!message) throw new Error("There is no message.")
  return { message, payload: slackPayload(message, endedAt(record)), email: emailOf(message) }
}

test("Slack and SNS take every message: 20,000 calls at any privacy in any zone", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31), (seed) => {
      const one = caseOf(seed)
      const { message, payload, email } = shownOf(one)
      if (!checkPayload(payload).ok) expect(checkPayload(payload)).toEqual({ ok: true, payload })
      const shown = JSON.stringify(payload)
      if (shown.length > 20_000 || !shown.isWellFormed()) expect(shown).toBe("shorter, and well-formed")
      for (const block of payload.blocks) {
        const texts = "elements" in block ? block.elements : "fields" in block ? block.fields : [block.text]
        for (const { text } of texts)
          if (UNSEEN.test(text) || text === "" || !text.isWellFormed()) expect(text).toBe("seen")
        if (block.type === "header" && block.text.text.length > 150) expect(block.text.text).toBe("a header")
      }
      if (!/^(?:Info|Warning|Critical): [\x20-\x7e]+$/.test(email.subject) || email.subject.length > 99)
        expect(email.subject).toBe("ASCII")
      const bytes = Buffer.byteLength(email.body) + Buffer.byteLength(JSON.stringify(email.attributes))
      if (bytes >= 262_144 || !email.body.isWellFormed() || UNSEEN.test(email.body))
        expect(email.body).toBe("less")
      for (const line of email.body.split("\n"))
        if (Buffer.byteLength(line) > 998) expect(line).toBe("shorter")
      if (message.headline.trim() === "") expect(message.headline).toBe("something")
      const alert = one.record.alert
      if (alert && message.severity !== severityOf(alert)) expect(message.severity).toBe(severityOf(alert))
    }),
    { numRuns: 20_000 },
  )
})

test("below full privacy no message has the caller's name or number, in whatever field or spelling the vendor has them", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31), (seed) => {
      const one = caseOf(seed)
      if (one.telling.privacy === "full") return
      const { call } = one.record.facts
      // The rules' names, the call's id and, at standard, the agent's name are nobody's secret.
      const reasons = (one.record.alert?.reasons ?? []).map((reason) => ({ ...reason, name: "Rule" }))
      const agent = call.agent && { ...call.agent, name: "Hollis" }
      const introduced = { speaker: "caller", text: `My name is ${NAME}.`, timestamp: null }
      const transcript = [introduced, ...(call.transcript ?? [])]
      const record: CallRecord = {
        ...one.record,
        callId: "call-1",
        facts: {
          ...one.record.facts,
          call: { ...call, agent, transcript, type: "INCOMING", from: `+${DIGITS}` },
        },
        alert: { raisedAt: START, reasons },
        // Who says so is one of us, and may be named; what they have written of the call is not shown.
        ...(one.record.acknowledgement && { acknowledgement: { ...one.record.acknowledgement, by: "Ann" } }),
      }
      const { payload, email } = shownOf({ record, telling: one.telling })
      const text = JSON.stringify([payload, email.subject, email.body])
      if (/quillon/i.test(text)) expect(text).toBe("without the name")
      if (/5550104931|5\W{0,4}5\W{0,4}5\W{0,4}0\W{0,4}1\W{0,4}0\W{0,4}4\W{0,4}9\W{0,4}3/.test(text))
        expect(text).toBe("without the number")
    }),
    { numRuns: 6000 },
  )
})
