/** Rules that are odd, or that cannot be read: what the API says of them, and that they can be put right. */
import { createMemoryStore } from "@earshot/io/store/memory-store"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { DAY } from "@earshot/core/instant"
import { NO_PRESENCE, dayOf } from "@earshot/core/rule/presence"
import type { StoredRule } from "@earshot/core/rule/rule"
import type { Store } from "@earshot/io/store/store"
import { describe, expect, test } from "vitest"
import { START, type TestApi, createTestApi } from "./test-api.ts"

const ODD = { name: "Odd", when: { type: "INCOMMING", score: { gte: 4, lte: 2 } }, channels: ["slack"] }

const PATHS = ["/when/type", "/when/score/lte", "/channels/0"]

/** The poller has said which channels it has. */
async function withEmailOnly(): Promise<TestApi> {
  const api = createTestApi()
  await api.store.acquire({ now: START, gateMs: 0, since: START })
  await api.store.changeControl(1, { channels: ["email"] })
  return api
}

test("a rule that can never match, or alerts a channel that is not there, is saved and says so wherever it is read", async () => {
  const api = await withEmailOnly()
  const warnings = PATHS.map((path) => ({ path, message: expect.any(String) }))
  const saved = { readable: true, warnings }
  expect(await api.call("POST", "/rules", { body: ODD })).toMatchObject({ status: 201, body: saved })
  expect(await api.call("PUT", "/rules/odd", { body: ODD })).toMatchObject({ status: 200, body: saved })
  const read = await api.call("GET", "/rules/odd")
  expect(read).toMatchObject({ status: 200, body: saved })
  const { body } = await api.call("GET", "/rules")
  expect(body).toMatchObject({
    rules: expect.arrayContaining([expect.objectContaining({ id: "odd", ...saved })]),
  })
  // As it was read it may be sent back.
  expect(await api.call("PUT", "/rules/odd", { body: read.body })).toMatchObject({ status: 200, body: saved })
  const right = { ...ODD, when: { type: "INCOMING" }, channels: ["email"] }
  expect(await api.call("PUT", "/rules/odd", { body: right })).toMatchObject({ body: { warnings: [] } })
})

test("a rule on what none of the last week's calls had says so when it is saved", async () => {
  const api = createTestApi()
  const counted = { ...NO_PRESENCE, calls: 90, details: 70, scoresAboveOne: 4, present: { score: 88 } }
  await api.store.addPresence(dayOf(START - 2 * DAY), counted)
  const body = { name: "VIP", when: { memory: { contains: "VIP" } } }
  expect(await api.call("POST", "/rules", { body })).toMatchObject({
    status: 201,
    body: {
      warnings: [
        { path: "/when/memory/contains", message: expect.stringContaining("none of the last 70 calls") },
      ],
    },
  })
})

test("a rule on a tool or an agent of which no call of the last week knew says so when it is saved, read and previewed", async () => {
  const api = createTestApi()
  const names = { tools: ["check_inventory"], "agent.id": ["a-1"], "agent.name": ["Front desk"] }
  const counted = {
    ...NO_PRESENCE,
    calls: 90,
    details: 70,
    present: { "agent.name": 90, timeline: 70, tools: 70 },
  }
  const seen = { calls: 90, details: 70, names, isCut: false }
  await api.store.addPresence(dayOf(START - 2 * DAY), { ...counted, seen })
  const when = { "tools.failed": "chek_inventory", "agent.name": { in: ["Front desk", "Fornt desk"] } }
  const rule = { name: "Tool", when }
  const warnings = [
    { path: "/when/tools.failed", message: expect.stringContaining("did you mean check_inventory?") },
    { path: "/when/agent.name/in/1", message: expect.stringContaining("did you mean Front desk?") },
  ]
  const previewed = await api.call("POST", "/rules/preview", { body: { rule } })
  expect(previewed).toMatchObject({ status: 200, body: { warnings } })
  expect(await api.call("POST", "/rules", { body: rule })).toMatchObject({ status: 201, body: { warnings } })
  expect(await api.call("GET", "/rules/tool")).toMatchObject({ body: { warnings } })
  const right = { ...rule, when: { tools: "check_inventory" } }
  expect(await api.call("POST", "/rules/preview", { body: { rule: right } })).toMatchObject({
    body: { warnings: [] },
  })
})

describe("a rule that cannot be read", () => {
  const NEWER: StoredRule = {
    id: "newer",
    name: "Newer",
    mode: "live",
    severity: "info",
    when: { weather: "rain" },
    settle: "PT30M",
    version: 4,
    updatedAt: null,
    isDeleted: false,
  }

  /** A store in which these rules stand until they are replaced. */
  function holding(...rules: StoredRule[]): Store {
    const store = createMemoryStore()
    const standing = new Map(rules.map((rule) => [rule.id, rule]))
    return {
      ...store,
      readRules: async () => [...standing.values(), ...(await store.readRules())],
      readRule: async (id) => standing.get(id) ?? store.readRule(id),
      writeRule: async (rule) => {
        standing.delete(rule.id)
        return store.writeRule(rule)
      },
    }
  }

  const damaged = (id: string, version = 3): StoredRule => ({ id, version, isReadable: false })

  test("is listed as such beside the others, and named at /health", async () => {
    const api = createTestApi({ store: holding(damaged("broken"), NEWER, damaged("flagged")) })
    const { body } = await api.call("GET", "/rules")
    const others = DEFAULT_RULES.filter(({ id }) => id !== "flagged").map(({ id }) => ({
      id,
      readable: true,
    }))
    const unreadable = ["broken", "flagged", "newer"].map((id) => ({ id, readable: false }))
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
    expect(body).toMatchObject({ rules: [...others, ...unreadable].sort(byId) })
    const health = await api.call("GET", "/health")
    expect(health.body).toMatchObject({ unreadable: ["rule broken", "rule newer", "rule flagged"] })
    const one = await api.call("GET", "/rules/broken")
    expect(one).toMatchObject({ status: 200, body: { id: "broken", readable: false, version: 3 } })
    expect(one.headers.get("etag")).toBe('"3"')
  })

  test.each([
    ["the next version", 3, 4],
    ["a version that it cannot have had, if that is damaged too", 0, 1_000_000],
  ])("can be replaced, by %s", async (_what, version, next) => {
    const api = createTestApi({ store: holding(damaged("broken", version)) })
    const body = { name: "Whole", when: { flagged: true } }
    expect(await api.call("PUT", "/rules/broken", { body })).toMatchObject({
      status: 200,
      body: { id: "broken", version: next, readable: true },
    })
  })

  test("can be deleted, a default one too", async () => {
    for (const id of ["broken", "flagged"]) {
      const api = createTestApi({ store: holding(damaged(id)) })
      expect(await api.call("DELETE", `/rules/${id}`)).toMatchObject({ status: 204 })
      expect(await api.call("GET", `/rules/${id}`)).toMatchObject({ status: 404 })
    }
  })
})
