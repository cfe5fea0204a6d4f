/** The rules over HTTP: what can be done with them, what is refused, and that nobody's edit is lost. */
import { DEFAULT_RULES, tombstoneOf, rulesInForce } from "@earshot/core/rule/default-rule"
import { RULES_MAX, RULE_IDS_MAX, type Rule } from "@earshot/core/rule/rule"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import type { Store } from "@earshot/io/store/store"
import { describe, expect, test } from "vitest"
import { type Answer, START, type TestApi, createTestApi } from "../test-api.ts"
import { RuleView } from "../rule-view.ts"
import { RuleList } from "./rule.ts"

const NOT_JUDGED = { precision: null, verdicts: { bad: 0, fine: 0 } }

const RULE = { name: "Long call", when: { duration: { gte: 60 } } }

const ruleOf = (answer: Answer) => RuleView.parse(answer.body)

const listOf = async (api: TestApi) => RuleList.parse((await api.call("GET", "/rules")).body).rules

const idsOf = async (api: TestApi) => (await listOf(api)).map(({ id }) => id)

describe("the four default rules", () => {
  test("are listed by id and read one by one, at version 1", async () => {
    const api = createTestApi()
    expect(await idsOf(api)).toEqual(["angry-caller", "flagged", "low-score", "transferred"])
    for (const { isDeleted: _isDeleted, ...rule } of DEFAULT_RULES) {
      const answer = await api.call("GET", `/rules/${rule.id}`)
      expect(answer).toMatchObject({ status: 200, body: { ...rule, version: 1, updatedAt: null } })
      expect(answer.body).not.toHaveProperty("isDeleted")
      expect(answer.headers.get("etag")).toBe('"1"')
    }
  })

  test("can be replaced, and say when that was", async () => {
    const api = createTestApi()
    api.advance(5000)
    const body = { name: "Very low score", severity: "critical", when: { score: { lte: 1 } }, settle: "PT1H" }
    const answer = await api.call("PUT", "/rules/low-score", { body })
    const updatedAt = new Date(START + 5000).toISOString()
    expect(answer).toMatchObject({ status: 200, body: { ...body, id: "low-score", version: 2, updatedAt } })
    expect(await api.call("GET", "/rules/low-score")).toMatchObject({ body: answer.body })
    expect(await listOf(api)).toHaveLength(4)
  })

  test("can be switched off and stay listed", async () => {
    const api = createTestApi()
    const read = ruleOf(await api.call("GET", "/rules/flagged"))
    expect(await api.call("PUT", "/rules/flagged", { body: { ...read, mode: "off" } })).toMatchObject({
      status: 200,
    })
    expect((await listOf(api)).find(({ id }) => id === "flagged")).toMatchObject({ mode: "off", version: 2 })
  })

  test("stay deleted once they are", async () => {
    const api = createTestApi()
    expect(await api.call("DELETE", "/rules/flagged")).toMatchObject({ status: 204, text: "" })
    expect(await idsOf(api)).toEqual(["angry-caller", "low-score", "transferred"])
    expect(await api.call("GET", "/rules/flagged")).toMatchObject({ status: 404 })
    expect(await api.call("DELETE", "/rules/flagged")).toMatchObject({ status: 404 })
  })

  test("can be made again after that, at the next version", async () => {
    const api = createTestApi()
    await api.call("DELETE", "/rules/flagged")
    const body = { name: "Flagged", when: { flagged: true } }
    const answer = await api.call("POST", "/rules", { body })
    expect(answer).toMatchObject({ status: 201, body: { ...body, id: "flagged", version: 3 } })
    expect(answer.headers.get("location")).toBe("/rules/flagged")
    expect(await idsOf(api)).toContain("flagged")
  })
})

