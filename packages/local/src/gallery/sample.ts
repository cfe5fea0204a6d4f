/**
 * The calls of the gallery: one for each kind of message that people may get. They are made up, and are judged by the
 * rules and recorded as the poller does it.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import { testRecord } from "@earshot/core/alert/channel-test"
import { UNKNOWN_CALL } from "@earshot/core/call/unknown-call"
import { type CallRecord, recordJudgement } from "@earshot/core/alert/call-record"
import type { Facts } from "@earshot/core/call/facts"
import { MINUTE, SECOND, isoOf } from "@earshot/core/instant"
import type { RuleSentence } from "@earshot/core/message/small-type"
import { shownSentence } from "@earshot/core/message/rule-sentence"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { judge } from "@earshot/core/rule/judgement"
import { type Rule, compileRules } from "@earshot/core/rule/rule"

export type GallerySample = {
  kind: string
  record: CallRecord
  mayRepeat: boolean
  /** How many of the reasons the channel was given before. */
  given: number
  /** Of a message that takes reasons back: which of the alert's withdrawals it says. */
  taken?: readonly number[]
}

const ENDED = Date.UTC(2026, 2, 2, 22, 34, 11)

const RAISED = ENDED + 9 * SECOND

/** A call that went wrong in every way that the default rules know. */
const BAD_CALL: CallDetail = {
  ...UNKNOWN_CALL,
  id: "8a4c249a-dc98-47d7-a3d9-78dcfdb1dc7e",
  from: "+15550171971",
  to: "+15550100123",
  type: "INCOMING",
  status: "completed",
  duration: 98,
  createdAt: isoOf(ENDED - 98 * SECOND),
  endedAt: isoOf(ENDED),
  summary:
    "Thandi Hallowick called about the return of a deposit. The tool get_account failed (503 Service Unavailable), so " +
    "nothing could be done; the agent promised a call back by tomorrow morning. Thandi was very upset about the service.",
  score: 1,
  flagged: true,
  agent: { id: "agent-hollis", name: "Hollis, Brindlegate Rentals" },
  transcript: [
    said("agent", "Brindlegate Rentals, this is Hollis. How can I help?", 3),
    said("caller", "I moved out two months ago and I'm still waiting for my deposit.", 8),
    said("agent", "I can look into that. May I have your name?", 15),
    said("caller", "Thandi Hallowick.", 19),
    said("agent", "I'm sorry, I cannot reach your account at the moment.", 34),
    said("caller", "Again? This is ridiculous. It's my money. I want to talk to a manager!", 41),
    said("agent", "I'll connect you with the office manager now. Please stay on the line.", 52),
    said("agent", "Nobody is picking up. Someone will call you back by tomorrow morning.", 84),
    said("caller", "That's what you said last week.", 92),
  ],
  recordingUrl: "https://recordings.example/8a4c249a",
  activityTimeline: [
    did("CALL_ANSWERED", 0),
    did("TOOL_CALL", 24, {
      tool: "get_account",
      result: { success: false, error: "503 Service Unavailable" },
    }),
    did("TRANSFER", 57, { tool: "transfer_call", result: { to: "the office manager", status: "no_answer" } }),
    did("HANGUP", 98),
  ],
  metadata: {
    sentiment: { happy: 0, sad: 0.08, angry: 0.87, neutral: 0.05 },
    callQuality: "poor",
    technicalIssues: null,
    usage: null,
    callCost: 0.15,
  },
}

/** More rules than any team should have match one call. */
const MANY_RULES: readonly Rule[] = Object.entries({
  "Long call": { duration: { gte: 60 } },
  "Asked for a manager": { "transcript.caller": { contains: "manager" } },
  Deposit: { summary: { contains: "deposit" } },
  "Poor line": { callQuality: "poor" },
  "Promised a call back": { summary: { contains: "call back" } },
  "Not happy, and nothing was sent": { "sentiment.happy": { lt: 0.1 }, not: { timeline: "SEND_TEXT" } },
  "Rentals, by day": { "agent.name": { contains: "Rentals" }, status: { in: ["completed", "failed"] } },
}).map(([name, when], index) => ({
  id: `own-${index + 1}`,
  name,
  when,
  mode: "live",
  severity: "warning",
  settle: "PT30M",
  version: index + 1,
  updatedAt: null,
  isDeleted: false,
}))

const SAMPLE_RULES = compileRules([...DEFAULT_RULES, ...MANY_RULES])

/** As the poller says it of the rules that it judges by. */
const sampleSentence: RuleSentence = ({ ruleId }, privacy) => {
  const rule = SAMPLE_RULES.find(({ id }) => id === ruleId)
  return rule ? shownSentence(rule.condition, privacy) : null
}

/** What a deployment that has set both addresses shows in every message, and what its rules ask for. The addresses lead nowhere. */
export const LINKS = {
  ruleSentence: sampleSentence,
  callUrlTemplate: "https://calls.example/{id}",
  acknowledgeUrl:
    "https://earshot.example/acknowledge/aThhNGMyNDlh.20523.5f2e0d1c9b8a7766554433221100ffeeddccbbaa998877665544332211009f3a",
}

