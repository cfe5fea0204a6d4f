/** All rules at once: what an export says can be imported, an import shows first what it would change, and does just that. */
import { RULES_MAX } from "@earshot/core/rule/rule"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { ImportResult, RuleSet } from "../rule-set.ts"
import { type TestApi, createTestApi } from "../test-api.ts"
import { RuleList } from "./rule.ts"

const RULE = { name: "Long call", when: { duration: { gte: 60 } } }

async function exported(api: TestApi) {
  const answer = await api.call("GET", "/rules/export")
  return { ...RuleSet.parse(answer.body), etag: answer.headers.get("etag") ?? "" }
}

const idsOf = async (api: TestApi) =>
  RuleList.parse((await api.call("GET", "/rules")).body).rules.map(({ id }) => id)

const put = (
  api: TestApi,
  rules: unknown,
  { apply = false, ifMatch = null as string | null, more = {} } = {},
) => api.call("PUT", `/rules/import${apply ? "?apply=true" : ""}`, { body: { rules, ...more }, ifMatch })

test("what was exported and is imported as it is changes nothing", async () => {
  const api = createTestApi()
  await api.call("POST", "/rules", { body: { ...RULE, channels: ["slack"], note: "n" } })
  await api.call("DELETE", "/rules/flagged")
  const { rules, etag } = await exported(api)
  expect(rules.map(({ id }) => id)).toEqual(["angry-caller", "long-call", "low-score", "transferred"])
  expect(rules[1]).toEqual({
    ...RULE,
    id: "long-call",
    mode: "live",
    severity: "warning",
    settle: "PT30M",
    channels: ["slack"],
  })
  const nothing = { etag, added: [], changed: [], removed: [], unchanged: 4 }
  expect((await put(api, rules)).body).toEqual({ applied: false, ...nothing })
  expect((await put(api, rules, { apply: true, ifMatch: etag })).body).toEqual({ applied: true, ...nothing })
})

test("an import shows what it would change, does nothing until it is told to, and then does just that", async () => {
  const api = createTestApi()
  await api.call("POST", "/rules", { body: RULE })
  const { rules } = await exported(api)
  const wanted = [
    ...rules.filter(({ id }) => id !== "flagged" && id !== "long-call"),
    { ...RULE, id: "long-call", severity: "critical", when: { duration: { gte: 90 }, spam: false } },
    { ...RULE, id: "new", name: "New" },
  ]
  const before = await api.store.readRules()
  const shown = ImportResult.parse((await put(api, wanted)).body)
  expect(shown).toMatchObject({ applied: false, added: ["new"], removed: ["flagged"], unchanged: 3 })
  expect(shown.changed).toEqual([
    {
      id: "long-call",
      version: 1,
      changes: expect.arrayContaining([
        { path: "/severity", from: "warning", to: "critical" },
        { path: "/when/duration/gte", from: 60, to: 90 },
        { path: "/when/spam", to: false },
      ]),
    },
  ])
  expect(await api.store.readRules()).toEqual(before)
  // Done only for the set that was seen.
  expect((await put(api, wanted, { apply: true })).status).toBe(428)
  expect((await put(api, wanted, { apply: true, ifMatch: '"other"' })).status).toBe(412)
  expect(await api.store.readRules()).toEqual(before)
  api.advance(1000)
  const done = await put(api, wanted, {
    apply: true,
    ifMatch: shown.etag,
    more: { note: "From the repository" },
  })
  expect(done.body).toEqual({ ...shown, applied: true, etag: (await exported(api)).etag })
  expect(await idsOf(api)).toEqual(["angry-caller", "long-call", "low-score", "new", "transferred"])
  expect((await api.call("GET", "/rules/flagged/versions")).body).toMatchObject({
    versions: [{ state: "deleted", by: "deployment", note: "From the repository" }, { version: 1 }],
  })
  expect((await api.store.readControl())?.rulesChangedAt).toBe(api.world.now())
  // Sent again it is of a set that is no more.
  expect((await put(api, wanted, { apply: true, ifMatch: shown.etag })).status).toBe(412)
})