describe("adding a rule", () => {
  test("is refused if a part of it would be lost, with the place of each", async () => {
    const api = createTestApi()
    const text =
      '{"name":"Twice","when":{"score":{"lte":2},"any":[{"flagged":true,"flagged":false}],"score":{"gte":1}},"__proto__":{"mode":"off"}}'
    const { status, body } = await api.call("POST", "/rules", { body: text })
    expect(status).toBe(400)
    expect(body).toMatchObject({
      errors: [{ path: "/when/any/0/flagged" }, { path: "/when/score" }, { path: "/__proto__" }],
    })
    expect((await api.call("GET", "/rules/twice")).status).toBe(404)
  })

  test("fills in what was left out, and says where the rule is", async () => {
    const api = createTestApi()
    const answer = await api.call("POST", "/rules", { body: RULE })
    const filledIn = { mode: "live", severity: "warning", settle: "PT30M" }
    const written = { id: "long-call", version: 1, updatedAt: new Date(START).toISOString() }
    expect(answer.status).toBe(201)
    const sentence = "Alert when the call's length is at least 1 min"
    const shown = { readable: true, sentence, snoozedUntil: null, held: 0, warnings: [], ...NOT_JUDGED }
    expect(answer.body).toEqual({ ...RULE, ...filledIn, ...written, ...shown })
    expect(answer.headers.get("etag")).toBe('"1"')
    expect((await api.call("GET", answer.headers.get("location") ?? "")).body).toEqual(answer.body)
  })

  test.each([
    ["Long call!", "long-call"],
    ["  Café — à emporter ", "cafe-a-emporter"],
    ["Été noir", "ete-noir"],
    ["Злой звонок", "zloy-zvonok"],
    ["مكالمة طويلة", "mkalmt-twylt"],
    ["Μεγάλη κλήση", "megali-klisi"],
    ["x".repeat(80), "x".repeat(63)],
  ])("named %j makes it the id %j", async (name, id) => {
    const api = createTestApi()
    expect(ruleOf(await api.call("POST", "/rules", { body: { ...RULE, name } })).id).toBe(id)
  })

  test("in a script that no letter table covers makes it an id of its own", async () => {
    const api = createTestApi()
    const names = ["怒っている", "生气的来电", "שיחה ארוכה", "한국어", "😡", "😡😡", "!!!", "…"]
    const ids: string[] = []
    for (const name of names) {
      const answer = await api.call("POST", "/rules", { body: { ...RULE, name } })
      ids.push(ruleOf(answer).id)
      expect(ruleOf(answer)).toMatchObject({ name, version: 1 })
    }
    for (const id of ids) expect(id).toMatch(/^rule-[a-z0-9]{4,9}$/)
    expect(new Set(ids).size).toBe(names.length)
    // The same name has the same id, whichever way its characters were put together.
    const again = await createTestApi().call("POST", "/rules", {
      body: { ...RULE, name: "한국어".normalize("NFD") },
    })
    expect(ruleOf(again).id).toBe(ids[3])
  })

  test("whose name comes to an id that another has gets a number, and never more than 63 characters", async () => {
    const api = createTestApi()
    const add = async (name: string) =>
      ruleOf(await api.call("POST", "/rules", { body: { ...RULE, name } })).id
    const ids = [
      await add("Long call"),
      await add("Long call!"),
      await add("LONG CALL"),
      await add("flagged"),
    ]
    expect(ids).toEqual(["long-call", "long-call-2", "long-call-3", "flagged-2"])
    const long = `${"x".repeat(60)} yz`
    const longer = [await add(long), await add(`${long}!`), await add(`${long}!!`)]
    expect(longer).toEqual([`${"x".repeat(60)}-yz`, `${"x".repeat(60)}-2`, `${"x".repeat(60)}-3`])
  })

  test("whose name a rule in force has already is taken for the same request sent again", async () => {
    const api = createTestApi()
    await api.call("POST", "/rules", { body: RULE })
    await api.call("POST", "/rules", { body: { ...RULE, name: "Long call!" } })
    for (const [name, id] of [
      ["Long call", "long-call"],
      [" Long call! ", "long-call-2"],
    ]) {
      const answer = await api.call("POST", "/rules", { body: { ...RULE, name } })
      const detail = expect.stringContaining(`already a rule ${id}: PUT /rules/${id}`)
      expect(answer).toMatchObject({ status: 409, body: { detail } })
    }
    expect(await api.store.readRules()).toHaveLength(2)
  })

  test("of an id that exists is refused and changes nothing", async () => {
    const api = createTestApi()
    const body = { ...RULE, id: "low-score" }
    const answer = await api.call("POST", "/rules", { body })
    expect(answer).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining("PUT /rules/low-score") },
    })
    expect(await api.store.readRules()).toEqual([])
  })

  test("does not need a content type, so that `curl -d` works", async () => {
    for (const contentType of ["application/x-www-form-urlencoded", "text/plain", "application/json"]) {
      expect(await createTestApi().call("POST", "/rules", { body: RULE, contentType })).toMatchObject({
        status: 201,
      })
    }
  })

  test("stops at what a call can be searched for in a second, with the numbers, and says so of a replacement too", async () => {
    const api = createTestApi()
    const phrases = (rule: number) => ({
      any: Array.from({ length: 50 }, (_, leaf) => ({ transcript: { contains: `phrase ${rule} ${leaf}` } })),
    })
    const put = (rule: number, changes: object = {}) =>
      api.call("PUT", `/rules/rule-${rule}`, {
        body: { name: `Rule ${rule}`, when: phrases(rule), ...changes },
      })
    for (let rule = 1; rule <= 80; rule++) expect((await put(rule)).status).toBe(201)
    const refused = {
      status: 409,
      body: { detail: expect.stringMatching(/4050 phrases.*1\.01 s.*at most 1\.00 s/) },
    }
    expect(await put(81)).toMatchObject(refused)
    expect(await put(81, { mode: "off" })).toMatchObject({ status: 201 })
    expect(await put(81, { mode: "live" })).toMatchObject(refused)
    expect(await put(80, { when: phrases(80), severity: "info" })).toMatchObject({ status: 200 })
    expect(await put(80, { mode: "off" })).toMatchObject({ status: 200 })
    expect(await put(81)).toMatchObject({ status: 200 })
  })

  test("counts lists of phrases as it does single ones", async () => {
    const api = createTestApi()
    const add = (rule: number) => {
      const phrases = (list: number) =>
        Array.from({ length: 50 }, (_, one) => `phrase ${rule} ${list} ${one}`)
      const any = Array.from({ length: 40 }, (_, list) => ({ transcript: { containsAny: phrases(list) } }))
      return api.call("POST", "/rules", { body: { name: `Rule ${rule}`, when: { any } } })
    }
    expect([(await add(1)).status, (await add(2)).status]).toEqual([201, 201])
    expect(await add(3)).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/6000 phrases.*1\.50 s.*at most 1\.00 s/) },
    })
  })

  test(`stops at ${RULES_MAX} rules, and goes on when one is deleted`, async () => {
    const api = createTestApi()
    const add = (id: string) => api.call("PUT", `/rules/${id}`, { body: RULE })
    for (let index = DEFAULT_RULES.length; index < RULES_MAX; index++) await add(`rule-${index}`)
    expect(await add("one-more")).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining("100") },
    })
    expect(await api.call("POST", "/rules", { body: RULE })).toMatchObject({ status: 409 })
    expect(await add("rule-50")).toMatchObject({ status: 200 })
    await api.call("DELETE", "/rules/rule-50")
    expect(await add("one-more")).toMatchObject({ status: 201 })
  })

  test(`stops at ${RULE_IDS_MAX} ids, those of deleted rules among them, and takes one of these again`, async () => {
    const api = createTestApi()
    const add = (id: string) => api.call("PUT", `/rules/${id}`, { body: RULE })
    const [flagged] = DEFAULT_RULES
    if (!flagged) throw new Error("There are default rules.")
    const mark = tombstoneOf(flagged, new Date(START).toISOString())
    for (let index = 0; index < RULE_IDS_MAX; index++)
      await api.store.writeRule({ ...mark, id: `rule-${index}` })
    expect(await add("one-more")).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining("deleted") },
    })
    expect(await add("rule-7")).toMatchObject({ status: 201, body: { version: 3 } })
  })
})

