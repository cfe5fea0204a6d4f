/** Whichever way the vendor's page is meant where it does not say, the calls that a rule matches are told, and told once. */
import { describe, expect, test } from "vitest"
import type { Rule } from "../packages/core/src/rule/rule.ts"
import { callKey } from "../packages/core/src/watch/call-key.ts"
import { DOCUMENTED_LIMITS } from "../packages/emulators/src/limit.ts"
import type { Oddities } from "../packages/emulators/src/oddity.ts"
import {
  GOING,
  START,
  type TestWorld,
  addressOf,
  callAt,
  createTestWorld,
} from "../packages/poller/src/test-world.ts"

const GATE = 19_000

const MINUTE = 60_000

const HOUR = 60 * MINUTE

const metadata = { callQuality: null, technicalIssues: null, usage: null, callCost: null }

const mood = (angry: number, rest: number) => ({
  metadata: { ...metadata, sentiment: { happy: 0, sad: 0, angry, neutral: rest } },
})

const activity = (type: string) => ({
  id: type,
  type,
  sender: null,
  data: null,
  toolData: null,
  timestamp: "",
})

const readings = (["createdAt", "endedAt"] as const).flatMap((dateField) =>
  (["inclusive", "exclusive"] as const).map((dateBounds) => ({ dateField, dateBounds })),
)

describe.each(readings)("if dates mean $dateField, $dateBounds", (reading) => {
  const oddities: Oddities = { seed: 5, reading: { ...reading, shuffledTies: true } }

  test("a call of three hours is told when it ends, however many came and went meanwhile", async () => {
    const test = createTestWorld({ calls: { oddities }, lookbackMs: 0 })
    await test.pollAfter(0)
    const going = { status: "in_progress", endedAt: null, duration: null, score: null, metadata: null }
    test.book.add(callAt("long", -MINUTE, going))
    for (let minute = 0; minute < 180; minute++) {
      if (minute % 2 === 0) test.book.add(callAt(`short-${minute}`, -minute * MINUTE))
      await test.pollAfter(MINUTE)
    }
    expect(test.told()).toEqual([])
    const endedAt = new Date(test.world.now()).toISOString()
    test.book.change("long", { ...mood(0.9, 0.1), status: "completed", endedAt, duration: 10_740 })
    for (let minute = 0; minute < 15; minute++) await test.pollAfter(MINUTE)
    expect(test.told()).toEqual(["long"])
  })

  test("calls that share an instant with the last one of a page are all told", async () => {
    const test = createTestWorld({ calls: { oddities } })
    for (let call = 0; call < 400; call++) {
      // Seven at an instant, so that a page ends between them, and hours ago, so that no later poll reads them again.
      const flagged = call >= 95 && call < 109
      test.book.add(callAt(`call-${call}`, (60 - Math.floor(call / 7)) * 10 * MINUTE, { flagged }))
    }
    for (let poll = 0; poll < 4; poll++) await test.pollAfter(GATE)
    const flagged = Array.from({ length: 14 }, (_, index) => `call-${95 + index}`)
    expect(test.told().sort()).toEqual(flagged.sort())
  })

  test("calls that begin and end at the same instants as others are all told", async () => {
    const test = createTestWorld({ calls: { oddities } })
    for (let poll = 0; poll < 20; poll++) {
      for (let call = 0; call < 5; call++) {
        const at = Math.floor(poll / 3) * MINUTE
        test.book.add(
          callAt(`call-${poll}-${call}`, -at, {
            endedAt: new Date(START + at).toISOString(),
            flagged: call === 2,
          }),
        )
      }
      await test.pollAfter(GATE)
    }
    for (let poll = 0; poll < 3; poll++) await test.pollAfter(GATE)
    expect(test.told().sort()).toEqual(Array.from({ length: 20 }, (_, poll) => `call-${poll}-2`).sort())
  })
})