describe("an import", () => {
  test.each([
    [
      "a rule that is wrong",
      [
        { ...RULE, id: "a" },
        { ...RULE, id: "b", when: { scor: 1 } },
      ],
      "/rules/1/when/scor",
    ],
    [
      "an id given twice",
      [
        { ...RULE, id: "a" },
        { ...RULE, id: "a" },
      ],
      "/rules/1/id",
    ],
    ["no id", [RULE], "/rules/0/id"],
    ["an unknown channel", [{ ...RULE, id: "a", channels: ["nobody"] }], "/rules/0/channels/0"],
    ["an id that is an address", [{ ...RULE, id: "export" }], "/rules/0/id"],
    ["no rules", undefined, "/rules"],
    [
      "too many",
      Array.from({ length: RULES_MAX + 1 }, (_, index) => ({ ...RULE, id: `r-${index}` })),
      "/rules",
    ],
  ])("with %s is refused as a whole, and says where", async (_what, rules, path) => {
    const api = createTestApi()
    const { etag } = await exported(api)
    const answer = await put(api, rules, { apply: true, ifMatch: etag })
    expect(answer.status).toBe(400)
    const { errors } = z.object({ errors: z.array(z.object({ path: z.string() })) }).parse(answer.body)
    expect(errors.map((error) => error.path)).toContain(path)
    expect(await api.store.readRules()).toEqual([])
  })

  test("takes as many rules as there may be, in one body", async () => {
    const api = createTestApi()
    const when = { any: Array.from({ length: 30 }, () => ({ from: { startsWith: "5".repeat(190) } })) }
    const rules = Array.from({ length: RULES_MAX }, (_, index) => ({
      id: `r-${index}`,
      name: `R ${index}`,
      when,
    }))
    const { etag } = await exported(api)
    expect(await put(api, rules, { apply: true, ifMatch: etag })).toMatchObject({
      status: 200,
      body: { removed: ["angry-caller", "flagged", "low-score", "transferred"] },
    })
    expect(await idsOf(api)).toHaveLength(RULES_MAX)
  })

  test("that is cut short is seen to be, and sent again does the rest", async () => {
    const store = createMemoryStore()
    let writes = 0
    const writeRule: typeof store.writeRule = async (...how) => {
      if (++writes === 2) throw new Error("the table is away")
      return store.writeRule(...how)
    }
    const api = createTestApi({ store: { ...store, writeRule } })
    const rules = ["a", "b", "c"].map((id) => ({ ...RULE, id }))
    const { etag } = await exported(api)
    expect((await put(api, rules, { apply: true, ifMatch: etag })).status).toBe(500)
    const left = ImportResult.parse((await put(api, rules)).body)
    expect(left).toMatchObject({ added: ["b", "c"], unchanged: 1 })
    expect((await put(api, rules, { apply: true, ifMatch: etag })).status).toBe(412)
    expect((await put(api, rules, { apply: true, ifMatch: left.etag })).status).toBe(200)
    expect(await idsOf(api)).toEqual(["a", "b", "c"])
  })

  test("leaves a rule alone that cannot be read, unless it brings one of that id", async () => {
    const store = createMemoryStore()
    const unreadable = { id: "odd", version: 3, isReadable: false as const }
    const readRules = async () => [...(await store.readRules()), unreadable]
    const api = createTestApi({ store: { ...store, readRules } })
    const { rules } = await exported(api)
    expect(await put(api, rules)).toMatchObject({ body: { added: [], changed: [], removed: [] } })
    expect(await put(api, [...rules, { ...RULE, id: "odd" }])).toMatchObject({
      body: { changed: [{ id: "odd", version: 0 }] },
    })
  })
})

test("a rule cannot have the id of another address", async () => {
  const api = createTestApi()
  for (const id of ["export", "import", "preview"]) {
    expect((await api.call("POST", "/rules", { body: { ...RULE, id } })).status).toBe(400)
    const named = await api.call("POST", "/rules", { body: { ...RULE, name: id } })
    expect(named).toMatchObject({ status: 201, body: { id: `${id}-2` } })
  }
  expect((await api.call("PUT", "/rules/preview", { body: RULE })).status).toBe(400)
})