describe("replacing a rule", () => {
  test("adds one that does not exist", async () => {
    const api = createTestApi()
    const answer = await api.call("PUT", "/rules/long-call", { body: RULE })
    expect(answer).toMatchObject({ status: 201, body: { ...RULE, id: "long-call", version: 1 } })
    expect(answer.headers.get("location")).toBe("/rules/long-call")
  })

  test("takes a rule as it was read", async () => {
    const api = createTestApi()
    await api.call("POST", "/rules", { body: { ...RULE, channels: ["slack"] } })
    const read = await api.call("GET", "/rules/long-call")
    const answer = await api.call("PUT", "/rules/long-call", { body: read.body })
    expect(ruleOf(answer)).toEqual({ ...ruleOf(read), version: 2 })
  })

  test("forgets what the new one leaves out", async () => {
    const api = createTestApi()
    await api.call("POST", "/rules", { body: { ...RULE, channels: ["slack"], mode: "shadow" } })
    const answer = await api.call("PUT", "/rules/long-call", { body: RULE })
    expect(answer.body).toMatchObject({ mode: "live" })
    expect(answer.body).not.toHaveProperty("channels")
  })

  test("under another id than the body's is refused", async () => {
    const api = createTestApi()
    const errors = [{ path: "/id", message: expect.stringContaining("low-score") }]
    const answer = await api.call("PUT", "/rules/low-score", { body: { ...RULE, id: "flagged" } })
    expect(answer).toMatchObject({ status: 400, body: { errors } })
    expect(await api.store.readRules()).toEqual([])
  })

  test.each(["Upper", "-x", "a_b", "%C3%A9", "x".repeat(64)])("under the id %s is refused", async (id) => {
    const api = createTestApi()
    const detail = expect.stringContaining("lower-case letters, digits and hyphens")
    expect(await api.call("PUT", `/rules/${id}`, { body: RULE })).toMatchObject({
      status: 400,
      body: { detail },
    })
    expect(await api.call("GET", `/rules/${id}`)).toMatchObject({ status: 404 })
    expect(await api.call("DELETE", `/rules/${id}`)).toMatchObject({ status: 404 })
  })
})

