/** What quiet hours and snoozes hold back: nothing is sent that is not critical, nothing is lost, and it all comes as one digest. */
import { DIGEST_FROM } from "@earshot/core/alert/digest"
import { testRecord } from "@earshot/core/alert/channel-test"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import type { Rule } from "@earshot/core/rule/rule"
import { HOUR, MINUTE, SECOND, isoOf } from "@earshot/core/instant"
import { describe, expect, test } from "vitest"
import { createMemory } from "./memory/memory.ts"
import { poll } from "./poll.ts"
import { dieAt } from "./test-death.ts"
import { CALM, START, type TestWorld, callAt, createTestWorld, usesOf } from "./test-world.ts"

/** So few that none is left for reading old calls again. */
const limits = { listPerHour: 100 }

const GATE = 20_000

/** Monday, 09:00 UTC. Slack is quiet from 09:01 until 11:00. */
const QUIET = {
  timeZone: "UTC",
  quietHours: { from: "09:01", until: "11:00", days: ["mon" as const] },
  criticalPasses: true,
}

type Settings = Partial<TestWorld["setup"]["channels"][number]>

function quietWorld(settings: Settings = QUIET): TestWorld {
  const world = createTestWorld({ limits })
  set(world, settings)
  return world
}

/** Slack alone, set like this from now on. */
function set(world: TestWorld, settings: Settings): void {
  const [slack] = world.setup.channels
  if (!slack) throw new Error("There is Slack.")
  world.setup = { ...world.setup, channels: [{ ...slack, digestFrom: DIGEST_FROM, ...settings }] }
}

const ANGRY = { metadata: { ...CALM.metadata, sentiment: { happy: 0, sad: 0, angry: 0.9, neutral: 0.1 } } }

/** Flagged calls, which are a warning. */
async function flag(world: TestWorld, ...ids: string[]): Promise<void> {
  for (const id of ids) world.book.add(callAt(id, -(world.world.now() - START) + 70_000, { flagged: true }))
  await world.pollAfter(GATE)
}

async function pollFor(world: TestWorld, milliseconds: number): Promise<void> {
  for (let waited = 0; waited < milliseconds; waited += MINUTE) await world.pollAfter(MINUTE)
}

function ruleOf(id: string): Rule {
  const rule = DEFAULT_RULES.find((one) => one.id === id)
  if (!rule) throw new Error("Every deployment starts with this rule.")
  return rule
}

async function write({ store, world }: TestWorld, rule: Rule): Promise<void> {
  await store.announceRules(world.now())
  await store.writeRule({ ...rule, version: 1 })
}

const posts = ({ slack }: TestWorld) => slack.received.length

const textOf = ({ slack }: TestWorld) => JSON.stringify(slack.received.at(-1)?.payload)

async function inQuietHours(settings: Settings = QUIET): Promise<TestWorld> {
  const world = quietWorld(settings)
  await world.pollAfter(2 * MINUTE)
  return world
}

test("in quiet hours nothing is sent, and then everything at once", async () => {
  const world = await inQuietHours()
  await flag(world, "one")
  await flag(world, "two", "three")
  await pollFor(world, HOUR + 50 * MINUTE)
  expect(posts(world)).toBe(0)
  expect((await world.store.readControl())?.pending).toBe(3)
  await pollFor(world, 10 * MINUTE)
  expect(posts(world)).toBe(1)
  expect(textOf(world)).toContain("3 alerts")
  expect((await world.store.readControl())?.pending).toBe(0)
})

test("one that was held alone comes as an alert", async () => {
  const world = await inQuietHours()
  await flag(world, "one")
  await pollFor(world, 2 * HOUR)
  expect(world.told()).toEqual(["one"])
})

test("an idle poll asks nothing of the table while messages are held, but for one look in half an hour", async () => {
  const world = await inQuietHours()
  await flag(world, "one", "two")
  await world.pollAfter(GATE)
  const used = usesOf(world)
  const polls = 3 * 30
  for (let poll = 0; poll < polls; poll++) await world.pollAfter(GATE)
  expect(used.filter((name) => name === "acquire")).toHaveLength(polls)
  expect(used.filter((name) => name === "dueCalls").length).toBeLessThanOrEqual(4)
  expect(used.length).toBeLessThan(polls + 20)
})

test("more are held than the index shows at once, and polls stay idle", async () => {
  const world = await inQuietHours()
  await flag(world, ...Array.from({ length: 230 }, (_, index) => `call-${index}`))
  for (let poll = 0; poll < 6; poll++) await world.pollAfter(GATE)
  const used = usesOf(world)
  for (let poll = 0; poll < 20; poll++) await world.pollAfter(GATE)
  expect(used.filter((name) => name === "dueCalls").length).toBeLessThanOrEqual(2)
  expect(posts(world)).toBe(0)
})