describe("status", () => {
  test.each(["ended", "failed", "no-answer", "voicemail", "CANCELLED", ""])(
    "%j is as good as any once the call has an end",
    async (status) => {
      const test = createTestWorld()
      test.book.add(callAt("call", 20 * MINUTE, { status, ...mood(0.9, 0.1) }))
      await test.pollAfter(0)
      expect(test.told()).toEqual(["call"])
    },
  )

  test("completed is an end even where no time of it is given", async () => {
    const test = createTestWorld()
    test.book.add(callAt("call", 20 * MINUTE, { endedAt: null, ...mood(0.9, 0.1) }))
    await test.pollAfter(0)
    expect(test.told()).toEqual(["call"])
  })

  test("without either, what the list tells of a call is told all the same, and it is not watched for ever", async () => {
    const test = createTestWorld()
    test.book.add(callAt("flagged", 20 * MINUTE, { status: "ended", endedAt: null, score: null }))
    await test.pollAfter(0)
    test.book.change("flagged", { flagged: true })
    for (let poll = 0; poll < 18; poll++) await test.pollAfter(HOUR / 6)
    expect(test.told()).toEqual(["flagged"])
    for (let poll = 0; poll < 18; poll++) await test.pollAfter(HOUR / 6)
    expect((await test.store.readWatch()).calls.get(callKey("flagged"))?.open).toBeNull()
  })
})

describe("score", () => {
  test("0 is the lowest, until a rule says that it is none", async () => {
    const test = createTestWorld()
    test.book.add(callAt("zero", 20 * MINUTE, { score: 0 }))
    await test.pollAfter(0)
    expect(test.told()).toEqual(["zero"])
    await rewrite(test, "low-score", { score: { gt: 0, lte: 2 } })
    test.book.add(callAt("zero-again", -MINUTE, { score: 0 }))
    test.book.add(callAt("one", -MINUTE, { score: 1 }))
    await test.pollAfter(10 * MINUTE)
    expect(test.told()).toEqual(["zero", "one"])
  })

  test("may change later: a call that becomes bad is told, one that becomes good is not told again", async () => {
    const test = createTestWorld()
    test.book.add(callAt("worse", 20 * MINUTE, { score: 4 }))
    test.book.add(callAt("better", 20 * MINUTE, { score: 1 }))
    await test.pollAfter(0)
    expect(test.told()).toEqual(["better"])
    await test.pollAfter(HOUR)
    test.book.change("worse", { score: 1.5 })
    test.book.change("better", { score: 4 })
    for (let poll = 0; poll < 3; poll++) await test.pollAfter(GATE)
    expect(test.told()).toEqual(["better", "worse"])
  })
})

describe("facts that are not there", () => {
  const bare = {
    from: "",
    to: "",
    type: "",
    summary: null,
    score: null,
    agent: null,
    recordingUrl: null,
    memory: null,
  }

  test("hold nothing up: a call of which little is known is told by what is", async () => {
    for (const missing of [0, 1]) {
      const test = createTestWorld({ calls: { oddities: { rows: { missing } } } })
      test.book.add(callAt("flagged", 20 * MINUTE, { ...bare, metadata: null, flagged: true }))
      test.book.add(
        callAt("moved", 19 * MINUTE, { ...bare, metadata: null, activityTimeline: [activity("TRANSFER")] }),
      )
      test.book.add(callAt("angry", 18 * MINUTE, { ...bare, ...mood(0.9, 0.1) }))
      await test.pollAfter(0)
      // An alert for information waits for what would make it worse.
      expect(test.told().sort()).toEqual(["angry", "flagged"])
      await test.pollAfter(2 * MINUTE)
      expect(test.told().sort()).toEqual(["angry", "flagged", "moved"])
    }
  })
})

