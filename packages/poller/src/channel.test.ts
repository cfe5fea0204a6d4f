/** Channels that people add take effect at the next poll, and one that cannot be opened holds up nobody. */
import { testRecord } from "@earshot/core/alert/channel-test"
import { ChannelSettings } from "@earshot/core/channel/settings"
import { unreadableItems } from "@earshot/core/turn/incident"
import type { Channel } from "@earshot/io/channel/channel"
import { expect, test } from "vitest"
import { NO_METADATA, type TestWorld, callAt, createTestWorld, usesOf } from "./test-world.ts"

const MINUTE = 60_000

const HOUR = 60 * MINUTE

type Told = { channel: string; callId: string; id: string | undefined }

/** A world in which channels can be added, and what those were sent. */
function createChannelWorld(): { test: TestWorld; told: Told[] } {
  const test = createTestWorld()
  const told: Told[] = []
  test.setup.openChannel = (settings) => {
    if (settings.name === "broken") return { ok: false, why: "its secret is damaged" }
    const channel: Channel = {
      id: settings.id,
      privacy: settings.privacy,
      paceMs: 1000,
      send: async ({ callId }, _ended, _form, sending) => {
        told.push({ channel: settings.id, callId, id: sending?.id })
        return { kind: "sent" }
      },
    }
    return { ok: true, channel }
  }
  return { test, told }
}

async function save({ store, world }: TestWorld, id: string, more: object = {}): Promise<void> {
  await store.announceRules(world.now())
  const known = await store.readChannel(id)
  const version = (known?.version ?? (id === "slack" ? 1 : 0)) + 1
  const kind = id === "slack" ? "slack" : "webhook"
  await store.writeChannel(ChannelSettings.parse({ id, kind, name: id, version, updatedAt: null, ...more }))
}

const flagged = (id: string, agent = "Front desk") =>
  callAt(id, MINUTE, { flagged: true, agent: { id: `id of ${agent}`, name: agent } })

test("a channel that was added is told from the next poll on, and beside the others", async () => {
  const { test: world, told } = createChannelWorld()
  await world.pollAfter(0)
  await save(world, "crm")
  world.book.add(flagged("a"))
  await world.pollAfter(20_000)
  expect(told).toMatchObject([{ channel: "crm", callId: "a" }])
  expect(world.told()).toEqual(["a"])
})

test("a channel of one agent is told of that one's calls, and a deleted one of none", async () => {
  const { test: world, told } = createChannelWorld()
  await save(world, "billing", { agents: ["Billing"] })
  world.book.add(flagged("a"))
  world.book.add(flagged("b", "Billing"))
  await world.pollAfter(0)
  expect(told.map(({ callId }) => callId)).toEqual(["b"])
  await save(world, "billing", { isDeleted: true })
  world.book.add(flagged("c", "Billing"))
  await world.pollAfter(20_000)
  expect(told).toHaveLength(1)
  expect(world.told().sort()).toEqual(["a", "b", "c"])
})

test("what only a channel was owed that is deleted goes to the deployment's, once", async () => {
  const { test: world, told } = createChannelWorld()
  const open = world.setup.openChannel
  const refuse = async () => ({ kind: "retry", why: "down", mayHaveArrived: false }) as const
  world.setup.openChannel = (settings) => {
    const opened = open?.(settings) ?? { ok: false, why: "" }
    return opened.ok && settings.id === "billing"
      ? { ok: true, channel: { ...opened.channel, send: refuse } }
      : opened
  }
  world.setup.channels = world.setup.channels.filter(({ id }) => id === "slack")
  await save(world, "slack", { agents: ["Front desk"] })
  await save(world, "billing", { agents: ["Billing"] })
  await save(world, "crm", { agents: ["Sales"] })
  world.book.add(flagged("a", "Billing"))
  await world.pollAfter(0)
  expect(world.told()).toEqual([])
  await save(world, "billing", { agents: ["Billing"], isDeleted: true })
  for (let poll = 0; poll < 6; poll++) await world.pollAfter(MINUTE)
  expect([world.told(), told]).toEqual([["a"], []])
  expect((await world.store.readCall("a"))?.value.deliveries).toMatchObject([{ channel: "slack" }])
  expect(world.logs).toContainEqual({ level: "warn", event: "delivery.inherited", callId: "a" })
  // Whoever adds it again hears of what comes after that.
  await save(world, "billing", { agents: ["Billing"] })
  for (let poll = 0; poll < 6; poll++) await world.pollAfter(HOUR)
  expect([world.told(), told]).toEqual([["a"], []])
})

