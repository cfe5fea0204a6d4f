/** What could not be sent is listed, seen and sent again; and a digest leads to its calls. */
import { recordJudgement } from "@earshot/core/alert/call-record"
import { HOUR } from "@earshot/core/instant"
import { judge } from "@earshot/core/rule/judgement"
import { START, factsOf, ruleOf } from "@earshot/core/test-example"
import { NO_INCIDENTS, withOutcomes } from "@earshot/core/turn/incident"
import { expect, test } from "vitest"
import * as z from "zod"
import { type TestApi, createTestApi } from "../test-api.ts"

/** Calls with an alert that was given up for Slack. */
async function withDead(api: TestApi, count: number): Promise<void> {
  const rule = ruleOf({ flagged: true }, { name: "Flagged", severity: "warning" })
  for (let call = 0; call < count; call++) {
    const callId = `call-${String(call).padStart(3, "0")}`
    const facts = factsOf({ id: callId, flagged: true })
    const record = recordJudgement(null, facts, judge([rule], facts, START), ["slack"], START)
    const gone = { channel: "slack", attempts: 90, owedAt: START, mayRepeat: true } as const
    const dead = { ...gone, state: "dead" as const, deadAt: START + 24 * HOUR, why: "gave up: no" }
    await api.store.writeCall({ ...record, deliveries: [dead] }, 0)
    await api.store.noteDead({ channel: "slack", callId, seq: 0, deadAt: dead.deadAt, why: dead.why })
  }
  const refused = { channel: "slack", kind: "refused", dead: count, why: "no" } as const
  await api.store.writeIncidents({ ...withOutcomes(NO_INCIDENTS, [refused], START), version: 1 })
}

const Listed = z.object({
  deliveries: z.array(z.object({ callId: z.string(), state: z.string().nullable() })),
  next: z.string().nullable(),
})

async function listAll(api: TestApi, query: string): Promise<string[]> {
  const ids: string[] = []
  let cursor = ""
  for (let page = 0; page < 20; page++) {
    const { deliveries, next } = Listed.parse((await api.call("GET", `/deliveries?${query}${cursor}`)).body)
    ids.push(...deliveries.map(({ callId }) => callId))
    if (next === null) return ids
    cursor = `&cursor=${next}`
  }
  throw new Error("It never ends.")
}

const healthOf = async (api: TestApi) => {
  const { body } = await api.call("GET", "/health")
  return z.object({ faults: z.array(z.object({ kind: z.string() })), dead: z.number() }).parse(body)
}

test("what was given up is listed to its end, a page at a time", async () => {
  const api = createTestApi()
  await withDead(api, 25)
  expect(await listAll(api, "state=dead&limit=10")).toHaveLength(25)
  expect(new Set(await listAll(api, "state=dead&limit=7&channel=slack")).size).toBe(25)
  expect(await listAll(api, "state=dead&channel=email")).toEqual([])
  expect(await api.call("GET", "/deliveries?state=dead&limit=1")).toMatchObject({
    body: {
      deliveries: [
        { callId: "call-000", state: "dead", why: "gave up: no", severity: "warning", reasons: ["Flagged"] },
      ],
    },
  })
})

test("health fails until somebody says that it was seen; then it is still listed", async () => {
  const api = createTestApi()
  await withDead(api, 3)
  expect(await healthOf(api)).toMatchObject({ dead: 3 })
  expect((await healthOf(api)).faults.map(({ kind }) => kind)).toContain("dead")
  api.advance(10 * 24 * HOUR)
  expect((await healthOf(api)).faults.map(({ kind }) => kind)).toContain("dead")
  expect(await api.call("POST", "/deliveries/seen")).toMatchObject({ status: 200, body: { seen: true } })
  expect(await healthOf(api)).toMatchObject({ dead: 0 })
  expect(await listAll(api, "state=dead")).toHaveLength(3)
})

test("it is sent again for a channel or for some calls, and the poller is told so", async () => {
  const api = createTestApi()
  await withDead(api, 5)
  const resend = (body: unknown) => api.call("POST", "/deliveries/resend", { body })
  expect(await resend({ callIds: ["call-001", "call-009"] })).toMatchObject({
    body: { resent: 1, more: false },
  })
  expect(await listAll(api, "state=dead")).toHaveLength(4)
  expect((await api.store.readControl())?.dueAskedAt).toBe(api.world.now())
  expect(await api.store.dueCalls(10)).toMatchObject([{ callId: "call-001" }])
  expect(await healthOf(api)).toMatchObject({ dead: 5 })
  expect(await resend({ channel: "slack" })).toMatchObject({ body: { resent: 4, more: false } })
  expect(await api.store.dueCalls(10)).toHaveLength(5)
  expect((await api.store.readCall("call-002"))?.value.deliveries).toMatchObject([
    { state: "due", mayRepeat: true, isRevived: true },
  ])
  expect(await healthOf(api)).toMatchObject({ dead: 0 })
  // And once more does nothing.
  expect(await resend({ channel: "slack" })).toMatchObject({ body: { resent: 0 } })
})

test("more than a request has time for is left to the next", async () => {
  const api = createTestApi()
  await withDead(api, 230)
  const resend = () => api.call("POST", "/deliveries/resend", { body: { channel: "slack" } })
  expect(await resend()).toMatchObject({ body: { resent: 200, more: true } })
  expect(await resend()).toMatchObject({ body: { resent: 30, more: false } })
})

test("a digest leads to each of its calls, however its id is typed", async () => {
  const api = createTestApi()
  await withDead(api, 12)
  const callIds = Array.from({ length: 12 }, (_, call) => `call-${String(call).padStart(3, "0")}`)
  await api.store.keepDigest({ id: "K3V9M2XQ", channel: "slack", at: START, callIds })
  expect(await listAll(api, "digest=K3V9M2XQ&limit=5")).toEqual(callIds)
  expect(await listAll(api, "digest=k3v9m2xq")).toEqual(callIds)
  expect(await api.call("GET", "/deliveries?digest=AAAAAAAA")).toMatchObject({ status: 404 })
})

test.each([
  "",
  "?state=sent",
  "?state=dead&digest=A",
  "?state=dead&limit=1000",
  "?state=dead&cursor=x",
  "?state=dead&colour=red",
])("a query that asks for nothing that there is, such as %s, is refused", async (query) => {
  expect(await createTestApi().call("GET", `/deliveries${query}`)).toMatchObject({ status: 400 })
})

test.each([{}, { channel: "Not a channel" }, { callIds: [] }, { callIds: ["a"], more: 1 }, "no JSON"])(
  "a body that names nothing to send again, such as %j, is refused",
  async (body) => {
    expect(await createTestApi().call("POST", "/deliveries/resend", { body })).toMatchObject({ status: 400 })
  },
)
