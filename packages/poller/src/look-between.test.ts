/** What a trigger between two polls does: it looks closer at open calls, and leaves everything else alone. */
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import type { Rule } from "@earshot/core/rule/rule"
import { EMPTY_RING, usedInHour } from "@earshot/core/turn/budget"
import { callKey } from "@earshot/core/watch/call-key"
import type { Store } from "@earshot/io/store/store"
import { describe, expect, test } from "vitest"
import { createMemory } from "./memory/memory.ts"
import { poll } from "./poll.ts"
import {
  GOING,
  CALM,
  NO_METADATA,
  START,
  TRANSFER,
  type TestWorld,
  addressOf,
  callAt,
  createTestWorld,
  during,
  usesOf,
} from "./test-world.ts"
import { dieAt, dying } from "./test-death.ts"

const GATE = 19_000

const STEP = 10_000

const MINUTE = 60_000

/** A call ends now, having been transferred. */
function end(test: TestWorld, id: string): void {
  const endedAt = new Date(test.world.now()).toISOString()
  const ended = { status: "completed", duration: 60, endedAt, activityTimeline: [TRANSFER] }
  // Nothing worse can come of it, so that its alert waits for nothing.
  test.book.change(id, { ...ended, ...CALM })
}

/** Transfers are as bad as anything can be, so that an alert of one waits for nothing. */
async function withBadTransfers(test: TestWorld): Promise<TestWorld> {
  for (const rule of DEFAULT_RULES) {
    if (rule.id === "transferred") await test.store.writeRule({ ...rule, severity: "critical", version: 2 })
  }
  return test
}

/** A world that has polled once, and has seen a call in progress. */
function polledWorld(options: Parameters<typeof createTestWorld>[0] = {}): Promise<TestWorld> {
  return polled(createTestWorld(options))
}

async function polled(test: TestWorld): Promise<TestWorld> {
  test.book.add(callAt("going", 2 * MINUTE, GOING))
  expect(await test.pollAfter(0)).toMatchObject({ new: 1, details: 0, alerts: 0 })
  return test
}

/** The vendor takes so many milliseconds for an answer. */
function answerAfter(test: TestWorld, milliseconds: (url: string) => number): void {
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    const url = addressOf(input)
    if (url.includes("echo.win")) await test.world.sleep(milliseconds(url))
    return fetch(input, init)
  }
}

/** The requests since the last time this was asked. */
function newRequests(test: TestWorld): string[] {
  return test.requests.splice(0)
}

const ANGRY = { ...NO_METADATA, sentiment: { happy: 0, sad: 0, angry: 0.9, neutral: 0.1 } }

test.each([
  ["its end", { ...GOING, activityTimeline: [TRANSFER] }, { status: "completed", transferred: true }],
  [
    "its summary",
    { summary: null, score: null, metadata: ANGRY },
    { summary: { contains: "refund" }, "sentiment.angry": { gte: 0.5 } },
  ],
])(
  "a detail that is behind the list makes nobody forget what only the list has shown: %s",
  async (_what, before, when) => {
    const test = createTestWorld()
    for (const rule of DEFAULT_RULES) await test.store.writeRule({ ...rule, mode: "off", version: 2 })
    const [flagged] = DEFAULT_RULES
    if (!flagged) throw new Error("There are default rules.")
    await test.store.writeRule({ ...flagged, id: "both", when, version: 1 })
    test.book.add(callAt("call", 2 * MINUTE, before))
    const { fetch } = test.world
    const behind = await fetch("https://echo.win/api/v1/calls/call", { headers: { "x-api-key": "ew_test" } })
    let isBroken = true
    test.world.fetch = async (input, init) => {
      if (!addressOf(input).endsWith("/calls/call")) return fetch(input, init)
      return isBroken ? new Response(null, { status: 502 }) : behind.clone()
    }
    await test.pollAfter(0)
    const endedAt = new Date(START - MINUTE).toISOString()
    test.book.change("call", { status: "completed", duration: 60, endedAt, summary: "Wants a refund." })
    expect(await test.pollAfter(20_000)).toMatchObject({ kind: "poll", alerts: 0 })
    isBroken = false
    expect(await test.pollAfter(STEP)).toMatchObject({ kind: "look", details: 1, alerts: 0 })
    for (let step = 0; step < 12; step++) await test.pollAfter(STEP)
    expect(test.told()).toEqual(["call"])
  },
)