test("of a rule that is deleted little is kept, however long it was", async () => {
  const api = createTestApi()
  const long = { from: { in: Array.from({ length: 50 }, () => "5".repeat(200)) } }
  const body = { name: "Long", when: { any: [long, long, long] }, settle: `PT${"0".repeat(10_000)}30M` }
  expect(await api.call("POST", "/rules", { body })).toMatchObject({ status: 201 })
  expect(await api.call("DELETE", "/rules/long")).toMatchObject({ status: 204 })
  const mark = await api.store.readRule("long")
  expect(mark).toMatchObject({ id: "long", version: 2, isDeleted: true })
  expect(JSON.stringify(mark).length).toBeLessThan(500)
})

test("versions go up by one with every edit and never start again", async () => {
  const api = createTestApi()
  const versions: number[] = []
  const seen = async () => versions.push(...(await api.store.readRules()).map(({ version }) => version))
  for (let round = 0; round < 3; round++) {
    await api.call("POST", "/rules", { body: RULE })
    await seen()
    await api.call("PUT", "/rules/long-call", { body: RULE })
    await seen()
    await api.call("DELETE", "/rules/long-call")
    await seen()
  }
  expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
})

describe("If-Match", () => {
  test.each(['"1"', '"7", "1"', "*"])("%s lets the edit of version 1 through", async (ifMatch) => {
    const api = createTestApi()
    const answer = await api.call("PUT", "/rules/flagged", { body: { ...RULE }, ifMatch })
    expect(answer.status).toBe(200)
    expect(answer.headers.get("etag")).toBe('"2"')
    const removal = await createTestApi().call("DELETE", "/rules/flagged", { ifMatch })
    expect(removal.status).toBe(204)
  })

  test.each(['"2"', "1", 'W/"1"', "", "banana"])("%j refuses the edit of version 1", async (ifMatch) => {
    const api = createTestApi()
    const detail = expect.stringContaining('"1"')
    expect(await api.call("PUT", "/rules/flagged", { body: RULE, ifMatch })).toMatchObject({
      status: 412,
      body: { detail },
    })
    expect(await api.call("DELETE", "/rules/flagged", { ifMatch })).toMatchObject({ status: 412 })
    expect(await api.store.readRules()).toEqual([])
  })

  test.each(['"1"', "*"])("%s adds nothing", async (ifMatch) => {
    const api = createTestApi()
    const detail = "There is no such rule."
    expect(await api.call("PUT", "/rules/nobody", { body: RULE, ifMatch })).toMatchObject({
      status: 412,
      body: { detail },
    })
    await api.call("DELETE", "/rules/flagged")
    expect(await api.call("PUT", "/rules/flagged", { body: RULE, ifMatch })).toMatchObject({ status: 412 })
  })
})

