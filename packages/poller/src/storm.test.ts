/** Channels that refuse, ask to wait, hang, or are owed hundreds of alerts at once. */
import { DIGEST_FROM } from "@earshot/core/alert/digest"
import { HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import { channelFaults } from "@earshot/core/turn/incident"
import { createMemory } from "./memory/memory.ts"
import { createSlackChannel } from "@earshot/io/channel/slack"
import { describe, expect, test } from "vitest"
import { poll } from "./poll.ts"
import { dying } from "./test-death.ts"
import {
  CALM,
  START,
  WEBHOOK,
  type TestWorld,
  addressOf,
  callAt,
  createTestWorld,
  during,
} from "./test-world.ts"

const GATE = 20 * SECOND

/** With the channels as they are deployed. */
function digestWorld(): TestWorld {
  const test = createTestWorld()
  test.setup.channels = test.setup.channels.map((channel) => ({ ...channel, digestFrom: DIGEST_FROM }))
  return test
}

const flagged = (test: TestWorld, ...ids: string[]) => {
  for (const id of ids)
    test.book.add(callAt(id, START - test.world.now() + 70_000, { flagged: true, ...CALM }))
}

const slackTexts = (test: TestWorld) => test.slack.received.map(({ payload }) => JSON.stringify(payload))

const faultsOf = async (test: TestWorld) =>
  channelFaults(await test.store.readIncidents(), test.world.now()).map(({ kind }) => kind)

describe("a channel that refuses", () => {
  test("is told of in the other one by the same poll, once, and once more when it is over", async () => {
    const test = createTestWorld()
    await test.pollAfter(0)
    flagged(test, "a", "b", "c")
    test.slack.failAlways({ kind: "no_service" })
    await test.pollAfter(GATE)
    const told = () => test.mails.filter(({ subject }) => subject.includes("The channel slack"))
    expect(told()).toMatchObject([{ subject: "Critical: The channel slack takes no messages" }])
    expect(told()[0]?.body).toMatch(/404: no_service/)
    expect(told()[0]?.body).toMatch(/3 alerts wait/)
    for (let turn = 0; turn < 30; turn++) {
      // Each of another process.
      test.memory = createMemory()
      await test.pollAfter(MINUTE)
    }
    expect(told()).toHaveLength(1)
    test.slack.failAlways(undefined)
    for (let turn = 0; turn < 20; turn++) await test.pollAfter(MINUTE)
    expect(told()).toMatchObject([{}, { subject: "Info: The channel slack takes messages again" }])
    expect([...test.told()].sort()).toEqual(["a", "b", "c"])
    expect((await test.store.readIncidents()).notices).toEqual([])
  })

  test("is told of by no process that is held up once it has set out to, but by the next", async () => {
    const test = createTestWorld()
    flagged(test, "a")
    test.slack.failAlways({ kind: "no_service" })
    const { writeIncidents } = test.store
    test.store.writeIncidents = async (incidents) => {
      if (incidents.notices.some(({ isClaimed }) => isClaimed)) test.advance(40 * SECOND)
      return writeIncidents(incidents)
    }
    const told = () => test.mails.filter(({ subject }) => subject.includes("The channel slack"))
    await test.pollAfter(0)
    expect(told()).toEqual([])
    test.store.writeIncidents = writeIncidents
    for (let turn = 0; turn < 8; turn++) await test.pollAfter(MINUTE)
    expect(told()).toHaveLength(1)
    expect(told()[0]?.body).not.toContain("may be a repeat")
  })

  test("is said by health and the log where there is no other", async () => {
    const test = createTestWorld()
    test.setup.channels = test.setup.channels.filter(({ id }) => id === "slack")
    flagged(test, "a")
    test.slack.failAlways({ kind: "no_service" })
    await test.pollAfter(0)
    expect(await faultsOf(test)).toEqual(["channel"])
    expect(test.logs).toMatchObject([
      { event: "delivery.failed" },
      { event: "channel.untold", channel: "slack" },
    ])
  })

  test("is said in the next that there is, as after a deploy, and logged once until then", async () => {
    const test = createTestWorld()
    const all = test.setup.channels
    test.setup.channels = all.filter(({ id }) => id === "slack")
    flagged(test, "a")
    test.slack.failAlways({ kind: "no_service" })
    for (let turn = 0; turn < 30; turn++) await test.pollAfter(MINUTE)
    expect(test.logs.filter(({ event }) => event === "channel.untold")).toHaveLength(1)
    test.setup.channels = all
    const subjects = () =>
      test.mails.map(({ subject }) => subject).filter((text) => text.includes("channel slack"))
    for (let turn = 0; turn < 30; turn++) await test.pollAfter(MINUTE)
    expect(subjects()).toHaveLength(1)
    test.slack.failAlways(undefined)
    for (let turn = 0; turn < 20; turn++) await test.pollAfter(MINUTE)
    expect(subjects()).toHaveLength(2)
  })

  test("for a day has its alerts listed as dead, and gets them as one digest once it works again", async () => {
    const test = digestWorld()
    flagged(test, ...Array.from({ length: 12 }, (_, index) => `call-${index}`))
    test.slack.failAlways({ kind: "no_service" })
    for (let spent = 0; spent < 26 * HOUR; spent += 5 * MINUTE) await test.pollAfter(5 * MINUTE)
    expect(await test.store.deadDeliveries({ max: 100 })).toHaveLength(12)
    expect(await faultsOf(test)).toEqual(["channel", "dead"])
    expect(test.logs.filter(({ event }) => event === "delivery.dead")).toHaveLength(12)
    test.slack.failAlways(undefined)
    // What there is to say shows that it works.
    flagged(test, "new")
    for (let turn = 0; turn < 10; turn++) await test.pollAfter(MINUTE)
    expect(slackTexts(test)).toHaveLength(2)
    expect(slackTexts(test)[1]).toContain("12 alerts")
    expect(await test.store.deadDeliveries({ max: 100 })).toEqual([])
    expect(await faultsOf(test)).toEqual([])
  })

  test("only the message, as malformed, is sent its plainest form at once", async () => {
    const test = createTestWorld()
    const { fetch } = test.world
    const posted: string[] = []
    test.world.fetch = async (input, init) => {
      if (!addressOf(input).includes("hooks.slack.com")) return fetch(input, init)
      posted.push(typeof init?.body === "string" ? init.body : "")
      return posted.length === 1 ? new Response("invalid_blocks", { status: 400 }) : new Response("ok")
    }
    flagged(test, "a")
    expect(await test.pollAfter(0)).toMatchObject({ delivered: 2, failed: 0, pending: 0 })
    expect(posted.map((body) => "blocks" in JSON.parse(body))).toEqual([true, false])
    expect(posted[1]).toContain("call a")
    expect(await faultsOf(test)).toEqual([])
  })
})

describe("the pace of a channel", () => {
  test("a 429 stops it for everybody until the time that it names, and nothing is asked meanwhile", async () => {
    const test = createTestWorld()
    let posts = 0
    during(test, /hooks\.slack/, () => void posts++)
    test.slack.failAlways({ kind: "rate_limited", retryAfterSeconds: 600 })
    flagged(test, ...Array.from({ length: 30 }, (_, index) => `call-${index}`))
    await test.pollAfter(0)
    expect(posts).toBe(1)
    for (let turn = 0; turn < 20; turn++) {
      test.memory = createMemory()
      flagged(test, `more-${turn}`)
      await test.pollAfter(GATE)
    }
    expect(posts).toBe(1)
    test.slack.failAlways(undefined)
    for (let turn = 0; turn < 30; turn++) await test.pollAfter(GATE)
    expect(new Set(test.told()).size).toBe(50)
    expect(test.told()).toHaveLength(50)
  })

  test("is kept by pollers that overlap: never two messages within a second", async () => {
    const test = createTestWorld()
    flagged(test, ...Array.from({ length: 60 }, (_, index) => `call-${index}`))
    const { fetch } = test.world
    test.world.fetch = async (input, init) => {
      const answer = await fetch(input, init)
      if (addressOf(input).includes("hooks.slack.com")) await test.world.sleep(300)
      return answer
    }
    const later = async (milliseconds: number) => {
      await test.world.sleep(milliseconds)
      await poll(
        test.world,
        test.store,
        { ...test.setup, limits: { ...test.setup.limits, gateMs: 1000 } },
        createMemory(),
      )
    }
    await test.run(Promise.all([later(0), later(3000), later(5500), later(9000)]))
    const times = test.slack.received.map(({ receivedAt }) => receivedAt).sort((a, b) => a - b)
    expect(times.length).toBeGreaterThan(25)
    for (const [index, time] of times.slice(1).entries())
      expect(time - (times[index] ?? 0)).toBeGreaterThanOrEqual(1000)
  })
})

describe("many alerts at once", () => {
  test("are one message, which names the worst ten and leads to the rest", async () => {
    const test = digestWorld()
    flagged(test, ...Array.from({ length: 30 }, (_, index) => `call-${index}`))
    expect(await test.pollAfter(0)).toMatchObject({ alerts: 30, delivered: 60, pending: 0 })
    expect([test.slack.received.length, test.mails.length]).toEqual([1, 1])
    const [text = ""] = slackTexts(test)
    expect(text).toContain("30 alerts")
    expect(text).toContain("Flagged: 30")
    const [, id = ""] = /digest=([0-9A-Z]{8})/.exec(text) ?? []
    expect((await test.store.readDigest(id))?.callIds).toHaveLength(30)
    const { deliveries } = (await test.store.readCall("call-3"))?.value ?? {}
    expect(deliveries).toMatchObject([{ state: "sent", digest: id }, { state: "sent" }])
  })

  test("five are five messages", async () => {
    const test = digestWorld()
    flagged(test, "a", "b", "c", "d", "e")
    await test.pollAfter(0)
    expect(test.slack.received).toHaveLength(5)
  })

  test("of one rule, one by one, are sent singly twenty times an hour and gathered after that", async () => {
    const test = digestWorld()
    await test.pollAfter(0)
    for (let call = 0; call < 60; call++) {
      flagged(test, `call-${call}`)
      await test.pollAfter(30 * SECOND)
    }
    for (let turn = 0; turn < 10; turn++) await test.pollAfter(30 * SECOND)
    const texts = slackTexts(test)
    const digests = texts.filter((text) => text.includes("digest=") || text.includes("digest "))
    expect(texts.length - digests.length).toBeLessThanOrEqual(24)
    expect(digests.length).toBeLessThanOrEqual(15)
    const read = await Promise.all(
      digests.map((text) => test.store.readDigest(/digest ([0-9A-Z]{8})/.exec(text)?.[1] ?? "")),
    )
    const all = [...test.told().filter((id) => id !== ""), ...read.flatMap((digest) => digest?.callIds ?? [])]
    expect(new Set(all).size).toBe(60)
    expect(all).toHaveLength(60)
  })

  test.each([
    ["flags", { flagged: true, ...CALM }],
    [
      "critical alerts",
      { score: 1, metadata: { ...CALM.metadata, sentiment: { happy: 0, sad: 0, angry: 0.9, neutral: 0.1 } } },
    ],
  ])("5,000 %s are at most 60 messages, each call in exactly one, within ten minutes", async (_, facts) => {
    const test = digestWorld()
    test.setup.channels = test.setup.channels.filter(({ id }) => id === "slack")
    await test.pollAfter(0)
    // Kept by an earlier poll, so that only their delivery is timed.
    const first = callAt("first", 70_000, facts)
    test.book.add(first)
    await test.pollAfter(GATE)
    const known = await test.store.readCall("first")
    if (!known?.value.alert) throw new Error("It has no alert.")
    const critical = known.value.alert.reasons.map((reason) => ({ ...reason, severity: "critical" as const }))
    const alert =
      "score" in facts && facts.score === 1 ? { ...known.value.alert, reasons: critical } : known.value.alert
    const from = test.world.now()
    const base = {
      channel: "slack",
      state: "due",
      attempts: 0,
      owedAt: from,
      mayRepeat: false,
      dueAt: from,
    } as const
    for (let call = 0; call < 5000; call++)
      await test.store.writeCall({ ...known.value, callId: `call-${call}`, alert, deliveries: [base] }, 0)
    const before = test.slack.received.length
    while (
      ((await test.store.dueCalls(1)).length > 0 || test.world.now() === from) &&
      test.world.now() - from < HOUR
    ) {
      test.memory = createMemory()
      await test.pollAfter(GATE)
    }
    expect(test.world.now() - from).toBeLessThanOrEqual(10 * MINUTE)
    const texts = slackTexts(test).slice(before)
    expect(texts.length).toBeLessThanOrEqual(60)
    const digests = texts.flatMap((text) => /digest ([0-9A-Z]{8})/.exec(text)?.[1] ?? [])
    const singles = texts.flatMap((text) => /"text":"call (call-\d+)"/.exec(text)?.[1] ?? [])
    const read = await Promise.all(digests.map((id) => test.store.readDigest(id)))
    const all = [...singles, ...read.flatMap((digest) => digest?.callIds ?? [])]
    expect(all).toHaveLength(5000)
    expect(new Set(all).size).toBe(5000)
    expect(texts.join()).not.toContain("may be a repeat")
  })

  test("critical ones come first, however many have waited for longer", async () => {
    const test = digestWorld()
    test.setup.channels = test.setup.channels.filter(({ id }) => id === "slack")
    await test.pollAfter(0)
    flagged(test, "first")
    await test.pollAfter(GATE)
    const known = (await test.store.readCall("first"))?.value
    if (!known?.alert) throw new Error("It has no alert.")
    const [flag] = known.alert.reasons
    const critical = { ...known.alert, reasons: [{ ...flag!, severity: "critical" as const }] }
    const owed = (at: number) =>
      ({ channel: "slack", state: "due", attempts: 0, owedAt: at, mayRepeat: false, dueAt: at }) as const
    const now = test.world.now()
    for (let call = 0; call < 1500; call++)
      await test.store.writeCall({ ...known, callId: `call-${call}`, deliveries: [owed(now - HOUR)] }, 0)
    for (const id of ["w", "x", "y", "z"])
      await test.store.writeCall({ ...known, callId: id, alert: critical, deliveries: [owed(now)] }, 0)
    test.memory = createMemory()
    const before = test.slack.received.length
    await test.pollAfter(GATE)
    const texts = slackTexts(test).slice(before)
    const first = texts.slice(0, 4).map((text) => /"text":"call (\w)"/.exec(text)?.[1])
    expect(new Set(first)).toEqual(new Set(["w", "x", "y", "z"]))
    expect(texts[4]).toMatch(/59\d alerts/)
  })

  test("at minimal privacy are named by references that lead to the calls", async () => {
    const test = digestWorld()
    test.setup.channels = [createSlackChannel(test.world, { webhookUrl: WEBHOOK, privacy: "minimal" })]
    flagged(test, ...Array.from({ length: 12 }, (_, index) => `bad-${index}`))
    await test.pollAfter(0)
    const [text = ""] = slackTexts(test)
    expect(text).not.toMatch(/bad-\d|Front desk/)
    const references = [...text.matchAll(/call ([0-9A-Z]{8})/g)].map(([, reference = ""]) => reference)
    expect(references).toHaveLength(10)
    for (const reference of references) expect(await test.store.referredCalls(reference)).toHaveLength(1)
  })
})

describe("a process that dies while it", () => {
  /** How often each call was given in Slack without a mark, and whether it was given at all. */
  async function given(test: TestWorld): Promise<{ unmarked: Map<string, number>; all: Set<string> }> {
    const unmarked = new Map<string, number>()
    const all = new Set<string>()
    for (const text of slackTexts(test)) {
      const [, digest = ""] = /digest ([0-9A-Z]{8})/.exec(text) ?? []
      const [, single = ""] = /"text":"call ([\w-]+)"/.exec(text) ?? []
      const ids = (await test.store.readDigest(digest))?.callIds ?? (single === "" ? [] : [single])
      for (const id of ids) {
        all.add(id)
        if (!text.includes("may be a repeat")) unmarked.set(id, (unmarked.get(id) ?? 0) + 1)
      }
    }
    return { unmarked, all }
  }

  test("sends a digest loses nothing, and what comes again says so", async () => {
    for (let deathAt = 1; deathAt < 400; deathAt += 3) {
      const test = digestWorld()
      test.setup.channels = test.setup.channels.filter(({ id }) => id === "slack")
      await test.pollAfter(0)
      flagged(test, ...Array.from({ length: 8 }, (_, index) => `call-${index}`))
      test.advance(GATE)
      const { died } = await test.run(dying(test, deathAt).poll())
      test.memory = createMemory()
      for (let turn = 0; turn < 12; turn++) await test.pollAfter(30 * SECOND)
      const { unmarked, all } = await given(test)
      expect(all.size, `death at ${deathAt}`).toBe(8)
      for (const [id, count] of unmarked) expect(count, `${id}, death at ${deathAt}`).toBe(1)
      if (!died) return
    }
    throw new Error("It never lived.")
  })

  test("tells of trouble says it all the same, once or with a mark", async () => {
    for (let deathAt = 1; deathAt < 200; deathAt++) {
      const test = createTestWorld()
      await test.pollAfter(0)
      flagged(test, "a")
      test.slack.failAlways({ kind: "no_service" })
      test.advance(GATE)
      const { died } = await test.run(dying(test, deathAt).poll())
      test.memory = createMemory()
      for (let turn = 0; turn < 12; turn++) await test.pollAfter(30 * SECOND)
      const told = test.mails.filter(({ subject }) => subject.includes("The channel slack"))
      expect(told.length, `death at ${deathAt}`).toBeGreaterThan(0)
      const unmarked = told.filter(({ body }) => !body.includes("may be a repeat"))
      expect(unmarked.length, `death at ${deathAt}`).toBeLessThanOrEqual(1)
      if (!died) return
    }
    throw new Error("It never lived.")
  })
})

test("a delivery that was made due outside of a turn is sent by the next poll", async () => {
  const test = createTestWorld()
  flagged(test, "a")
  await test.pollAfter(0)
  for (let turn = 0; turn < 3; turn++) await test.pollAfter(GATE)
  const known = await test.store.readCall("a")
  if (!known) throw new Error("It was kept.")
  const dead = known.value.deliveries.map((one) => ({
    ...one,
    state: "due" as const,
    dueAt: START,
    isRevived: true,
  }))
  await test.store.writeCall({ ...known.value, deliveries: dead }, known.version)
  await test.store.announceDue(test.world.now())
  expect(await test.pollAfter(GATE)).toMatchObject({ delivered: 2 })
})
