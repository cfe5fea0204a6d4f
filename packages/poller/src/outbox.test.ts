/** What is owed is remembered by the poller's state, so that polls which find nothing else to do deliver it soon. */
import type { ChannelId } from "@earshot/core/channel/channel"
import { HOUR, MINUTE } from "@earshot/core/instant"
import { createSlackChannel } from "@earshot/io/channel/slack"
import { expect, test } from "vitest"
import {
  CALM,
  GOING,
  START,
  WEBHOOK,
  type TestWorld,
  addressOf,
  callAt,
  createTestWorld,
  usesOf,
} from "./test-world.ts"
import { dieAt } from "./test-death.ts"

const GATE = 20_000

type Owed = { id: string; dueAt: number; channels: readonly ChannelId[] }

/** Messages that wait for their time, as earlier polls have left them. */
async function owe(test: TestWorld, owed: readonly Owed[]): Promise<void> {
  test.book.add(callAt("bad", 70_000, { flagged: true }))
  await dieAt(test, (store, die) => ({ ...store, dueCalls: die }))
  const bad = await test.store.readCall("bad")
  if (!bad) throw new Error("It was kept.")
  for (const { id, dueAt, channels } of owed) {
    const base = { attempts: 8, owedAt: START, mayRepeat: true, state: "due", dueAt } as const
    const deliveries = channels.map((channel) => ({ ...base, channel }))
    await test.store.writeCall({ ...bad.value, callId: id, deliveries }, 0)
  }
}

/** So few that none is left for reading old calls again: a poll that does that looks for what is owed anyway. */
const limits = { listPerHour: 100 }

test("a message that a channel did not take is sent again within a minute, even if nothing else happens", async () => {
  const test = createTestWorld({ limits })
  await test.pollAfter(0)
  test.book.add(callAt("bad", 70_000, { flagged: true }))
  test.snsStatus = 500
  expect(await test.pollAfter(GATE)).toMatchObject({ alerts: 1, delivered: 1, failed: 1, pending: 1 })
  test.snsStatus = 0
  for (let poll = 0; poll < 3; poll++) expect(await test.pollAfter(GATE)).toMatchObject({ details: 0 })
  expect(test.mails).toHaveLength(1)
})

test("a message that waits to be sent again is not forgotten because the index does not show it yet", async () => {
  const test = createTestWorld({ limits })
  await test.pollAfter(0)
  test.slack.failNext({ kind: "rate_limited", retryAfterSeconds: 19 })
  test.book.add(callAt("bad", 70_000, { flagged: true }))
  expect(await test.pollAfter(GATE)).toMatchObject({ delivered: 1, failed: 1, pending: 1 })
  const { dueCalls } = test.store
  test.store.dueCalls = async () => []
  expect(await test.pollAfter(GATE)).toMatchObject({ delivered: 0, pending: 1 })
  test.store.dueCalls = dueCalls
  expect(await test.pollAfter(GATE)).toMatchObject({ delivered: 1, pending: 0 })
  expect(test.told()).toEqual(["bad"])
})

test("what a poll has kept and not sent is sent by the next one, even while another message waits for its time", async () => {
  const test = createTestWorld({ limits })
  await owe(test, [{ id: "waiting", dueAt: START + 50 * MINUTE, channels: ["slack"] }])
  expect(await test.pollAfter(GATE)).toMatchObject({ delivered: 2, pending: 1 })
  test.book.add(callAt("worse", 70_000, { flagged: true }))
  test.advance(GATE)
  await dieAt(test, (store, die) => ({ ...store, dueCalls: die }))
  expect(test.told()).toEqual(["bad"])
  expect(await test.pollAfter(GATE)).toMatchObject({ alerts: 0, delivered: 2, pending: 1 })
  expect(test.told()).toEqual(["bad", "worse"])
})

test("what a poll has kept and not sent is sent by the next one, even if that has looked for it a moment ago", async () => {
  const test = createTestWorld({ limits })
  expect(await test.pollAfter(0)).toMatchObject({ pending: 0 })
  test.book.add(callAt("bad", 70_000, { flagged: true }))
  test.advance(GATE)
  await dieAt(test, (store, die) => ({ ...store, dueCalls: die }))
  expect(test.told()).toEqual([])
  expect(await test.pollAfter(GATE)).toMatchObject({ alerts: 0, details: 0, delivered: 2 })
  expect(test.told()).toEqual(["bad"])
})