test("critical alerts come in quiet hours, also if the call was held for less before", async () => {
  const world = await inQuietHours()
  await write(world, { ...ruleOf("low-score"), severity: "critical" })
  await flag(world, "one", "two")
  expect(posts(world)).toBe(0)
  for (const id of ["one", "two"]) world.book.change(id, { score: 1 })
  await pollFor(world, 5 * MINUTE)
  expect(world.told().sort()).toEqual(["one", "two"])
})

test("critical alerts are held too if the channel says so", async () => {
  const world = await inQuietHours({ ...QUIET, criticalPasses: false })
  world.book.add(callAt("angry", 0, ANGRY))
  await pollFor(world, HOUR)
  expect(posts(world)).toBe(0)
  await pollFor(world, HOUR)
  expect(world.told()).toEqual(["angry"])
})

test("a snooze holds critical alerts too, and ends by itself", async () => {
  const world = await inQuietHours({ snoozedUntil: isoOf(START + HOUR) })
  world.book.add(callAt("angry", 0, ANGRY))
  await pollFor(world, 50 * MINUTE)
  expect(posts(world)).toBe(0)
  await pollFor(world, 10 * MINUTE)
  expect(world.told()).toEqual(["angry"])
})

test("when somebody ends a snooze, what was held comes within a poll or two, as one digest", async () => {
  const world = await inQuietHours({ snoozedUntil: isoOf(START + 72 * HOUR) })
  await flag(world, "one", "two")
  await pollFor(world, 20 * MINUTE)
  expect(posts(world)).toBe(0)
  set(world, { snoozedUntil: null })
  await world.store.announceDue(world.world.now())
  await pollFor(world, 2 * MINUTE)
  expect(posts(world)).toBe(1)
  expect(textOf(world)).toContain("2 alerts")
})

test("a rule that is snoozed says nothing alone, its reasons are recorded, and the others speak", async () => {
  const world = await inQuietHours({})
  await write(world, { ...ruleOf("flagged"), snoozedUntil: isoOf(START + 2 * HOUR) })
  await flag(world, "one", "two")
  await pollFor(world, 10 * MINUTE)
  expect(posts(world)).toBe(0)
  expect((await world.store.readCall("one"))?.value.alert?.reasons).toMatchObject([{ ruleId: "flagged" }])
  world.book.change("two", { score: 1 })
  await pollFor(world, 5 * MINUTE)
  expect(world.told()).toEqual(["two"])
  await pollFor(world, 2 * HOUR)
  expect(world.told()).toEqual(["two", "one"])
})

test("a day of trying begins when what was held is let go", async () => {
  const world = await inQuietHours({ snoozedUntil: isoOf(START + 26 * HOUR) })
  await flag(world, "one")
  world.advance(26 * HOUR)
  world.slack.failNext({ kind: "server_error" }, 12)
  world.memory = createMemory()
  await pollFor(world, 3 * HOUR)
  expect(world.logs.filter(({ event }) => event === "delivery.dead")).toEqual([])
  expect(world.told()).toContain("one")
})

describe("what need not be held any more is sent within minutes, and by a process that has looked before", () => {
  /** Two messages are held, of which the process knows; then the channel has no quiet hours. */
  async function letGo(): Promise<TestWorld> {
    const world = await inQuietHours()
    await flag(world, "one", "two")
    set(world, { quietHours: null })
    expect(posts(world)).toBe(0)
    return world
  }

  test("if another one dies that has begun to free them", async () => {
    const world = await letGo()
    const { writeCall } = world.store
    world.advance(GATE)
    await dieAt(world, (store, die) => ({
      ...store,
      writeCall: async (...given) => {
        await writeCall(...given)
        return die()
      },
    }))
    await pollFor(world, 3 * MINUTE)
    expect(posts(world)).toBe(1)
    expect(textOf(world)).toContain("2 alerts")
  })

  test("if it polls while another one is held up between the two", async () => {
    const world = await letGo()
    const { store, setup, memory } = world
    let frees = 0
    const slow: TestWorld["store"] = {
      ...store,
      writeCall: async (...given) => {
        if (++frees === 2) {
          world.advance(GATE)
          await poll(world.world, store, setup, memory)
          expect(posts(world)).toBe(1)
          world.advance(GATE)
        }
        return store.writeCall(...given)
      },
    }
    world.advance(GATE)
    await world.run(poll(world.world, slow, setup, createMemory()))
    await pollFor(world, 3 * MINUTE)
    expect(world.told().sort()).toEqual(["one", "two"])
  })
})

test("a test message comes in quiet hours and while the channel is snoozed", async () => {
  const world = await inQuietHours({ ...QUIET, snoozedUntil: isoOf(START + HOUR) })
  await world.store.writeCall(testRecord("slack", "x", world.world.now()), 0)
  await world.store.announceDue(world.world.now() - SECOND)
  await world.pollAfter(GATE)
  expect(posts(world)).toBe(1)
})