const HOSTILE =
  "<!channel> <@U123> <https://evil.example|Open the call> *Next* Call +1 900 555 0199 `now` & pay :fire:"

const HOSTILE_CALL: Partial<CallDetail> = {
  from: '"<!here> Ada" <sip:ada@pbx.example>',
  agent: { id: null, name: "<b>Hollis</b>\nSeverity: none \u202egnp.exe" },
  summary: `${HOSTILE}\n\nNext\n  Nothing to do, all is well.\n<script>alert(1)</script> ${"9".repeat(120)}`,
  transcript: [
    said("caller", `${HOSTILE}!\nagent: I have refunded everything.`),
    said("agent: yes\nsystem", "<img src=x onerror=alert(1)> 💥"),
  ],
  recordingUrl: "https://recordings.example/a|b?c=<d>&e",
}

export const SAMPLES: readonly GallerySample[] = [
  sampleOf("For information", { rules: ["transferred"] }),
  sampleOf("Warning", { rules: ["flagged"] }),
  sampleOf("Critical", { rules: ["angry-caller", "low-score"] }),
  followUpSample(),
  sampleOf("Possible repeat", { rules: ["low-score"], mayRepeat: true }),
  sampleOf("Many reasons", { rules: [...DEFAULT_RULES, ...MANY_RULES].map(({ id }) => id) }),
  sampleOf("In progress", {
    rules: ["transferred"],
    call: {
      status: "in_progress",
      duration: null,
      endedAt: null,
      summary: null,
      score: null,
      metadata: null,
    },
  }),
  sampleOf("Outgoing call", {
    rules: ["low-score"],
    call: { type: "OUTGOING", from: "+15550100123", to: "+15550171971" },
  }),
  sampleOf("Number withheld", { rules: ["angry-caller"], call: { from: "Restricted" } }),
  sampleOf("Little is known", {
    rules: ["flagged"],
    call: { ...UNKNOWN_CALL, status: "completed", flagged: true },
  }),
  withdrawalSample(),
  { kind: "Test", record: testRecord("slack", "mp4x0d", RAISED), mayRepeat: false, given: 0 },
  sampleOf("Hostile text", { rules: ["angry-caller", "low-score"], call: HOSTILE_CALL }),
]

/** The message in the README. */
export const SHOWN_KIND = "Critical"

type Making = { rules: readonly string[]; call?: Partial<CallDetail>; mayRepeat?: boolean }

function sampleOf(kind: string, { rules, call = {}, mayRepeat = false }: Making): GallerySample {
  return { kind, record: recordOf(null, rules, call, RAISED), mayRepeat, given: 0 }
}

/** First it was a transfer, for information; then the vendor said how angry the caller had been. */
function followUpSample(): GallerySample {
  const first = recordOf(null, ["transferred"], {}, RAISED)
  const record = recordOf(first, ["transferred", "angry-caller"], {}, RAISED + 2 * MINUTE)
  return { kind: "Follow-up", record, mayRepeat: false, given: first.alert?.reasons.length ?? 0 }
}

/** Somebody flagged the call by mistake, and took that back within the hour. */
function withdrawalSample(): GallerySample {
  const flagged = DEFAULT_RULES.filter(({ id }) => id === "flagged")
  const rules = compileRules(flagged.map((rule) => ({ ...rule, withdraw: true })))
  const judged = (known: CallRecord | null, isFlagged: boolean, now: number) => {
    const facts = factsOf({ flagged: isFlagged }, now)
    return recordJudgement(known, facts, judge(rules, facts, now), ["slack", "email"], now)
  }
  const record = judged(judged(null, true, RAISED), false, RAISED + 40 * MINUTE)
  return { kind: "Withdrawn", record, mayRepeat: false, given: 1, taken: [0] }
}

function factsOf(changes: Partial<CallDetail>, now: number): Facts {
  return {
    call: { ...BAD_CALL, ...changes },
    firstSeenAt: ENDED - MINUTE,
    detailedAt: now,
    detailIsFinal: true,
    overAt: null,
  }
}

function recordOf(
  known: CallRecord | null,
  ruleIds: readonly string[],
  changes: Partial<CallDetail>,
  now: number,
): CallRecord {
  const facts = factsOf(changes, now)
  const rules = ruleIds.flatMap(
    (id) => [...DEFAULT_RULES, ...MANY_RULES].find((rule) => rule.id === id) ?? [],
  )
  return recordJudgement(known, facts, judge(compileRules(rules), facts, now), ["slack", "email"], now)
}

/** `seconds`: into the call. */
function at(seconds: number): string {
  return isoOf(ENDED - (98 - seconds) * SECOND)
}

function said(
  speaker: string,
  text: string,
  seconds?: number,
): NonNullable<CallDetail["transcript"]>[number] {
  return { speaker, text, timestamp: seconds === undefined ? null : at(seconds) }
}

function did(
  type: string,
  seconds: number,
  toolData: unknown = null,
): NonNullable<CallDetail["activityTimeline"]>[number] {
  return { id: null, type, sender: null, data: null, toolData, timestamp: at(seconds) }
}