test("what a poll has kept and not sent is sent by the next one, even while a channel that hangs owes hundreds of others", async () => {
  const test = createTestWorld({ limits })
  const owed = (index: number): Owed => {
    return { id: `old-${index}`, dueAt: START - 450 + index, channels: ["slack"] }
  }
  await owe(
    test,
    Array.from({ length: 450 }, (_, index) => owed(index)),
  )
  const { fetch, sleep } = test.world
  test.world.fetch = (input, init) =>
    addressOf(input).includes("hooks.slack.com")
      ? sleep(60_000).then(() => fetch(input, init))
      : fetch(input, init)
  await test.pollAfter(GATE)
  expect(test.mails).toHaveLength(1)
})

test("what waits is sent when its time has come, even while another message waits for longer", async () => {
  const test = createTestWorld({ limits })
  await owe(test, [
    { id: "later", dueAt: START + 50 * MINUTE, channels: ["slack"] },
    { id: "soon", dueAt: START + 2 * MINUTE, channels: ["slack"] },
  ])
  await test.pollAfter(GATE)
  expect(test.told()).toEqual(["bad"])
  for (let poll = 0; poll < 6; poll++) await test.pollAfter(GATE)
  expect(test.told()).toEqual(["bad", "soon"])
})

test("when nothing is owed any more, nobody looks for it", async () => {
  const test = createTestWorld({ limits })
  await owe(test, [])
  // And nobody waits after the last message.
  expect(await test.pollAfter(GATE)).toMatchObject({ delivered: 2, pending: 0, durationMs: 0 })
  expect((await test.store.readControl())?.dueAt).toBeNull()
  expect(test.logs).toEqual([])
})

test("what comes of a message whose claim has run out says nothing of the claim that somebody else has made since", async () => {
  const test = createTestWorld({ limits })
  test.setup.channels = test.setup.channels.filter(({ id }) => id === "slack")
  test.book.add(callAt("bad", 70_000, { flagged: true }))
  const theirs = {
    channel: "slack",
    state: "claimed",
    attempts: 2,
    owedAt: START,
    mayRepeat: true,
    claimedUntil: START + 3 * MINUTE,
  } as const
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    if (!addressOf(input).includes("hooks.slack.com")) return fetch(input, init)
    const known = await test.store.readCall("bad")
    if (known) await test.store.writeCall({ ...known.value, deliveries: [theirs] }, known.version)
    return new Response("", { status: 500 })
  }
  expect(await test.pollAfter(0)).toMatchObject({ failed: 1, pending: 1 })
  expect((await test.store.readCall("bad"))?.value.deliveries).toEqual([theirs])
})

test.each([
  ["sees all that is due", 3, -250, 1],
  // What waits may be held, and need not be any more: a check looks through all of it.
  ["sees more that waits than that is due", 250, MINUTE, 2],
])("who %s looks for no more", async (_, count, dueMs, asked) => {
  const test = createTestWorld({ limits })
  const owed = (index: number): Owed => {
    return { id: `old-${index}`, dueAt: START + dueMs + index, channels: ["slack", "email"] }
  }
  await owe(
    test,
    Array.from({ length: count }, (__, index) => owed(index)),
  )
  const used = usesOf(test)
  await test.pollAfter(GATE)
  expect(used.filter((name) => name === "dueCalls")).toHaveLength(asked)
})

test("what is owed to a channel that is there no more waits for it, and holds up nothing", async () => {
  const test = createTestWorld({ limits })
  test.setup.channels = test.setup.channels.filter(({ id }) => id === "slack")
  const owed = (id: string): Owed => ({ id, dueAt: START, channels: ["email"] })
  await owe(test, [owed("first"), owed("second")])
  expect(await test.pollAfter(GATE)).toMatchObject({ ok: true, delivered: 1, pending: 2 })
})