describe("two edits at one moment", () => {
  /** Everybody reads before anybody writes. */
  function slowReader(store: Store, readers: number): Store {
    let waiting: (() => void)[] = []
    const readRule = async (id: string) => {
      const rule = await store.readRule(id)
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
        if (waiting.length < readers) return
        for (const go of waiting) go()
        waiting = []
      })
      return rule
    }
    return { ...store, readRule }
  }

  test.each([
    ["replace", "PUT", "/rules/flagged", { body: { ...RULE, id: "flagged" } }, 200],
    ["add", "POST", "/rules", { body: { ...RULE, id: "new" } }, 201],
    ["delete", "DELETE", "/rules/flagged", {}, 204],
  ] as const)("that %s: one is done, the other is told", async (_what, method, path, ask, done) => {
    const api = createTestApi({ store: slowReader(createMemoryStore(), 2) })
    const answers = await Promise.all([api.call(method, path, ask), api.call(method, path, ask)])
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([done, 409]))
    expect(answers.find(({ status }) => status === 409)).toMatchObject({
      body: { detail: expect.stringContaining("read it again") },
    })
    expect(await api.store.readRules()).toHaveLength(1)
  })

  test("that add rules of one id by name: each gets an id of its own", async () => {
    const store = createMemoryStore()
    /** Everybody reads the rules before the first writes one. */
    let reads = 0
    let go = () => {}
    const everybodyHasRead = new Promise<void>((resolve) => (go = resolve))
    const readRules = async () => {
      const rules = await store.readRules()
      if (++reads <= 5) {
        if (reads === 5) go()
        await everybodyHasRead
      }
      return rules
    }
    const api = createTestApi({ store: { ...store, readRules } })
    const names = ["Long call", "Long call!", "long call", "LONG CALL", "Long-Call"]
    const answers = await Promise.all(
      names.map((name) => api.call("POST", "/rules", { body: { ...RULE, name } })),
    )
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201])
    expect(answers.map((answer) => ruleOf(answer).name)).toEqual(names)
    const ids = ["long-call", "long-call-2", "long-call-3", "long-call-4", "long-call-5"]
    expect(answers.map((answer) => ruleOf(answer).id).sort()).toEqual(ids)
    expect(new Set((await store.readRules()).map(({ id, version }) => `${id}@${version}`))).toEqual(
      new Set(ids.map((id) => `${id}@1`)),
    )
  })

  test("by the very same request: one is done, the other is told", async () => {
    const api = createTestApi()
    const answers = await Promise.all([1, 2].map(() => api.call("POST", "/rules", { body: RULE })))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]))
    expect(await api.store.readRules()).toHaveLength(1)
  })

  test("with the etag that both have read: the later one is refused", async () => {
    const api = createTestApi()
    const ifMatch = (await api.call("GET", "/rules/flagged")).headers.get("etag") ?? ""
    expect(
      await api.call("PUT", "/rules/flagged", { body: { ...RULE, name: "First" }, ifMatch }),
    ).toMatchObject({ status: 200 })
    expect(
      await api.call("PUT", "/rules/flagged", { body: { ...RULE, name: "Second" }, ifMatch }),
    ).toMatchObject({ status: 412 })
    expect(await api.call("GET", "/rules/flagged")).toMatchObject({ body: { name: "First", version: 2 } })
  })
})

describe("the poller", () => {
  /** The order of writes, each with what others could read at that moment. */
  function recorder(): { store: Store; order: string[] } {
    const store = createMemoryStore()
    const order: string[] = []
    const announceRules = async (now: number) => {
      await store.announceRules(now)
      order.push(`announced ${now - START}`)
    }
    const writeRule = async (rule: Rule) => {
      order.push(`wrote ${rule.id}@${rule.version}`)
      return store.writeRule(rule)
    }
    return { store: { ...store, announceRules, writeRule }, order }
  }

  test("is told of every edit before it is made, so that the next poll reads the rules", async () => {
    const { store, order } = recorder()
    const api = createTestApi({ store })
    await api.call("POST", "/rules", { body: RULE })
    api.advance(1000)
    await api.call("PUT", "/rules/long-call", { body: RULE })
    api.advance(1000)
    await api.call("DELETE", "/rules/long-call")
    const edits = ["announced 0", "wrote long-call@1", "announced 1000", "wrote long-call@2"]
    expect(order).toEqual([...edits, "announced 2000", "wrote long-call@3"])
    expect(await store.readControl()).toMatchObject({ rulesChangedAt: START + 2000 })
  })

  test("is told of nothing that was refused", async () => {
    const { store, order } = recorder()
    const api = createTestApi({ store })
    await api.call("POST", "/rules", { body: { ...RULE, when: {} } })
    await api.call("PUT", "/rules/flagged", { body: RULE, ifMatch: '"9"' })
    await api.call("DELETE", "/rules/nobody")
    expect(order).toEqual([])
  })

  test("finds in the store what the API has answered", async () => {
    const api = createTestApi()
    await api.call("POST", "/rules", { body: RULE })
    await api.call("DELETE", "/rules/transferred")
    const inForce = rulesInForce(await api.store.readRules()).map((rule) => RuleView.parse(rule))
    const listed = await listOf(api)
    expect(inForce).toEqual(listed.map((rule) => ({ ...rule, sentence: "" })))
    for (const rule of listed) expect(rule).toMatchObject({ sentence: expect.stringMatching(/^Alert when /) })
  })
})
