/** What each field may be asked: an example for each field and each operator, and the units of numbers. For people to copy. */

/** Conditions of one field each; docs/rules.md has them all, with what they mean. */
export const FIELD_EXAMPLES: readonly Record<string, unknown>[] = [
  { from: { startsWith: "+1555" } },
  { to: "+15559876543" },
  { type: "inbound" },
  { direction: { ne: "OUTGOING" } },
  { status: { in: ["completed", "failed"] } },
  { duration: { gt: 30, lt: 600 } },
  { summary: { contains: "order" } },
  { score: { lte: 2 } },
  { score: { exists: false } },
  { flagged: true },
  { favorite: { ne: true } },
  { spam: { eq: false } },
  { "agent.id": { exists: true } },
  { "agent.name": { in: ["Night line", "Test line"] } },
  { recordingUrl: { exists: true } },
  {
    localTime: { during: { days: ["sat", "sun"], from: "18:00", until: "08:00", zone: "America/New_York" } },
  },
  { localTime: { exists: true } },
  { "repeatCaller.hour": { gt: 1 } },
  { "repeatCaller.day": { gte: 3 } },
  { "repeatCaller.week": { in: [5, 10, 20] } },
  { transcript: { contains: "refund" } },
  { "transcript.agent": { startsWith: "hello" } },
  { "transcript.caller": { containsAny: ["lawyer", "in stock"], wholeWords: true } },
  { "transcript.caller": { contains: "stock", wholeWords: true } },
  { memory: { contains: "e-mail" } },
  { transferred: true },
  { transferAnswered: false },
  { transferAnswered: { exists: true } },
  { deadTransfer: true },
  { timeline: "TRANSFER" },
  { timeline: { containsAny: ["SEND_EMAIL", "SEND_TEXT"] } },
  { timeline: { has: "TRANSFER", then: "HANGUP", within: "PT20S" } },
  { timeline: { has: "TOOL_CALL", times: { gte: 3 } } },
  { timeline: { exists: true } },
  { tools: "check_inventory" },
  { "tools.called": { containsAny: ["check_inventory", "book"] } },
  { "tools.failed": { has: "check_inventory", times: { gt: 1 } } },
  { turns: { gte: 3 } },
  { callerTurns: { lt: 2 } },
  { talkRatio: { gt: 0.8 } },
  { "sentiment.happy": { gte: 0.5 } },
  { "sentiment.sad": { eq: 0 } },
  { "sentiment.angry": { gte: 0.5 } },
  { "sentiment.neutral": { ne: 1 } },
  { "sentiment.dominant": "angry" },
  { callQuality: { ne: "excellent" } },
  { technicalIssues: { exists: true } },
  { "usage.inputTokens": { in: [1500, 3000] } },
  { "usage.outputTokens": { gt: 1000 } },
  { "usage.totalTokens": { gte: 5000 } },
  { tokens: { gte: 5000 } },
  { callCost: { lte: 0.15 } },
  { cost: { gt: 1 } },
]

const SHARE = "a share, 0 to 1"

const UNITS: Record<string, string> = {
  duration: "seconds",
  score: "points, 0 to 5",
  "sentiment.happy": SHARE,
  "sentiment.sad": SHARE,
  "sentiment.angry": SHARE,
  "sentiment.neutral": SHARE,
  "usage.inputTokens": "tokens",
  "usage.outputTokens": "tokens",
  "usage.totalTokens": "tokens",
  tokens: "tokens",
  callCost: "the vendor's currency",
  cost: "the vendor's currency",
  turns: "turns",
  callerTurns: "turns",
  talkRatio: SHARE,
}

/** Null if it is not a number. */
export function unitOf(field: string): string | null {
  return UNITS[field] ?? null
}

export function exampleOf(field: string): Record<string, unknown> {
  return FIELD_EXAMPLES.find((when) => field in when) ?? {}
}
