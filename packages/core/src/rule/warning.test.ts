/** A rule that no call can match is saved, and said to be odd, with the nearest that would be right. */
import { describe, expect, test } from "vitest"
import { DEFAULT_RULES } from "./default-rule.ts"
import { NO_PRESENCE, type Presence } from "./presence.ts"
import { warningsOf } from "./warning.ts"

const warned = (when: Record<string, unknown>) =>
  warningsOf({ when, severity: "warning" }, { channels: null, presence: NO_PRESENCE }).map(
    ({ path, message }) => `/${path.join("/")} ${message}`,
  )

const NO_OTHER = "matches no call together with what else is asked of"

describe("a value that no call can have", () => {
  test.each([
    [{ timeline: "HANGUPP" }, "/when/timeline", "did you mean HANGUP?"],
    [{ timeline: { contains: "transfered" } }, "/when/timeline/contains", "did you mean TRANSFER?"],
    [{ type: "INCOMMING" }, "/when/type", "did you mean INCOMING?"],
    [{ type: { in: ["outgoing", "ingoing"] } }, "/when/type/in/1", "INCOMING?"],
    [{ type: "sideways" }, "/when/type", "type is INCOMING or OUTGOING"],
    [{ status: "competed" }, "/when/status", "did you mean completed?"],
    [{ "sentiment.dominant": "angy" }, "/when/sentiment.dominant", "did you mean angry?"],
    [{ "sentiment.angry": { gte: 50 } }, "/when/sentiment.angry/gte", "0 to 1; did you mean 0.5?"],
    [{ score: { gt: 5 } }, "/when/score/gt", "score is from 0 to 5"],
    [{ score: { lt: 0 } }, "/when/score/lt", "score is from 0 to 5"],
    [{ score: { in: [1, 7] } }, "/when/score/in/1", "score is from 0 to 5"],
    [{ duration: { lt: 0 } }, "/when/duration/lt", "duration is 0 or more"],
    [{ timeline: { has: "HANGUPP" } }, "/when/timeline/has", "did you mean HANGUP?"],
    [{ timeline: { has: "TRANSFER", then: "HANGUPP" } }, "/when/timeline/then", "did you mean HANGUP?"],
    [{ timeline: { containsAny: ["HANGUP", "TRANFER"] } }, "/when/timeline/containsAny/1", "TRANSFER?"],
    [{ direction: "INCOMMING" }, "/when/direction", "did you mean INCOMING?"],
    [{ talkRatio: { gt: 80 } }, "/when/talkRatio/gt", "0 to 1; did you mean 0.8?"],
    [{ talkRatio: { gte: 1.5 } }, "/when/talkRatio/gte", "talkRatio is from 0 to 1"],
    [{ turns: { lt: 0 } }, "/when/turns/lt", "turns is 0 or more"],
    [{ callerTurns: -1 }, "/when/callerTurns", "callerTurns is 0 or more"],
    [{ tokens: { lte: -5 } }, "/when/tokens/lte", "tokens is 0 or more"],
    [{ cost: { lt: 0 } }, "/when/cost/lt", "cost is 0 or more"],
    [{ any: [{ flagged: true }, { not: { type: "incomin" } }] }, "/when/any/1/not/type", "INCOMING?"],
  ])("%j is named, with what may have been meant", (when, path, meant) => {
    const [warning, ...others] = warned(when)
    expect(others).toEqual([])
    expect(warning?.startsWith(`${path} matches no call`), warning).toBe(true)
    expect(warning).toContain(meant)
  })

  test("is none of what people write every day, nor what the vendor may have without saying so", () => {
    for (const { when } of DEFAULT_RULES) expect(warned(when)).toEqual([])
    const right = [
      { type: "incoming", timeline: "hangup", status: "in_progress" },
      { score: { gte: 1, lte: 1 }, duration: { gt: 5, lt: 30 } },
      { score: { in: [0, 5] }, "sentiment.angry": { gte: 0, lte: 1 } },
      { status: { ne: "completed" }, type: { ne: "sideways", exists: true }, summary: { contains: "x" } },
      { any: [{ score: { lte: 1 } }, { score: { gte: 5 } }] },
      { score: { gte: 4 }, not: { score: { gte: 5 } } },
      { from: "+15550100", "transcript.caller": { contains: "cancel" }, callCost: { gt: 1000 } },
    ]
    for (const when of right) expect(warned(when)).toEqual([])
  })
})

