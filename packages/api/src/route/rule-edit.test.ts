/** Edits over HTTP that nobody loses: which version they are of, who made them, and that they can be taken back. */
import { RULES_MAX } from "@earshot/core/rule/rule"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import { describe, expect, test } from "vitest"
import type * as z from "zod"
import { RuleVersionList } from "../rule-history.ts"
import { RuleList } from "./rule.ts"
import { RuleView } from "../rule-view.ts"
import { type TestApi, createTestApi } from "../test-api.ts"

const RULE = { name: "Long call", when: { duration: { gte: 60 } } }

const versionsOf = async (api: TestApi, id: string, query = "") =>
  RuleVersionList.parse((await api.call("GET", `/rules/${id}/versions${query}`)).body)

describe("a change of a rule or a channel that there is", () => {
  test.each([
    ["PUT", "/rules/flagged", { body: RULE }],
    ["PATCH", "/rules/flagged", { body: { mode: "off" } }],
    ["DELETE", "/rules/flagged", {}],
    ["POST", "/rules/flagged/snooze", { body: { for: "PT8H" } }],
    ["DELETE", "/rules/flagged/snooze", {}],
    ["POST", "/rules/flagged/restore", { body: { version: 1 } }],
    ["PUT", "/channels/slack", { body: { name: "Slack" } }],
    ["PATCH", "/channels/slack", { body: { mode: "off" } }],
    ["POST", "/channels/slack/snooze", { body: { for: "PT8H" } }],
    ["DELETE", "/channels/slack/snooze", {}],
  ] as const)("%s %s says of which version it is, or is told how to", async (method, path, ask) => {
    const api = createTestApi()
    const detail = expect.stringMatching(/send its ETag back as If-Match.*"1" now/)
    const refused = await api.call(method, path, { ...ask, ifMatch: null })
    expect(refused).toMatchObject({ status: 428, body: { title: "Precondition Required", detail } })
    expect([await api.store.readRules(), await api.store.readChannels()]).toEqual([[], []])
    expect((await api.call(method, path, { ...ask, ifMatch: '"2"' })).status).toBe(412)
    expect([200, 204]).toContain((await api.call(method, path, { ...ask, ifMatch: '"1"' })).status)
  })

  test.each(["PUT", "PATCH"])("by %s may say its version in the body, as it was read", async (method) => {
    const api = createTestApi()
    const { body } = await api.call("GET", "/rules/flagged")
    const edited = Object.assign({}, body, { name: "Other" })
    expect(await api.call(method, "/rules/flagged", { body: edited, ifMatch: null })).toMatchObject({
      status: 200,
      body: { name: "Other", version: 2 },
    })
    // Sent again, it is of an old version.
    expect(await api.call(method, "/rules/flagged", { body: edited, ifMatch: null })).toMatchObject({
      status: 412,
    })
    expect(await api.call(method, "/rules/flagged", { body: edited, ifMatch: '"2"' })).toMatchObject({
      status: 412,
    })
    const channel = await api.call("GET", "/channels/slack")
    const renamed = { body: Object.assign({}, channel.body, { name: "Team" }), ifMatch: null }
    expect(await api.call(method, "/channels/slack", renamed)).toMatchObject({ status: 200 })
    expect(await api.call(method, "/channels/slack", renamed)).toMatchObject({ status: 412 })
  })

  test("two editors at once who read the same version: one is told, and neither edit is lost", async () => {
    const api = createTestApi()
    const { body } = await api.call("GET", "/rules/low-score")
    const save = (name: string) =>
      api.call("PUT", "/rules/low-score", { body: Object.assign({}, body, { name }), ifMatch: null })
    const answers = await Promise.all([save("Anna's"), save("Bob's")])
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]))
    const { versions } = await versionsOf(api, "low-score")
    expect(versions.map(({ version }) => version)).toEqual([2, 1])
  })

  test("of a rule that was deleted meanwhile does not bring it back", async () => {
    const api = createTestApi()
    const { body } = await api.call("GET", "/rules/flagged")
    await api.call("DELETE", "/rules/flagged")
    const answer = await api.call("PUT", "/rules/flagged", { body, ifMatch: null })
    expect(answer).toMatchObject({ status: 412, body: { detail: "There is no such rule." } })
  })
})