describe("a trigger between two polls", () => {
  test("looks at calls in progress and no others, and lists nothing", async () => {
    const test = await polledWorld()
    test.book.add(callAt("decided", 5 * MINUTE))
    await test.pollAfter(20_000)
    newRequests(test)
    test.book.change("decided", { flagged: true })
    expect(await test.pollAfter(STEP)).toMatchObject({ ok: true, kind: "look", listed: 0, details: 1 })
    expect(newRequests(test)).toEqual(["/calls/going"])
  })

  test("tells of a call that has ended meanwhile, once, and the next poll has nothing left to do", async () => {
    const test = await polledWorld()
    end(test, "going")
    expect(await test.pollAfter(STEP)).toMatchObject({
      kind: "look",
      alerts: 1,
      delivered: 2,
      pending: 0,
    })
    expect(test.told()).toEqual(["going"])
    // Without an analysis a rule may be undecided; with one nothing is asked about the call any more.
    for (let trigger = 0; trigger < 6; trigger++) await test.pollAfter(STEP)
    expect([test.told(), test.mails.length]).toEqual([["going"], 1])
  })

  test("finds an analysis sooner than a list that does not show it", async () => {
    const test = createTestWorld()
    test.book.add(callAt("quiet", 70_000, { metadata: null, score: null }))
    expect(await test.pollAfter(0)).toMatchObject({ details: 1, alerts: 0 })
    const sentiment = { happy: 0, sad: 0, angry: 0.9, neutral: 0.1 }
    test.book.change("quiet", { metadata: { ...NO_METADATA, sentiment } })
    expect(await test.pollAfter(STEP)).toMatchObject({
      kind: "look",
      details: 1,
      alerts: 1,
      delivered: 2,
    })
    expect(test.told()).toEqual(["quiet"])
  })

  test("looks at each call again and again while it lasts, at most once a trigger", async () => {
    const test = await polledWorld()
    for (let trigger = 0; trigger < 12; trigger++) await test.pollAfter(STEP)
    const looks = newRequests(test).filter((request) => request === "/calls/going")
    expect(looks).toHaveLength(6)
  })

  test("writes no watch for a call that goes on, and remembers that it has looked", async () => {
    const test = await polledWorld()
    newRequests(test)
    const used = usesOf(test)
    for (let trigger = 0; trigger < 5; trigger++) await test.pollAfter(trigger === 0 ? STEP : 200)
    expect(newRequests(test)).toEqual(["/calls/going"])
    expect(used).not.toContain("writeWatch")
  })

  test("writes once, and asks no index, if it finds nothing new", async () => {
    const test = await polledWorld()
    newRequests(test)
    const used = usesOf(test)
    expect(await test.pollAfter(STEP)).toMatchObject({ kind: "look", details: 1, alerts: 0 })
    expect([newRequests(test), used]).toEqual([["/calls/going"], ["beginLook"]])
  })

  test("asks nothing and writes nothing if no call is open", async () => {
    const test = createTestWorld()
    test.book.add(callAt("decided", 10 * MINUTE))
    await test.pollAfter(0)
    newRequests(test)
    const used = usesOf(test)
    expect(await test.pollAfter(STEP)).toMatchObject({
      ok: true,
      kind: "skipped",
      reason: "early",
      details: 0,
    })
    expect([newRequests(test), used]).toEqual([[], []])
  })

  test("asks nothing either if it was another process that polled, once that is known", async () => {
    const test = createTestWorld()
    await test.run(poll(test.world, test.store, test.setup, createMemory()))
    const used = usesOf(test)
    for (let trigger = 0; trigger < 3; trigger++) {
      expect(await test.pollAfter(1000)).toMatchObject({ ok: true, kind: "skipped", reason: "early" })
    }
    expect(used.filter((name) => name === "acquire")).toHaveLength(1)
  })

  test("asks nothing and writes nothing while details are scarce", async () => {
    const test = createTestWorld({ limits: { detailPerHour: 10 } })
    for (let call = 0; call < 8; call++) test.book.add(callAt(`call-${call}`, (2 + call / 2) * MINUTE))
    test.book.add(callAt("going", 2 * MINUTE, GOING))
    await test.pollAfter(0)
    expect(await test.pollAfter(GATE)).toMatchObject({ budget: { detail: { used: 8 } } })
    newRequests(test)
    const used = usesOf(test)
    expect(await test.pollAfter(STEP)).toMatchObject({ kind: "skipped", reason: "early", details: 0 })
    expect([newRequests(test), used]).toEqual([[], []])
  })

  test("waits for the gate and is a poll if that is about to come", async () => {
    const test = await polledWorld()
    newRequests(test)
    expect(await test.pollAfter(GATE - 2400)).toMatchObject({ kind: "poll" })
    expect(newRequests(test)).not.toContain("/calls/going")
  })

  test("leaves alone what is held by a clock that is wrong, and so does not forget what it knows", async () => {
    const test = await polledWorld()
    newRequests(test)
    const { fence = 0 } = (await test.store.readControl()) ?? {}
    await test.store.changeControl(fence, { leaseUntil: START + 1000 * 60 * MINUTE })
    test.memory.turn.control = null
    expect(await test.pollAfter(STEP)).toMatchObject({
      ok: true,
      kind: "skipped",
      reason: "early",
      details: 0,
    })
    expect(newRequests(test)).toEqual([])
    expect(test.memory.watch.watch?.calls.size).toBe(1)
    // The next poll is not held up by it.
    expect(await test.pollAfter(STEP)).toMatchObject({ kind: "poll" })
  })

  test("in a process that remembers nothing reads and asks nothing", async () => {
    const test = await polledWorld()
    newRequests(test)
    test.memory = createMemory()
    const used = usesOf(test)
    expect(await test.pollAfter(STEP)).toMatchObject({ ok: true, kind: "skipped", reason: "early" })
    expect([newRequests(test), used]).toEqual([[], ["acquire"]])
  })

  test("in a process whose memory is out of date asks nothing", async () => {
    const test = await polledWorld()
    const before = test.memory
    test.memory = createMemory()
    test.book.add(callAt("second", 0, GOING))
    await test.pollAfter(20_000)
    newRequests(test)
    test.memory = before
    expect(await test.pollAfter(STEP)).toMatchObject({ kind: "skipped", reason: "early", details: 0 })
    expect(newRequests(test)).toEqual([])
  })
})

