/** Limits hold however many edit at once, in one process and in several, on every store available here. */
import { CHANNELS_MAX } from "@earshot/core/channel/settings"
import { RULES_MAX } from "@earshot/core/rule/rule"
import { clientOf, startDynalite, startDynoxide } from "@earshot/io/store/dynamo-stand-in"
import { createDynamoStore } from "@earshot/io/store/dynamo-store"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import { createTable } from "@earshot/io/store/table"
import type { Store } from "@earshot/io/store/store"
import { realWorld } from "@earshot/io/world"
import { afterAll, describe, expect, test } from "vitest"
import { RuleList } from "./route/rule.ts"
import { type TestApi, createTestApi } from "./test-api.ts"

const world = realWorld(() => {})

const standIns = [await startDynalite(), await startDynoxide()].filter((standIn) => standIn !== null)

afterAll(async () => {
  await Promise.all(standIns.map((standIn) => standIn.stop()))
})

const AT_ONCE = 30

const ROOM = 5

const RULE = { name: "Long call", when: { duration: { gte: 60 } } }

/** Adds thirty rules at once by these processes, and says how many were added. */
async function fill(apis: readonly TestApi[], store: Store): Promise<number> {
  const rule = {
    ...RULE,
    severity: "info",
    mode: "live",
    settle: "PT30M",
    isDeleted: false,
    updatedAt: null,
  } as const
  // Four default rules and these leave room for five.
  for (let index = 0; index < RULES_MAX - ROOM - 4; index++)
    await store.writeRule({ ...rule, id: `rule-${index}`, version: 1 })
  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, index) =>
      apis[index % apis.length]?.call("POST", "/rules", { body: { ...RULE, id: `at-once-${index}` } }),
    ),
  )
  const statuses = answers.map((answer) => answer?.status)
  const added = statuses.filter((status) => status === 201).length
  const { rules } = RuleList.parse((await apis[0]?.call("GET", "/rules"))?.body)
  expect(rules).toHaveLength(RULES_MAX - ROOM + added)
  return added
}

describe("of thirty rules that are added at once where there is room for five, five are", () => {
  test("in memory, by one process and by two", async () => {
    const store = createMemoryStore()
    expect(await fill([createTestApi({ store })], store)).toBe(ROOM)
    const shared = createMemoryStore()
    const apis = [createTestApi({ store: shared }), createTestApi({ store: { ...shared } })]
    expect(await fill(apis, shared)).toBe(ROOM)
  })

  test.each(standIns)("on $name, by two processes", async (standIn) => {
    const tableName = `at-once-${standIn.name}`
    await createTable(world, clientOf(world, standIn), tableName)
    const open = () => createDynamoStore(world, clientOf(world, standIn), { tableName, team: "test" })
    const stores = [open(), open()]
    const apis = stores.map((store) =>
      createTestApi({
        store,
        now: () => world.now(),
        sleep: (ms) => world.sleep(ms),
        random: () => world.random(),
      }),
    )
    const added = await fill(apis, open())
    // On a machine that stands still for seconds a request may fail; never does one too many succeed.
    expect(added).toBeGreaterThan(0)
    expect(added).toBeLessThanOrEqual(ROOM)
  })
})

test("channels have a limit too, however many are added at once", async () => {
  const store = createMemoryStore()
  const api = createTestApi({ store })
  const target = { url: "https://example.com/hook" }
  const answers = await Promise.all(
    Array.from({ length: CHANNELS_MAX + 10 }, (_, index) =>
      api.call("POST", "/channels", { body: { name: `Channel ${index}`, kind: "webhook", target } }),
    ),
  )
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(CHANNELS_MAX)
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]))
})

test("whoever dies while editing keeps the others out for half a minute, and they are told", async () => {
  const store = createMemoryStore()
  const api = createTestApi({ store })
  await store.holdEdits({ now: api.world.now(), forMs: 30_000 })
  const detail = expect.stringContaining("in half a minute")
  expect(await api.call("POST", "/rules", { body: RULE })).toMatchObject({ status: 409, body: { detail } })
  expect(await store.readRules()).toEqual([])
  api.advance(30_000)
  expect(await api.call("POST", "/rules", { body: RULE })).toMatchObject({ status: 201 })
})

test("an edit that fails gives its turn back", async () => {
  const store = createMemoryStore()
  let isBroken = true
  const readRules = async () => {
    if (isBroken) throw new Error("the table is away")
    return store.readRules()
  }
  const api = createTestApi({ store: { ...store, readRules } })
  expect((await api.call("PUT", "/rules/new", { body: RULE })).status).toBe(500)
  isBroken = false
  expect((await api.call("PUT", "/rules/new", { body: RULE })).status).toBe(201)
})