describe("If-None-Match", () => {
  const none = { more: { "if-none-match": "*" }, ifMatch: null }

  test("adds a rule only if there is none", async () => {
    const api = createTestApi()
    expect((await api.call("PUT", "/rules/flagged", { body: RULE, ...none })).status).toBe(412)
    expect((await api.call("POST", "/rules", { body: { ...RULE, id: "flagged" }, ...none })).status).toBe(412)
    expect((await api.call("PUT", "/rules/new", { body: RULE, ...none })).status).toBe(201)
    expect((await api.call("POST", "/rules", { body: { ...RULE, name: "Other" }, ...none })).status).toBe(201)
    expect((await api.call("POST", "/rules", { body: { ...RULE, name: "Other" }, ...none })).status).toBe(412)
    expect((await api.call("PUT", "/channels/slack", { body: { name: "Slack" }, ...none })).status).toBe(412)
    await api.call("DELETE", "/rules/new")
    expect((await api.call("PUT", "/rules/new", { body: RULE, ...none })).status).toBe(201)
  })

  test("of the very version there is refuses the edit", async () => {
    const api = createTestApi()
    const ask = { body: RULE, more: { "if-none-match": '"9", "1"' }, ifMatch: '"1"' }
    expect((await api.call("PUT", "/rules/flagged", ask)).status).toBe(412)
  })
})

describe("PATCH", () => {
  test("changes what it says and nothing else, and null takes a field back to its default", async () => {
    const api = createTestApi()
    const body = { ...RULE, mode: "shadow", channels: ["slack"], when: { duration: { gte: 60, lt: 90 } } }
    await api.call("POST", "/rules", { body })
    const contentType = "application/merge-patch+json"
    const patch = {
      mode: null,
      channels: null,
      severity: "critical",
      when: { duration: { lt: 80 }, spam: false },
    }
    const answer = await api.call("PATCH", "/rules/long-call", { body: patch, contentType })
    expect(answer).toMatchObject({
      status: 200,
      body: { name: "Long call", mode: "live", severity: "critical", version: 2 },
    })
    expect(answer.body).not.toHaveProperty("channels")
    expect(RuleView.parse(answer.body).when).toEqual({ duration: { gte: 60, lt: 80 }, spam: false })
    const other = { when: { duration: null, flagged: true } }
    const { body: changed } = await api.call("PATCH", "/rules/long-call", { body: other })
    expect(RuleView.parse(changed).when).toEqual({ flagged: true, spam: false })
  })

  test.each([
    ["a name that is taken away", { name: null }, "/name"],
    ["a condition that becomes wrong", { when: { scor: 1 } }, "/when/scor"],
    ["another id", { id: "other" }, "/id"],
    ["a list", [], ""],
    ["a text", '"x"', ""],
  ])("with %s is refused and changes nothing", async (_what, body, path) => {
    const api = createTestApi()
    const answer = await api.call("PATCH", "/rules/flagged", { body })
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path }] } })
    expect(await api.store.readRules()).toEqual([])
  })

  test("of a rule that is not there, or cannot be read, changes nothing", async () => {
    const store = createMemoryStore()
    const unreadable = { id: "odd", version: 3, isReadable: false as const }
    const readRule: typeof store.readRule = async (id) => (id === "odd" ? unreadable : store.readRule(id))
    const api = createTestApi({ store: { ...store, readRule } })
    expect((await api.call("PATCH", "/rules/nobody", { body: {} })).status).toBe(404)
    expect((await api.call("PATCH", "/rules/odd", { body: {} })).status).toBe(409)
  })
})