describe("the sentiment's scale", () => {
  test.each([
    ["shares of 1", mood(0.5, 0.5), mood(0.49, 0.51)],
    ["shares of 100", mood(50, 50), mood(49, 51)],
    ["shares of 100, where some are very small", mood(99.5, 0.5), mood(0.5, 99.5)],
    ["shares of which a rounded one is above 1", mood(1.0000001, 0), mood(0.4, 0.6000001)],
  ])("may be %s", async (_name, angry, calm) => {
    const test = createTestWorld()
    test.book.add(callAt("angry", 20 * MINUTE, angry))
    test.book.add(callAt("calm", 20 * MINUTE, calm))
    await test.pollAfter(0)
    expect(test.told()).toEqual(["angry"])
  })
})

test.each([25_000, 4 * MINUTE])(
  "what is empty at first, and filled in %s later, is told",
  async (laterMs) => {
    const test = createTestWorld()
    const empty = {
      summary: "",
      transcript: [],
      activityTimeline: [],
      ...mood(0, 0),
    }
    test.book.add(callAt("angry", MINUTE, empty))
    test.book.add(callAt("transferred", MINUTE, empty))
    test.book.add(callAt("neither", MINUTE, empty))
    await test.pollAfter(0)
    await test.pollAfter(laterMs)
    expect(test.told()).toEqual([])
    test.book.change("angry", mood(0.9, 0.1))
    test.book.change("transferred", { activityTimeline: [activity("TRANSFER")] })
    for (let poll = 0; poll < 30; poll++) await test.pollAfter(20_000)
    expect(test.told().sort()).toEqual(["angry", "transferred"])
  },
)

test.each([
  ["1970", 0],
  ["the year 1", Date.parse("0001-01-01T00:00:00.000Z")],
  ["an hour early", START - 61 * MINUTE],
  ["an hour late", START + 59 * MINUTE],
  ["the year 9999", Date.parse("9999-12-31T23:59:59.000Z")],
])("an end in %s decides nothing: what comes later is told, and no such time", async (_, end) => {
  const test = createTestWorld()
  const endedAt = new Date(end).toISOString()
  test.book.add(callAt("angry", 2 * MINUTE, { endedAt, metadata: null, score: null }))
  test.book.add(callAt("lasting", 2 * MINUTE, { ...GOING, activityTimeline: [] }))
  await test.pollAfter(0)
  test.book.change("lasting", { endedAt, status: "completed", metadata: null })
  for (let poll = 0; poll < 6; poll++) await test.pollAfter(20_000)
  test.book.change("angry", { ...mood(0.9, 0.1), score: 4 })
  test.book.change("lasting", { ...mood(0.9, 0.1), duration: 150 })
  for (let poll = 0; poll < 30; poll++) await test.pollAfter(20_000)
  expect(test.told().sort()).toEqual(["angry", "lasting"])
  expect(JSON.stringify(test.slack.received)).not.toMatch(/\d{3,} d after|-\d+ (min|s)|1970-|0001-|9999-/)
})

test("a rule on the caller's words alerts where every turn is said to be the agent's", async () => {
  const test = createTestWorld()
  await rewrite(test, "transferred", { "transcript.caller": { contains: "lawyer" } })
  const turns = ["Hello.", "I will call my lawyer.", "I see."]
  const transcript = turns.map((text) => ({ speaker: "agent", text, timestamp: "" }))
  test.book.add(callAt("call", 20 * MINUTE, { transcript }))
  test.book.add(callAt("other", 20 * MINUTE, { transcript: transcript.slice(0, 1) }))
  await test.pollAfter(0)
  expect(test.told()).toEqual(["call"])
  expect(JSON.stringify(test.slack.received)).toContain("echowin did not say who spoke")
})

test("a score or a flag that comes as text is told all the same", async () => {
  const test = createTestWorld()
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    const text = await (await fetch(input, init)).text()
    return new Response(
      text
        .replace(/"score":([\d.]+)/g, '"score":"$1"')
        .replace(/"flagged":(true|false)/g, (_, is: string) => `"flagged":${is === "true" ? 1 : 0}`),
      { headers: { "content-type": "application/json" } },
    )
  }
  test.book.add(callAt("bad", 20 * MINUTE, { score: 1 }))
  test.book.add(callAt("flagged", 20 * MINUTE, { flagged: true }))
  test.book.add(callAt("good", 20 * MINUTE))
  expect((await test.pollAfter(0)).ok).toBe(true)
  expect(test.told().sort()).toEqual(["bad", "flagged"])
})

