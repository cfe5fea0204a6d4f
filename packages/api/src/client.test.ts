/** The typed client does what the description says, by the operations' own names, and hands problems on as values. */
import { describe, expect, expectTypeOf, test } from "vitest"
import * as z from "zod"
import { type ClientAnswer, createClient } from "./client.ts"
import { CLIENT_OPERATIONS } from "./client-operation.ts"
import { openApiDocument } from "./openapi.ts"
import { sentAt, storeAlert } from "./test-alert.ts"
import { START, TOKEN, type TestApi, createTestApi } from "./test-api.ts"

function createTestClient({ app }: TestApi = createTestApi()) {
  return createClient({
    url: "https://earshot.example/",
    token: TOKEN,
    fetch: async (input, init) => app.request(new Request(input, init)),
  })
}

/** The answer's value; a problem fails the test. */
async function valueOf<T>(asked: Promise<ClientAnswer<T>>): Promise<T> {
  const answer = await asked
  if (!answer.ok) throw new Error(answer.problem.detail)
  return answer.value
}

test("its operations are the description's, every one", () => {
  const { paths } = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string() }))) })
    .parse(openApiDocument())
  for (const [name, { method, path }] of Object.entries(CLIENT_OPERATIONS))
    expect(paths[path]?.[method.toLowerCase()]?.operationId, name).toBe(name)
  const described = Object.values(paths).flatMap((item) =>
    Object.values(item).map(({ operationId }) => operationId),
  )
  expect(Object.keys(CLIENT_OPERATIONS).sort()).toEqual(described.sort())
  expect(Object.keys(createTestClient()).sort()).toEqual(Object.keys(CLIENT_OPERATIONS).sort())
})

test("what it is given and what it answers is checked by the compiler", () => {
  const client = createTestClient()
  // Nothing of this is ever called.
  const wrong = () => [
    // @ts-expect-error A rule has no such field.
    client.createRule({ name: "A", when: {}, colour: "red" }),
    // @ts-expect-error A rule must have a condition.
    client.createRule({ name: "A" }),
    // @ts-expect-error There is no such severity.
    client.listAlerts({ severity: "high" }),
    // @ts-expect-error A filter of this name is not known.
    client.listAlerts({ agents: "Front desk" }),
    // @ts-expect-error Nobody says who says so.
    client.acknowledgeAlert("call-1", { verdict: "bad" }),
    // @ts-expect-error There is no such verdict.
    client.acknowledgeAlert("call-1", { by: "Ann", verdict: "good" }),
    // @ts-expect-error Neither a rule nor the id of one.
    client.previewRule({ days: 7 }),
    // @ts-expect-error A webhook has no e-mail address.
    client.createChannel({ kind: "webhook", name: "B", target: { email: "a@example.com" } }),
    // @ts-expect-error Only what was given up can be listed by its state.
    client.listDeliveries({ state: "sent" }),
    // @ts-expect-error Coverage is asked for by times.
    client.readCoverage({ days: 3 }),
  ]
  expect(wrong).toBeTypeOf("function")
  type Value<Name extends keyof typeof client> = Extract<
    Awaited<ReturnType<(typeof client)[Name]>>,
    { ok: true }
  >["value"]
  expectTypeOf<Value<"listAlerts">["alerts"][number]["state"]>().toEqualTypeOf<
    "open" | "acknowledged" | "withdrawn"
  >()
  expectTypeOf<Value<"previewRule">["samples"][number]["because"]>().toEqualTypeOf<string[]>()
  expectTypeOf<Value<"explainCall">["alerted"]>().toEqualTypeOf<boolean>()
  expectTypeOf<Value<"readStatus">["polls"]["recent"][number]["listed"]>().toEqualTypeOf<number>()
  expectTypeOf<Value<"readPrecision">["precision"]>().toEqualTypeOf<number | null>()
  // @ts-expect-error An alert has no such field.
  expectTypeOf<Value<"readAlert">["verdict"]>().toBeString()
})