describe("the versions of a rule", () => {
  test("say who made each edit, when and why", async () => {
    const api = createTestApi()
    await api.call("PUT", "/rules/flagged", { body: { ...RULE, note: " Only long ones " } })
    api.advance(60_000)
    const more = { "x-note": encodeURIComponent("Zu viele Alarme – “nachts”") }
    await api.call("DELETE", "/rules/flagged", { more })
    const { versions, next } = await versionsOf(api, "flagged")
    expect(next).toBeNull()
    expect(versions).toMatchObject([
      {
        version: 3,
        by: "deployment",
        note: "Zu viele Alarme – “nachts”",
        state: "deleted",
        rule: null,
        at: "2026-01-05T09:01:00.000Z",
      },
      {
        version: 2,
        by: "deployment",
        note: "Only long ones",
        state: "rule",
        rule: RULE,
        at: "2026-01-05T09:00:00.000Z",
      },
      { version: 1, by: null, note: null, state: "rule", at: null, rule: { when: { flagged: true } } },
    ])
    // What they say of a rule is what PUT takes.
    const { rule } = versions[1] ?? {}
    expect((await api.call("PUT", "/rules/flagged", { body: rule })).status).toBe(201)
  })

  test("are read page by page, while others edit", async () => {
    const api = createTestApi()
    for (let edit = 0; edit < 6; edit++)
      await api.call("PATCH", "/rules/flagged", { body: { name: `Name ${edit}` } })
    const read: number[] = []
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: z.infer<typeof RuleVersionList> = await versionsOf(
        api,
        "flagged",
        `?limit=2${cursor && `&cursor=${cursor}`}`,
      )
      read.push(...page.versions.map(({ version }) => version))
      cursor = page.next
      await api.call("PATCH", "/rules/flagged", { body: { name: "Meanwhile" } })
    }
    expect(read).toEqual([7, 6, 5, 4, 3, 2, 1])
    for (const query of ["?limit=0", "?limit=101", "?cursor=x", "?cursor=v0", "?other=1"])
      expect((await api.call("GET", `/rules/flagged/versions${query}`)).status, query).toBe(400)
    for (const id of ["nobody", "Upper"])
      expect((await api.call("GET", `/rules/${id}/versions`)).status).toBe(404)
  })

  test("can be restored: an edit, a deletion, and a default rule's original", async () => {
    const api = createTestApi()
    await api.call("POST", "/rules", { body: RULE })
    await api.call("PATCH", "/rules/long-call", { body: { when: { duration: { gte: 1 } } } })
    const restore = (id: string, version: unknown, more: object = {}) =>
      api.call("POST", `/rules/${id}/restore`, { body: { version, ...more } })
    expect(await restore("long-call", 1)).toMatchObject({ status: 200, body: { ...RULE, version: 3 } })
    await api.call("DELETE", "/rules/long-call")
    const back = await restore("long-call", 2, { note: "Was right after all" })
    expect(back).toMatchObject({ status: 201, body: { when: { duration: { gte: 1 } }, version: 5 } })
    expect(back.headers.get("location")).toBe("/rules/long-call")
    await api.call("DELETE", "/rules/flagged")
    expect(await restore("flagged", 1)).toMatchObject({
      status: 201,
      body: { when: { flagged: true }, version: 3 },
    })
    const { versions } = await versionsOf(api, "long-call")
    expect(versions.map(({ note }) => note)).toEqual([
      "Was right after all",
      null,
      "Restored version 1",
      null,
      null,
    ])
    // A version that is a deletion, or that never existed, cannot be restored.
    expect((await restore("long-call", 4)).status).toBe(404)
    expect((await restore("long-call", 99)).status).toBe(404)
    expect((await restore("nobody", 1)).status).toBe(404)
    expect(await restore("flagged", 0)).toMatchObject({
      status: 400,
      body: { errors: [{ path: "/version" }] },
    })
  })

  test("a restored rule keeps the limits that any other keeps", async () => {
    const api = createTestApi()
    await api.call("POST", "/rules", { body: RULE })
    await api.call("DELETE", "/rules/long-call")
    for (let index = 4; index < RULES_MAX; index++)
      await api.call("PUT", `/rules/rule-${index}`, { body: RULE })
    const refused = await api.call("POST", "/rules/long-call/restore", { body: { version: 1 } })
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining("100 rules") } })
    expect(RuleList.parse((await api.call("GET", "/rules")).body).rules).toHaveLength(RULES_MAX)
  })
})