describe("polls are not disturbed by it", () => {
  test("each comes when it would have come, lists once, and is counted once", async () => {
    const test = await polledWorld()
    const lists = () => test.requests.filter((request) => request.startsWith("/calls?")).length
    let looks = 0
    for (let round = 1; round <= 30; round++) {
      // The longer it goes on, the more seldom it is looked at.
      const between = await test.pollAfter(STEP)
      expect(between).toMatchObject({ kind: between.details === 1 ? "look" : "skipped" })
      looks += between.details
      expect(looks).toBeGreaterThanOrEqual(Math.min(round, 10))
      const asked = lists()
      const report = await test.pollAfter(STEP)
      expect(report).toMatchObject({ kind: "poll" })
      expect(lists() - asked).toBeGreaterThan(0)
      // Every list is counted, those that read again what is long decided too, and no trigger between polls is.
      const budget = { list: { used: lists() }, detail: { used: looks } }
      expect(report).toMatchObject({ listed: 1, budget })
    }
  })

  test("not even by a vendor that does not answer", async () => {
    const test = await polledWorld()
    const { fetch } = test.world
    test.world.fetch = async (input, init) => {
      if (!addressOf(input).endsWith("/calls/going")) return fetch(input, init)
      // As a request that hangs until it is given up.
      return new Promise((_, reject) => {
        const { signal } = input instanceof Request ? input : (init ?? {})
        signal?.addEventListener("abort", () => reject(signal.reason))
      })
    }
    const startedAt = test.world.now()
    expect(await test.pollAfter(STEP)).toMatchObject({ kind: "look", details: 1, alerts: 0 })
    expect(test.world.now() - startedAt).toBeLessThanOrEqual(GATE)
    expect(await test.pollAfter(GATE + 1000 - (test.world.now() - startedAt))).toMatchObject({ kind: "poll" })
  })

  test("what it has asked for is counted, and what it has not is given back", async () => {
    const test = await polledWorld()
    for (let call = 0; call < 9; call++) test.book.add(callAt(`going-${call}`, MINUTE, GOING))
    await test.pollAfter(20_000)
    const { fetch } = test.world
    const refusal = { status: 429, headers: { "retry-after": "300" } }
    test.world.fetch = async (input, init) => {
      const response = await fetch(input, init)
      return response.url.includes("slack") ? response : new Response("{}", refusal)
    }
    const report = await test.pollAfter(STEP)
    expect(report.details).toBeGreaterThan(0)
    expect(report.details).toBeLessThanOrEqual(4)
    expect(report.budget.detail.used).toBe(report.details)
    test.world.fetch = fetch
    newRequests(test)
    // And then the vendor is left alone for as long as it has asked for.
    for (let trigger = 0; trigger < 10; trigger++) await test.pollAfter(STEP)
    expect(newRequests(test).filter((request) => request.startsWith("/calls/"))).toEqual([])
  })

  test("what polls have been charged for is not forgotten, not even after one that failed", async () => {
    const test = await polledWorld()
    // A delivery that waits, so that what is due does not change.
    test.slack.failNext({ kind: "rate_limited", retryAfterSeconds: 3000 })
    test.book.add(callAt("bad", MINUTE, { flagged: true }))
    await test.pollAfter(20_000)
    const { fetch } = test.world
    let isLarge = true
    test.world.fetch = async (input, init) => {
      if (!String(input instanceof Request ? input.url : input).includes("/calls?")) return fetch(input, init)
      const status = isLarge ? 200 : 503
      const body = isLarge ? `"${"x".repeat(17_000_000)}"` : "no"
      isLarge = false
      return new Response(body, { status })
    }
    expect(await test.pollAfter(20_000)).toMatchObject({ ok: false, pending: 1 })
    const counted = async () => {
      const counts = (await test.store.readControl())?.ring.list ?? []
      return counts.reduce((total, count) => total + count, 0)
    }
    const before = await counted()
    test.world.fetch = fetch
    expect(await test.pollAfter(STEP)).toMatchObject({ details: 1 })
    expect(await counted()).toBe(before)
  })
})