describe("with it", () => {
  test("a rule is added, edited, deleted and restored", async () => {
    const client = createTestClient()
    const added = await client.createRule({ name: "Long call", when: { duration: { gte: 60 } } })
    if (!added.ok) throw new Error(added.problem.detail)
    expectTypeOf(added.value.severity).toEqualTypeOf<"info" | "warning" | "critical">()
    expect([added.value.id, added.etag]).toEqual(["long-call", '"1"'])
    const { id } = added.value
    const edited = await client.editRule(id, { mode: "shadow", note: "Try it first", version: 1 })
    expect(edited).toMatchObject({ ok: true, value: { mode: "shadow" }, etag: '"2"' })
    expect(await client.editRule(id, { mode: "live" })).toMatchObject({ ok: false, problem: { status: 428 } })
    expect(await client.snoozeRule(id, { for: "PT8H" }, { ifMatch: "*" })).toMatchObject({ ok: true })
    expect(await client.wakeRule(id, { ifMatch: '"3"' })).toMatchObject({ ok: true })
    expect(await client.deleteRule(id, { ifMatch: '"4"' })).toEqual({ ok: true, value: null, etag: null })
    expect(await client.restoreRule(id, { version: 1 })).toMatchObject({ ok: true, value: { mode: "live" } })
    const history = await client.listRuleVersions(id, { limit: "2" })
    expect(history).toMatchObject({
      ok: true,
      value: { versions: [{ version: 6 }, { version: 5 }], next: "v5" },
    })
    expect(await client.readRule(id)).toMatchObject({ ok: true, etag: '"6"' })
    expect(await client.replaceRule("new", { name: "New", when: { flagged: true } })).toMatchObject({
      ok: true,
    })
    expect(await client.listRules()).toMatchObject({ ok: true })
  })

  test("all rules are exported and imported, and tokens made and revoked", async () => {
    const client = createTestClient()
    expect(await client.exportRules()).toMatchObject({ ok: true, value: { rules: [{}, {}, {}, {}] } })
    const rules = [{ id: "one", name: "One", when: { flagged: true } }]
    const shown = await client.importRules({ rules })
    if (!shown.ok) throw new Error(shown.problem.detail)
    expect(shown.value).toMatchObject({ applied: false, added: ["one"] })
    const done = await client.importRules({ rules, note: "n" }, { apply: shown.value.etag })
    expect(done).toMatchObject({ ok: true, value: { applied: true } })
    expect(await client.createToken({ name: "ci", access: "read" })).toMatchObject({ ok: true })
    expect(await client.listTokens()).toMatchObject({ ok: true, value: { tokens: [{}, { name: "ci" }] } })
    expect(await client.revokeToken("ci")).toMatchObject({ ok: true })
  })

  test("a rule is tried, its alerts are read, explained and acknowledged, and its precision follows", async () => {
    const api = createTestApi()
    const client = createTestClient(api)
    await storeAlert(api, "call-1", { deliveries: [sentAt(START)] })
    await storeAlert(api, "call-2")
    const when = { flagged: true }
    const preview = await valueOf(client.previewRule({ rule: { name: "Flagged", when }, days: 2 }))
    expect(preview).toMatchObject({ source: "stored", calls: 2, matches: 2, warnings: [] })
    expect(await valueOf(client.previewRule({ id: "flagged" }))).toMatchObject({ calls: 2 })
    const page = await valueOf(client.listAlerts({ limit: 1 }))
    expect(page.alerts).toHaveLength(1)
    const rest = await valueOf(client.listAlerts({ limit: 1, cursor: page.next ?? "" }))
    expect([...page.alerts, ...rest.alerts].map(({ id }) => id).sort()).toEqual(["call-1", "call-2"])
    expect(await valueOf(client.listAlerts({ rule: "none", severity: "critical" }))).toMatchObject({
      alerts: [],
    })
    const alert = await valueOf(client.readAlert("call-1"))
    expect(alert.deliveries).toMatchObject([{ channel: "slack", state: "sent" }])
    expect(await valueOf(client.explainCall("call-1"))).toMatchObject({ alerted: true })
    await api.store.noteReference("call-1")
    expect(await valueOf(client.findCall(alert.reference))).toMatchObject({ calls: [{ id: "call-1" }] })
    const said = await valueOf(client.acknowledgeAlert("call-1", { by: "Ann", verdict: "bad" }))
    expect(said).toMatchObject({ state: "acknowledged", acknowledgement: { by: "Ann", verdict: "bad" } })
    expect(await valueOf(client.readPrecision("rule"))).toMatchObject({
      rule: "rule",
      alerts: 1,
      precision: 1,
    })
    expect(await valueOf(client.unacknowledgeAlert("call-1"))).toMatchObject({ state: "open" })
    expect(await client.readAlert("call-3")).toMatchObject({ ok: false, problem: { status: 404 } })
  })

  test("it is read how Earshot stands, whether it is well or not", async () => {
    const client = createTestClient()
    expect(await client.readHealth()).toMatchObject({ ok: true, value: { status: "failing" } })
    expect(await valueOf(client.readStatus())).toMatchObject({ status: "failing", polls: { recent: [] } })
    const span = { from: "2026-01-05T06:00:00Z", to: "2026-01-05T08:00:00Z" }
    expect((await valueOf(client.readCoverage(span))).hours).toHaveLength(2)
    expect((await valueOf(client.listFields())).fields.length).toBeGreaterThan(30)
    expect(await client.readCoverage({ from: "yesterday" })).toMatchObject({
      ok: false,
      problem: { status: 400, errors: [{ path: "/from" }] },
    })
  })

  test("a channel is added, edited, snoozed, tested and deleted, and what could not be sent is seen and sent again", async () => {
    const api = createTestApi()
    const client = createTestClient(api)
    const target = { url: "https://hooks.example.com/a" }
    const added = await client.createChannel({ kind: "webhook", name: "Billing", target })
    expect(added).toMatchObject({ ok: true, value: { id: "billing" }, etag: '"1"' })
    const edited = await client.changeChannel("billing", { severityFrom: "critical" }, { ifMatch: '"1"' })
    expect(edited).toMatchObject({ ok: true, value: { severityFrom: "critical" }, etag: '"2"' })
    const replaced = { kind: "webhook" as const, name: "Bills", target }
    expect(await client.replaceChannel("billing", replaced)).toMatchObject({
      ok: false,
      problem: { status: 428 },
    })
    expect(await client.replaceChannel("billing", replaced, { ifMatch: '"2"' })).toMatchObject({ ok: true })
    expect(await client.snoozeChannel("billing", { for: "PT2H" }, { ifMatch: "*" })).toMatchObject({
      ok: true,
    })
    expect(await client.wakeChannel("billing", { ifMatch: "*" })).toMatchObject({ ok: true })
    const { channels } = await valueOf(client.listChannels())
    expect(channels).toMatchObject([{ id: "billing", name: "Bills" }, { id: "email" }, { id: "slack" }])
    expect(await valueOf(client.readChannel("billing"))).toMatchObject({ readable: true, kind: "webhook" })
    const tried = await valueOf(client.testChannel("billing"))
    expect(await valueOf(client.readChannelTest("billing", tried.id))).toMatchObject({ state: "waiting" })
    expect(await client.deleteChannel("billing", { ifMatch: "*" })).toEqual({
      ok: true,
      value: null,
      etag: null,
    })
    await api.store.noteDead({
      channel: "slack",
      callId: "call-1",
      seq: 0,
      deadAt: START,
      why: "It refused.",
    })
    const { deliveries } = await valueOf(client.listDeliveries({ state: "dead", limit: 5 }))
    expect(deliveries).toMatchObject([{ callId: "call-1", channel: "slack" }])
    expect(await valueOf(client.seeDeliveries())).toEqual({ seen: true })
    expect(await valueOf(client.resendDeliveries({ channel: "slack" }))).toMatchObject({ resent: 0 })
  })
})