test("what is owed to a channel that nobody knows is put off for an hour at a time, and holds up nothing", async () => {
  const test = createTestWorld({ limits })
  await owe(test, [{ id: "old", dueAt: START, channels: ["pager", "slack"] }])
  expect(await test.pollAfter(GATE)).toMatchObject({ ok: true, delivered: 3, failed: 1, pending: 1 })
  const { deliveries } = (await test.store.readCall("old"))?.value ?? {}
  expect(deliveries).toMatchObject([
    { channel: "pager", state: "due", attempts: 9, mayRepeat: true },
    { channel: "slack", state: "sent" },
  ])
  expect((await test.store.readControl())?.dueAt).toBe(test.world.now() + HOUR)
  const why = "the channel pager is not configured"
  expect(test.logs).toMatchObject([{ event: "delivery.failed", channel: "pager", callId: "old", why }])
  for (let poll = 0; poll < 2; poll++) await test.pollAfter(GATE)
  expect(test.logs).toHaveLength(1)
})

test("a channel with an id of its own is served beside the others, whatever its kind is called", async () => {
  const test = createTestWorld({ limits })
  const [slack] = test.setup.channels
  if (slack) test.setup.channels = [...test.setup.channels, { ...slack, id: "night-shift" }]
  await owe(test, [{ id: "old", dueAt: START, channels: ["night-shift"] }])
  expect(await test.pollAfter(GATE)).toMatchObject({ delivered: 4, failed: 0, pending: 0 })
})

test("what a poll has kept and not sent is sent soon, even if the next one does not see it and sends as much of its own", async () => {
  const test = createTestWorld({ limits })
  await test.pollAfter(0)
  test.book.add(callAt("first", 70_000, { flagged: true }))
  const { store } = test
  const slow: TestWorld["store"]["writeCall"] = async (...given) => {
    test.advance(40_000)
    return store.writeCall(...given)
  }
  test.store = { ...store, writeCall: slow }
  expect(await test.pollAfter(GATE)).toMatchObject({ alerts: 1, delivered: 0, pending: 2 })
  test.book.add(callAt("second", 70_000, { flagged: true }))
  test.store = { ...store, dueCalls: async () => [] }
  expect(await test.pollAfter(0)).toMatchObject({ alerts: 1, delivered: 2, pending: 2 })
  test.store = store
  await test.pollAfter(GATE)
  expect(test.told()).toEqual(["second", "first"])
})

test("what a poll has kept and failed to send is sent soon, though the index does not show it at once", async () => {
  const test = createTestWorld({ limits })
  // Whose end is looked for every few seconds.
  test.book.add(callAt("going", 120_000, GOING))
  await test.pollAfter(0)
  test.book.add(callAt("bad", 70_000, { flagged: true }))
  const { store } = test
  let writes = 0
  test.store = {
    ...store,
    writeCall: (...given) =>
      writes++ === 0 ? store.writeCall(...given) : Promise.reject(new Error("The table is away.")),
  }
  await expect(test.pollAfter(GATE)).rejects.toThrow("The table is away.")
  test.store = { ...store, dueCalls: async () => [] }
  expect(await test.pollAfter(3500)).toMatchObject({ kind: "look", details: 1 })
  test.store = store
  for (let poll = 0; poll < 2; poll++) await test.pollAfter(GATE)
  expect([test.told(), test.mails.length]).toEqual([["bad"], 1])
})

test("a message that shows no id gives a reference that leads to the call, even if its sender dies at once", async () => {
  const test = createTestWorld()
  test.setup.channels = [createSlackChannel(test.world, { webhookUrl: WEBHOOK, privacy: "minimal" })]
  test.book.add(callAt("bad", 10 * MINUTE, { flagged: true, ...CALM }))
  const uses = usesOf(test)
  await test.pollAfter(0)
  const [given] = test.slack.received
  const reference = /call ([0-9A-Z]{8})/.exec(JSON.stringify(given?.payload))?.[1] ?? ""
  expect(await test.store.referredCalls(reference)).toEqual(["bad"])
  expect(JSON.stringify(given?.payload)).not.toContain("bad")
  expect(uses.indexOf("noteReference")).toBeLessThan(uses.lastIndexOf("writeCall"))
})