describe("two comparisons that no call meets both", () => {
  test.each([
    [{ score: { gte: 4, lte: 2 } }, "/when/score/lte"],
    [{ score: { gt: 2, lt: 2 } }, "/when/score/lt"],
    [{ score: { gte: 2, lt: 2 } }, "/when/score/lt"],
    [{ all: [{ score: { gte: 4 } }, { score: 2 }] }, "/when/all/1/score"],
    [{ score: { gte: 4 }, all: [{ all: [{ score: { lt: 3 } }] }] }, "/when/all/0/all/0/score/lt"],
    [{ flagged: true, all: [{ flagged: false }] }, "/when/all/0/flagged"],
    [{ any: [{ type: "INCOMING", all: [{ type: "outgoing" }] }] }, "/when/any/0/all/0/type"],
  ])("%j are named", (when, path) => {
    expect(warned(when)).toEqual([`${path} ${NO_OTHER} ${/(score|flagged|type)/.exec(path)?.[1]}`])
  })
})

describe("what says the same of every call is named,", () => {
  const night = { from: "20:00", until: "08:00", zone: "Europe/Berlin" }
  const noon = { from: "11:00", until: "13:00", zone: "Europe/Berlin" }
  const NEVER = "matches no call: its parts contradict each other"
  test.each([
    [
      { any: [{ score: { lte: 2 } }, { score: { gt: 2 } }] },
      "/when/any holds of every call of which score is known",
    ],
    [
      { any: [{ flagged: true }, { not: { flagged: true } }] },
      "/when/any holds of every call of which flagged is known",
    ],
    [
      { spam: false, any: [{ score: { ne: 2 } }, { score: { in: [1, 2] } }] },
      "/when/any holds of every call of which score is known",
    ],
    [{ flagged: true, not: { flagged: true } }, `/when ${NEVER}`],
    [{ score: { lte: 2 }, not: { score: { lt: 3 } } }, `/when ${NEVER}`],
    [{ summary: { contains: "Refund" }, not: { summary: { contains: "refund" } } }, `/when ${NEVER}`],
    [{ all: [{ localTime: { during: night } }, { localTime: { during: noon } }] }, `/when/all ${NEVER}`],
    [{ timeline: { has: "TRANSFER", times: { lt: 0 } } }, `/when/timeline/has ${NEVER}`],
    [
      { timeline: { has: "TRANSFER", times: { gte: 0 } } },
      "/when/timeline/has holds of every call of which timeline is known",
    ],
    [
      { any: [{ tokens: { gt: 5 } }, { "usage.totalTokens": { lte: 5 } }] },
      "/when/any holds of every call of which tokens and usage.totalTokens are known",
    ],
  ])("%j", (when, warning) => {
    expect(warned(when)).toEqual([warning])
  })

  test("and what some call meets and some does not is left alone, however many fields it asks for", () => {
    const parts = Array.from({ length: 20 }, (_, index) => ({ summary: { contains: `word ${index}` } }))
    for (const when of [
      { any: [{ score: { lt: 2 } }, { score: { gt: 2 } }] },
      { localTime: { during: night }, not: { localTime: { during: noon } } },
      { all: [{ localTime: { during: night } }, { localTime: { during: { ...noon, zone: "Asia/Tokyo" } } }] },
      { timeline: { has: "TRANSFER", times: 0 } },
      { any: parts, not: { any: parts.slice(1) } },
    ])
      expect(warned(when)).toEqual([])
  })
})

describe("a channel that is not there, or off", () => {
  const channelWarning = (channels: string[], configured: string[] | null) =>
    warningsOf(
      { when: { flagged: true }, severity: "info", channels },
      {
        channels: configured?.map((id) => ({ id, severityFrom: "info" as const })) ?? null,
        presence: NO_PRESENCE,
      },
    )

  test("is named, and so is where alerts go instead, if none is", () => {
    expect(channelWarning(["slack"], ["email"])).toEqual([
      {
        path: ["channels", 0],
        message: "slack is not there, or off; as none of these is, alerts go to email",
      },
    ])
    expect(channelWarning(["email", "slack"], ["email"])).toEqual([
      { path: ["channels", 1], message: "slack is not there, or off" },
    ])
  })

  test("is not, while nobody knows which are", () => {
    expect(channelWarning(["slack"], null)).toEqual([])
    expect(channelWarning(["slack"], ["slack", "email"])).toEqual([])
  })
})

describe("a severity that no channel takes", () => {
  const taker = (id: string, severityFrom: "info" | "warning" | "critical") => ({ id, severityFrom })
  const severityWarning = (severity: "info" | "warning", channels?: string[]) =>
    warningsOf(
      { when: { flagged: true }, severity, channels },
      {
        channels: [taker("billing", "critical"), taker("email", "critical"), taker("slack", "warning")],
        presence: NO_PRESENCE,
      },
    )

  test("is named, with where such alerts go all the same", () => {
    expect(severityWarning("info")).toEqual([
      {
        path: ["severity"],
        message:
          "no channel takes alerts of this severity (severityFrom), so they go to email and slack all the same",
      },
    ])
  })

  test("is not if one takes it, or the rule names a channel", () => {
    expect(severityWarning("warning")).toEqual([])
    expect(severityWarning("info", ["billing"])).toEqual([])
  })
})