describe("triggers at the same time", () => {
  test("in two processes that both remember everything: one of them asks", async () => {
    const test = await polledWorld()
    const first = test.memory
    test.memory = createMemory()
    await test.pollAfter(20_000)
    newRequests(test)
    test.advance(STEP)
    end(test, "going")
    const both = [first, test.memory].map((memory) => poll(test.world, test.store, test.setup, memory))
    const reports = await test.run(Promise.all(both))
    expect(reports.map(({ ok }) => ok)).toEqual([true, true])
    expect(newRequests(test)).toEqual(["/calls/going"])
    for (let trigger = 0; trigger < 6; trigger++) await test.pollAfter(STEP)
    expect([test.told(), test.mails.length]).toEqual([["going"], 1])
  })

  test("in two processes: one that finds the gate closed lets the other's poll finish", async () => {
    const test = await polledWorld()
    const memories = [test.memory, createMemory()]
    answerAfter(test, () => 500)
    for (let round = 0; round < 8; round++) {
      test.advance(20_000)
      // Something to tell comes in a round that begins with a process which remembers all but this poll.
      if (round === 6) test.book.add(callAt("bad", 10 * MINUTE, { flagged: true }))
      const both = memories.map(async (memory, index) => {
        await test.world.sleep(50 * index)
        return poll(test.world, test.store, test.setup, memory)
      })
      const [first] = await test.run(Promise.all(both))
      expect(first, `round ${round}`).toMatchObject({ kind: "poll" })
      memories.reverse()
    }
    expect(test.told()).toEqual(["bad"])
  })

  test("in two processes: a look that outlasts the other's poll leaves no alert behind that nobody delivers", async () => {
    const test = await withBadTransfers(createTestWorld())
    const [first, second] = [createMemory(), createMemory()]
    const ids = ["one", "two", "three", "four", "five"]
    ids.forEach((id, index) => test.book.add(callAt(id, 3 * MINUTE - index * 1000, GOING)))
    await test.run(poll(test.world, test.store, test.setup, second))
    test.advance(20_000)
    await test.run(poll(test.world, test.store, test.setup, first))
    // Four details are asked for at once, and the one that follows comes when the other's poll is over.
    for (const id of ids) test.book.change(id, { activityTimeline: [TRANSFER] })
    let isSlow = true
    answerAfter(test, (url) => (url.includes("/calls?") ? 300 : isSlow ? 6000 : 10))
    test.advance(9_500)
    await test.run(
      Promise.all([
        poll(test.world, test.store, test.setup, first),
        test.world.sleep(9_500).then(() => poll(test.world, test.store, test.setup, second)),
      ]),
    )
    isSlow = false
    for (let trigger = 0; trigger < 9; trigger++) {
      test.advance(STEP)
      await test.run(poll(test.world, test.store, test.setup, first))
    }
    expect(test.told().sort()).toEqual([...ids].sort())
  })

  test("in two processes: what is kept late, when the other's poll has looked for it in vain, is told by the next poll", async () => {
    const test = await polled(await withBadTransfers(createTestWorld()))
    test.book.change("going", { activityTimeline: [TRANSFER] })
    const other = createMemory()
    const { writeCall } = test.store
    test.advance(STEP)
    const slowStore: Store = {
      ...test.store,
      writeCall: async (...written) => {
        test.advance(STEP)
        const report = await poll(test.world, test.store, test.setup, other)
        expect(report).toMatchObject({ ok: true, listed: 1, alerts: 0, delivered: 0, pending: 0 })
        return writeCall(...written)
      },
    }
    const look = await test.run(poll(test.world, slowStore, test.setup, test.memory))
    expect(look).toMatchObject({ kind: "skipped", reason: "overtaken" })
    expect(test.told()).toEqual([])
    expect(await test.pollAfter(20_000)).toMatchObject({ alerts: 0, delivered: 2, pending: 0 })
    expect(test.told()).toEqual(["going"])
  })

  test("in two processes: what the one has charged is not forgotten by the other", async () => {
    const test = await polledWorld()
    const [first, second] = [test.memory, createMemory()]
    await test.run(poll(test.world, test.store, test.setup, first))
    test.advance(20_000)
    await test.run(poll(test.world, test.store, test.setup, second))
    test.advance(20_000)
    const details = () => test.requests.filter((request) => request.startsWith("/calls/")).length
    const counted = async () => usedInHour((await test.store.readControl())?.ring ?? EMPTY_RING, "detail")
    for (let call = 0; call < 40; call++)
      test.book.add(callAt(`call-${call}`, 6 * MINUTE + call, { metadata: null }))
    answerAfter(test, (url) => (url.includes("/calls?") ? 1000 : 10))
    // The first finds the gate closed while the second waits for the list, and has charged nothing yet.
    await test.run(
      Promise.all([
        poll(test.world, test.store, test.setup, second),
        test.world.sleep(200).then(() => poll(test.world, test.store, test.setup, first)),
      ]),
    )
    expect(await counted()).toBeGreaterThan(10)
    for (let trigger = 0; trigger < 3; trigger++) {
      test.advance(3000)
      await test.run(poll(test.world, test.store, test.setup, first))
      expect(await counted()).toBe(details())
    }
  })

  test("in one process: one of them asks", async () => {
    const test = await polledWorld()
    newRequests(test)
    test.advance(STEP)
    const both = [0, 1].map(() => poll(test.world, test.store, test.setup, test.memory))
    const reports = await test.run(Promise.all(both))
    expect(reports.map(({ details }) => details).sort((a, b) => a - b)).toEqual([0, 1])
    expect(newRequests(test)).toEqual(["/calls/going"])
  })

  test("a poll that comes while it is still at work goes before it, and what happens is told once", async () => {
    const test = await polledWorld()
    end(test, "going")
    const others: ReturnType<typeof poll>[] = []
    during(test, /calls\/going/, () => {
      if (others.length > 0) return
      test.advance(STEP)
      others.push(poll(test.world, test.store, test.setup, createMemory()))
    })
    const late = await test.pollAfter(STEP)
    const [report] = await test.run(Promise.all(others))
    expect(late).toMatchObject({ ok: true, kind: "skipped", reason: "overtaken" })
    expect(report).toMatchObject({ ok: true, listed: 1 })
    for (let trigger = 0; trigger < 6; trigger++) await test.pollAfter(STEP)
    expect([test.told(), test.mails.length]).toEqual([["going"], 1])
  })
})