test("one of the deployment's may be told less, and is still sent to where the deployment says", async () => {
  const { test: world } = createChannelWorld()
  await save(world, "slack", { severityFrom: "critical", privacy: "minimal" })
  world.book.add(flagged("a"))
  world.book.add(callAt("b", MINUTE, { metadata: null, score: 1, spam: true }))
  await world.pollAfter(0)
  expect(world.told()).toEqual([])
  expect(world.mails).toHaveLength(2)
})

test("one that cannot be opened is named in the log, and its alerts go to the deployment's channels", async () => {
  const { test: world, told } = createChannelWorld()
  await save(world, "crm", { name: "broken" })
  await save(world, "slack", { mode: "off" })
  world.setup.channels = world.setup.channels.filter(({ id }) => id === "slack")
  world.book.add(flagged("a"))
  await world.pollAfter(0)
  expect(told).toEqual([])
  expect(world.told()).toEqual(["a"])
  const why = "its secret is damaged"
  const event = "channel.unreadable"
  expect(world.logs).toContainEqual({ level: "error", event, channel: "crm", why })
  expect(unreadableItems(await world.store.readIncidents(), world.world.now())).toEqual(["channel crm"])
})

test("channels are read once, and not again before somebody edits one", async () => {
  const { test: world } = createChannelWorld()
  await save(world, "crm")
  await world.pollAfter(2 * MINUTE)
  const used = usesOf(world)
  for (let poll = 0; poll < 5; poll++) await world.pollAfter(20_000)
  expect(used).toEqual(Array.from({ length: 5 }, () => "acquire"))
  await save(world, "crm", { name: "Other" })
  used.length = 0
  await world.pollAfter(20_000)
  expect(used.filter((name) => name === "readChannels")).toEqual(["readChannels"])
})

test("what a channel knows a message by stays the same over attempts that say the same", async () => {
  const { test: world } = createChannelWorld()
  const ids: (string | undefined)[] = []
  const attempts: Channel["send"] = async (_message, _ended, _form, sending) => {
    ids.push(sending?.id)
    return ids.length < 3 ? { kind: "retry", why: "no", mayHaveArrived: true } : { kind: "sent" }
  }
  world.setup.channels = world.setup.channels.slice(0, 1).map((channel) => ({ ...channel, send: attempts }))
  world.book.add(flagged("a"))
  world.book.add(flagged("b"))
  for (let poll = 0; poll < 5; poll++) await world.pollAfter(2 * MINUTE)
  const [first, other, ...retries] = ids
  expect(first).not.toBe(other)
  expect(new Set(retries)).toEqual(new Set([first, other]))
})

test("a test message goes through the outbox to its channel alone, and says that it is one", async () => {
  const { test: world } = createChannelWorld()
  await world.pollAfter(0)
  await world.store.writeCall(testRecord("slack", "1", world.world.now()), 0)
  await world.store.changeControl(1, { dueAt: world.world.now() })
  await world.pollAfter(20_000)
  expect(world.slack.received.map(({ text }) => text)).toEqual([expect.stringContaining("TEST")])
  expect(world.mails).toEqual([])
  const stored = await world.store.readCall("earshot-test-slack-1")
  expect(stored?.value.deliveries).toMatchObject([{ state: "sent" }])
})

test("one that its channel does not take is not tried again, says why, and is no alert that was lost", async () => {
  const { test: world } = createChannelWorld()
  world.slack.failAlways({ kind: "no_service" })
  await world.store.writeCall(testRecord("slack", "1", world.world.now()), 0)
  await world.pollAfter(0)
  const stored = await world.store.readCall("earshot-test-slack-1")
  const why = expect.stringContaining("no_service")
  expect(stored?.value.deliveries).toMatchObject([{ state: "dead", why }])
  expect((await world.store.readIncidents()).channels["slack"]).toMatchObject({ deadAt: [], why })
})

test("a channel that knows its messages is given the first when another follows up on it", async () => {
  const { test: world } = createChannelWorld()
  const firsts: (string | null)[] = []
  const wholes: (readonly string[])[] = []
  world.setup.channels = world.setup.channels.slice(0, 1).map((channel) => ({
    ...channel,
    send: async (_message, _ended, _form, sending) => {
      firsts.push(sending?.first?.receipt ?? null)
      wholes.push(sending?.first?.whole.ruleIds ?? [])
      return { kind: "sent", receipt: `ts-${firsts.length}` }
    },
  }))
  world.book.add(flagged("a"))
  await world.pollAfter(0)
  const sentiment = { happy: 0, sad: 0, angry: 0.9, neutral: 0.1 }
  world.book.change("a", { score: 1, metadata: { ...NO_METADATA, sentiment } })
  for (let poll = 0; poll < 4; poll++) await world.pollAfter(20_000)
  expect(firsts).toEqual([null, "ts-1"])
  expect(wholes.at(-1)).toEqual(expect.arrayContaining(["flagged", "angry-caller"]))
})