describe("of the last days' calls", () => {
  const presence = { ...NO_PRESENCE, calls: 80, details: 60, present: { score: 70, transferred: 60 } }
  const warnedBy = (when: Record<string, unknown>, known: Presence = presence) =>
    warningsOf({ when, severity: "warning" }, { channels: null, presence: known }).map(
      ({ path, message }) => `/${path.join("/")} ${message}`,
    )

  test("a field that none of them had is named, wherever a rule asks for it", () => {
    expect(
      warnedBy({ transferred: true, any: [{ memory: { contains: "VIP" } }, { flagged: true }] }),
    ).toEqual([
      "/when/any/0/memory/contains none of the last 60 calls has memory (GET /fields)",
      "/when/any/1/flagged none of the last 80 calls has flagged (GET /fields)",
    ])
    expect(warnedBy({ memory: { contains: "VIP" } }, { ...presence, details: 49 })).toEqual([])
  })

  const names = {
    tools: ["check_inventory", "Book Table"],
    "agent.id": ["a-1"],
    "agent.name": ["Front desk", "Night line"],
  }
  const seen = { calls: 70, details: 60, names, isCut: false }
  const known = { ...presence, seen, present: { "agent.id": 70, "agent.name": 70, tools: 60, timeline: 60 } }

  test.each([
    [
      { tools: "check_inventry" },
      "/when/tools",
      "60 calls used a tool of this name; did you mean check_inventory?",
    ],
    [
      { "tools.called": { containsAny: ["book table", "refund"] } },
      "/when/tools.called/containsAny/1",
      "60 calls used a tool of this name; there are Book Table, check_inventory",
    ],
    [{ "tools.failed": { has: "cancel" } }, "/when/tools.failed/has", "60 calls used a tool of this name"],
    [
      { "tools.failed": { has: "book table", then: "cancel" } },
      "/when/tools.failed/then",
      "60 calls used a tool of this name",
    ],
    [
      { "agent.id": { in: ["A-1", "a-9"] } },
      "/when/agent.id/in/1",
      "70 calls has this agent.id; did you mean a-1?",
    ],
    [
      { "agent.name": { ne: "Nigth line" } },
      "/when/agent.name/ne",
      "70 calls has this agent.name; did you mean Night line?",
    ],
    [
      { not: { "agent.name": { startsWith: "Back" } } },
      "/when/not/agent.name/startsWith",
      "70 calls has this agent.name",
    ],
    [{ "agent.name": { contains: "office" } }, "/when/agent.name/contains", "70 calls has this agent.name"],
  ])("%j names a tool or an agent that none of them had", (when, path, message) => {
    const [warning, ...others] = warnedBy(when, known)
    expect(others).toEqual([])
    expect(warning).toContain(`${path} none of the last ${message}`)
  })

  test("a tool or an agent that one of them had is not named, whatever its case; nor any if too little is known", () => {
    for (const when of [
      { tools: "CHECK_INVENTORY", "agent.name": { contains: "desk" } },
      {
        "tools.failed": { has: "book  table", times: 2 },
        "agent.name": { startsWith: "night", ne: "FRONT DESK" },
      },
      { tools: { exists: true }, "agent.id": { exists: false } },
    ])
      expect(warnedBy(when, known)).toEqual([])
    const odd = { tools: "refund", "agent.name": "Nobody" }
    expect(warnedBy(odd, known)).toHaveLength(2)
    expect(warnedBy(odd, { ...known, seen: { ...seen, isCut: true } })).toEqual([])
    // An older version counted the calls, and noted no names.
    expect(warnedBy(odd, { ...known, seen: { ...seen, calls: 49, details: 49 } })).toEqual([])
    const none = { ...known, seen: { ...seen, names: { ...names, tools: [] } } }
    expect(warnedBy({ tools: "refund" }, none)).toEqual(["/when/tools none of the last 60 calls used a tool"])
  })

  test("scores that never exceed 1 are said where a rule asks for a score", () => {
    expect(warnedBy({ score: { lte: 2 } })).toEqual([
      expect.stringContaining("/when/score/lte None of the last 70 scores is above 1"),
    ])
    expect(warnedBy({ score: { lte: 2 } }, { ...presence, scoresAboveOne: 1 })).toEqual([])
  })
})