describe("values that no page lists", () => {
  test("of other services mean the same", async () => {
    const test = createTestWorld()
    await rewrite(test, "angry-caller", { "transcript.caller": { contains: "lawyer" }, type: "INCOMING" })
    const transcript = [
      { speaker: "Assistant", text: "Do you want a lawyer?", timestamp: "" },
      { speaker: "Customer", text: "No.", timestamp: "" },
    ]
    const facts = { status: "COMPLETED", endedAt: null, type: "inbound", transcript }
    const said = [{ speaker: "CALLER", text: "My lawyer says so.", timestamp: "" }, ...transcript.slice(0, 1)]
    test.book.add(
      callAt("moved", 20 * MINUTE, { ...facts, activityTimeline: [activity("Call Transferred")] }),
    )
    test.book.add(callAt("said", 20 * MINUTE, { ...facts, transcript: said }))
    test.book.add(callAt("out", 20 * MINUTE, { ...facts, transcript: said, type: "Outbound" }))
    test.book.add(callAt("other", 20 * MINUTE, facts))
    await test.pollAfter(0)
    expect(test.told().sort()).toEqual(["moved", "said"])
  })

  test("of activities hide no transfer, and a rule can name them", async () => {
    const test = createTestWorld()
    const timeline = [activity("DTMF"), activity("TRANSFER"), activity("GUARDRAIL")]
    test.book.add(callAt("moved", 20 * MINUTE, { activityTimeline: timeline }))
    await test.pollAfter(0)
    expect(test.told()).toEqual(["moved"])
    await rewrite(test, "transferred", { timeline: { contains: "VOICEMAIL_LEFT" } })
    test.book.add(callAt("voicemail", -MINUTE, { activityTimeline: [activity("VOICEMAIL_LEFT")] }))
    await test.pollAfter(20 * MINUTE)
    expect(test.told()).toEqual(["moved", "voicemail"])
  })

  test("of speakers and types lose no word and no call", async () => {
    const test = createTestWorld()
    await rewrite(test, "transferred", { transcript: { contains: "lawyer" }, type: "WEB" })
    const transcript = [{ speaker: "human", text: "I will call my lawyer.", timestamp: "" }]
    test.book.add(callAt("call", 20 * MINUTE, { type: "WEB", transcript }))
    await test.pollAfter(0)
    expect(test.told()).toEqual(["call"])
  })
})

test.each(["CALL_ANSWERED", "RESPONSE", "TOOL_CALL", "TRANSFER", "SEND_EMAIL", "SEND_TEXT", "HANGUP"])(
  "an activity of the documented type %s can be named by a rule",
  async (type) => {
    const test = createTestWorld()
    await rewrite(test, "transferred", { timeline: { contains: type } })
    test.book.add(callAt("with", 20 * MINUTE, { activityTimeline: [activity("OTHER"), activity(type)] }))
    test.book.add(callAt("without", 20 * MINUTE, { activityTimeline: [activity("OTHER")] }))
    await test.pollAfter(0)
    expect(test.told()).toEqual(["with"])
  },
)

test.each(["anonymous", "Restricted", "", "sip:4711@pbx.example"])(
  "a number may be %j: the call is told like any other",
  async (from) => {
    const test = createTestWorld()
    test.book.add(callAt("call", 20 * MINUTE, { from, ...mood(0.9, 0.1) }))
    await test.pollAfter(0)
    expect(test.told()).toEqual(["call"])
  },
)

test("whatever words a call has, Slack takes them for words: they call nobody, link nowhere and are escaped", async () => {
  const test = createTestWorld()
  const words = "<!channel> <https://bad.example|here> Bell & Sons <b> &amp;"
  const agent = { id: "a", name: words }
  const transcript = [{ speaker: "caller", text: words, timestamp: "" }]
  test.book.add(
    callAt("call", 20 * MINUTE, { from: words, summary: words, agent, transcript, ...mood(0.9, 0.1) }),
  )
  await test.pollAfter(0)
  expect(test.slack.received.map(({ markup }) => markup)).toEqual([
    { mentions: [], links: [], unescaped: [] },
  ])
})