describe("after an edit of a rule nothing is judged by the old ones", () => {
  const off: Rule = {
    id: "transferred",
    version: 2,
    updatedAt: null,
    isDeleted: false,
    name: "Transferred",
    mode: "off",
    severity: "info",
    when: { transferred: true },
    settle: "PT30M",
  }

  test("by a process that has polled before the edit", async () => {
    const test = await polledWorld()
    await test.store.announceRules(test.world.now() + 1)
    await test.store.writeRule(off)
    end(test, "going")
    expect(await test.pollAfter(STEP)).toMatchObject({ ok: true, alerts: 0 })
    for (let trigger = 0; trigger < 6; trigger++) await test.pollAfter(STEP)
    expect(test.told()).toEqual([])
  })

  test("by a process that has polled between the announcement of the edit and its writing", async () => {
    const test = await polledWorld()
    await test.store.announceRules(test.world.now() + 15_000)
    await test.pollAfter(20_000)
    await test.store.writeRule(off)
    end(test, "going")
    await test.pollAfter(STEP)
    for (let trigger = 0; trigger < 6; trigger++) await test.pollAfter(STEP)
    expect(test.told()).toEqual([])
  })

  test("by a process that has lost track of the poller's state", async () => {
    const test = await polledWorld()
    test.memory.turn.control = null
    await test.store.announceRules(test.world.now() + 1)
    await test.store.writeRule(off)
    end(test, "going")
    await test.pollAfter(STEP)
    for (let trigger = 0; trigger < 6; trigger++) await test.pollAfter(STEP)
    expect(test.told()).toEqual([])
  })
})