test("a call may be listed minutes after it began, and others before it", async () => {
  const test = createTestWorld({ calls: { oddities: { seed: 2, rows: { lateVisibility: 0.5 } } } })
  const bad: string[] = []
  for (let minute = 0; minute < 60; minute++) {
    test.book.add(callAt(`call-${minute}`, -minute * MINUTE, { flagged: minute % 3 === 0 }))
    if (minute % 3 === 0) bad.push(`call-${minute}`)
    for (let poll = 0; poll < 3; poll++) await test.pollAfter(20_000)
  }
  for (let poll = 0; poll < 6; poll++) await test.pollAfter(MINUTE)
  expect(test.told().sort()).toEqual(bad.sort())
})

test("a page may hold fewer calls than were asked for", async () => {
  const test = createTestWorld()
  const { fetch } = test.world
  test.world.fetch = (input, init) => fetch(addressOf(input).replace("limit=100", "limit=20"), init)
  for (let call = 0; call < 150; call++) {
    test.book.add(callAt(`call-${call}`, (call + 1) * MINUTE, { flagged: call % 30 === 7 }))
  }
  for (let poll = 0; poll < 5; poll++) await test.pollAfter(MINUTE)
  expect(test.told().sort()).toEqual([7, 37, 67, 97, 127].map((call) => `call-${call}`).sort())
})

describe("the limits", () => {
  const paces = [
    // Nothing but what a minute and an hour allow holds these back.
    { apartMs: 1_000, gateMs: 0, polls: 25 * 60, detailsMin: 150 },
    // As fast as the gate allows at all, which leaves nothing in the hour for a second page.
    { apartMs: 18_000, gateMs: 18_000, polls: 2 * 200, detailsMin: 450 },
  ]
  const cases = (["sliding", "fixed"] as const).flatMap((window) =>
    paces.map((pace) => ({ window, ...pace })),
  )

  test.each(cases)(
    "are never met, if windows are $window and every list counts as filtered, by polls $apartMs ms apart with much to read",
    async ({ window, apartMs, gateMs, polls, detailsMin }) => {
      const limits = { ...DOCUMENTED_LIMITS, window }
      // No answer tells how much is left, so that only counting helps.
      const oddities: Oddities = { answer: { limitHeaders: "on429" } }
      const test = createTestWorld({ calls: { limits, oddities }, limits: { gateMs } })
      const { fetch } = test.world
      const statuses = new Set<number>()
      test.world.fetch = async (input, init) => {
        const answer = await fetch(input, init)
        if (addressOf(input).includes("echo.win")) statuses.add(answer.status)
        return answer
      }
      for (let call = 0; call < 700; call++) test.book.add(callAt(`call-${call}`, (700 - call) * MINUTE))
      for (let poll = 0; poll < polls; poll++) await test.pollAfter(apartMs)
      expect([...statuses]).toEqual([200])
      const details = test.requests.filter((request) => !request.includes("?")).length
      // Most of what the time allows was used: a backlog gets its details evenly.
      expect(details).toBeGreaterThan(detailsMin)
      expect(test.requests.length - details).toBeGreaterThan(150)
    },
  )
})

/** Gives one of the default rules another condition, as someone might over HTTP. */
async function rewrite(test: TestWorld, id: string, when: Rule["when"]): Promise<void> {
  const stored = (await test.store.readRules()).find((rule) => rule.id === id)
  await test.store.announceRules(test.world.now())
  await test.store.writeRule({
    id,
    name: id,
    mode: "live",
    severity: "info",
    settle: "PT30M",
    isDeleted: false,
    updatedAt: null,
    when,
    version: (stored?.version ?? 1) + 1,
  })
}