describe("a process that dies between two polls", () => {
  test.each(["writeCall", "writeWatch", "changeControl", "dueCalls"] as const)(
    "at %s holds up no poll, and nothing is lost or told twice",
    async (diesAt) => {
      const test = await polledWorld()
      end(test, "going")
      test.advance(STEP)
      const diedAt = test.world.now()
      await dieAt(test, (store, die) => ({ ...store, [diesAt]: die }), test.memory)
      test.memory = createMemory()
      let isOver = false
      while (!isOver) {
        const report = await test.pollAfter(STEP)
        isOver = report.kind === "poll"
        if (!isOver) expect(report).toMatchObject({ kind: "skipped", reason: "early" })
        expect(test.world.now() - diedAt).toBeLessThanOrEqual(GATE)
      }
      for (let trigger = 0; trigger < 12; trigger++) await test.pollAfter(STEP)
      expect([test.told(), test.mails.length]).toEqual([["going"], 1])
      expect((await test.store.readControl())?.leaseUntil).toBe(0)
    },
  )

  test("at any request or write loses no alert, and repeats only what may not have arrived", async () => {
    for (let deathAt = 1; ; deathAt++) {
      const test = await polledWorld()
      test.book.add(callAt("other", MINUTE, GOING))
      await test.pollAfter(20_000)
      end(test, "going")
      end(test, "other")
      test.advance(STEP)
      const { died } = await test.run(dying(test, deathAt, test.memory).poll())
      test.memory = createMemory()
      for (let trigger = 0; trigger < 30; trigger++) await test.pollAfter(STEP)
      const told = test.told()
      expect(new Set(told), `death at ${deathAt}`).toEqual(new Set(["going", "other"]))
      expect(new Set(test.mails.map((mail) => mail.attributes["callId"])).size).toBe(2)
      const repeats = test.slack.received.filter(({ payload }) =>
        JSON.stringify(payload).includes("may be a repeat"),
      )
      expect(told.length - 2).toBeLessThanOrEqual(repeats.length)
      if (!died) {
        expect(deathAt).toBeGreaterThan(15)
        break
      }
    }
  })

  test("has lost what it kept for nobody: the detail is not asked for again", async () => {
    const test = await polledWorld()
    end(test, "going")
    test.book.change("going", { score: 4, metadata: callAt("any", 0).metadata })
    test.advance(STEP)
    await dieAt(test, (store, die) => ({ ...store, writeWatch: die }), test.memory)
    expect(newRequests(test).filter((request) => request === "/calls/going")).toHaveLength(1)
    test.memory = createMemory()
    for (let trigger = 0; trigger < 12; trigger++) await test.pollAfter(STEP)
    expect(newRequests(test).filter((request) => request === "/calls/going")).toEqual([])
    expect(test.told()).toEqual(["going"])
    expect((await test.store.readWatch()).calls.get(callKey("going"))).toMatchObject({
      startedAt: START - 2 * MINUTE,
      open: null,
    })
  })
})
