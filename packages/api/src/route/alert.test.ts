/** Alerts are listed to their end, by all that people ask; and what people say of one neither loses nor is lost. */
import { callReference } from "@earshot/core/fingerprint"
import { HOUR, MINUTE, isoOf } from "@earshot/core/instant"
import { verdictsOf } from "@earshot/core/receipt/precision"
import { callKey } from "@earshot/core/watch/call-key"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import { startDynalite, createStoreOn } from "@earshot/io/store/dynamo-stand-in"
import type { Store } from "@earshot/io/store/store"
import { IndexUnfinished } from "@earshot/io/store/table"
import { realWorld } from "@earshot/io/world"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import * as z from "zod"
import { alertedRecord, sentAt, storeAlert } from "../test-alert.ts"
import { START, type TestApi, createTestApi } from "../test-api.ts"

const Listed = z.object({ alerts: z.array(z.object({ id: z.string() })), next: z.string().nullable() })

/** One answer after the other; `between` is done after each. */
async function listAll(api: TestApi, query: string, between = async () => {}): Promise<string[]> {
  const ids: string[] = []
  let cursor = ""
  for (let page = 0; page < 50; page++) {
    const { alerts, next } = Listed.parse((await api.call("GET", `/alerts?${query}${cursor}`)).body)
    ids.push(...alerts.map(({ id }) => id))
    if (next === null) return ids
    cursor = `&cursor=${next}`
    await between()
  }
  throw new Error("It never ends.")
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `call-${index}`)

describe("the list", () => {
  test("gives of each alert a reference that every route knows, though no message gave it", async () => {
    const api = createTestApi()
    for (const [index, id] of numbered(3).entries()) await storeAlert(api, id, { at: START + index })
    const reference = callReference("call-1")
    expect((await api.call("GET", "/alerts")).body).toMatchObject({ alerts: [{}, { reference }, {}] })
    for (const path of [`/alerts/${reference}`, `/calls/${reference}/explain`])
      expect(await api.call("GET", path)).toMatchObject({ status: 200, body: { id: "call-1" } })
    const body = { by: "Ann", verdict: "fine" }
    expect((await api.call("POST", `/alerts/${reference.toLowerCase()}/acknowledge`, { body })).status).toBe(
      200,
    )
    expect((await api.call("GET", `/calls/${reference}`)).body).toMatchObject({ calls: [{ id: "call-1" }] })
    expect((await api.call("GET", `/alerts/${callReference("call-7")}`)).status).toBe(404)
  })

  test("is newest first, each once, whatever is raised, sent and acknowledged meanwhile", async () => {
    const api = createTestApi()
    for (const [index, id] of numbered(23).entries())
      await storeAlert(api, id, { at: START + index * MINUTE })
    let later = 0
    const seen = await listAll(api, "limit=5", async () => {
      await storeAlert(api, `later-${later++}`, { at: START + HOUR + later })
      await api.call("POST", `/alerts/call-${later}/acknowledge`, { body: { by: "Ann" } })
    })
    expect(seen).toEqual(numbered(23).toReversed())
  })

  test("is of what was asked for: rule, severity, agent, channel, state, delivery and time", async () => {
    const api = createTestApi()
    const low = { id: "low", name: "Low", severity: "critical" } as const
    await storeAlert(api, "call-0", { at: START })
    await storeAlert(api, "call-1", { at: START + 1, rule: low, agent: { id: "agent-2", name: "Night" } })
    await storeAlert(api, "call-2", { at: START + 2, deliveries: [sentAt(START, { channel: "email" })] })
    await storeAlert(api, "call-3", { at: START + 3, agent: null })
    await api.call("POST", "/alerts/call-3/acknowledge", { body: { by: "Ann" } })
    const asked = async (query: string) => (await listAll(api, query)).sort()
    expect(await asked("rule=low")).toEqual(["call-1"])
    expect(await asked("severity=warning")).toEqual(["call-0", "call-2", "call-3"])
    expect(await asked("agent=Night")).toEqual(["call-1"])
    expect(await asked("agent=agent-1")).toEqual(["call-0", "call-2"])
    expect(await asked("channel=email")).toEqual(["call-2"])
    expect(await asked("delivery=sent")).toEqual(["call-2"])
    expect(await asked("channel=slack&delivery=sent")).toEqual([])
    expect(await asked("delivery=owed")).toEqual(["call-0", "call-1", "call-3"])
    expect(await asked("state=acknowledged")).toEqual(["call-3"])
    expect(await asked("state=open")).toEqual(["call-0", "call-1", "call-2"])
    const span = `from=${isoOf(START + 1)}&to=${isoOf(START + 2)}`
    expect(await asked(span)).toEqual(["call-1", "call-2"])
    expect(await asked(`from=${isoOf(START + HOUR)}&to=${isoOf(START)}`)).toEqual([])
  })

  test("reads so many records for an answer, however rare what is asked for is", async () => {
    const api = createTestApi()
    for (const [index, id] of numbered(1200).entries()) await storeAlert(api, id, { at: START + index })
    await storeAlert(api, "rare", { at: START - 1, rule: { id: "rare" } })
    let read = 0
    const { readCalls } = api.store
    api.store.readCalls = async (ids) => {
      read += ids.length
      return readCalls(ids)
    }
    const { alerts, next } = Listed.parse((await api.call("GET", "/alerts?rule=rare")).body)
    expect({ alerts, read }).toEqual({ alerts: [], read: 500 })
    expect(next).not.toBeNull()
    expect(await listAll(api, "rule=rare")).toEqual(["rare"])
  })

  test("is of a digest, to its end", async () => {
    const api = createTestApi()
    for (const id of numbered(12)) await storeAlert(api, id)
    await api.store.keepDigest({ id: "K3V9M2XQ", channel: "slack", at: START, callIds: numbered(12) })
    expect(await listAll(api, "digest=k3v9m2xq&limit=5")).toEqual(numbered(12))
    expect(await api.call("GET", "/alerts?digest=NOBODY")).toMatchObject({ status: 404 })
  })

  test("says when to try again while AWS builds the index, which is no fault of anybody's", async () => {
    const alertedCalls = async () => {
      throw new IndexUnfinished("earshot", new Error("Cannot read from backfilling index"))
    }
    const api = createTestApi({ store: { ...createMemoryStore(), alertedCalls } })
    const answer = await api.call("GET", "/alerts")
    expect(answer).toMatchObject({
      status: 503,
      body: { title: "Service Unavailable", detail: expect.stringContaining("Try again in five minutes") },
    })
    expect(answer.headers.get("retry-after")).toBe("300")
    expect((await api.call("GET", "/rules")).status).toBe(200)
  })

  test("refuses what it does not know", async () => {
    const api = createTestApi()
    for (const query of ["state=lost", "cursor=x", "limit=0", "form=2026", "from=yesterday"])
      expect(await api.call("GET", `/alerts?${query}`), query).toMatchObject({ status: 400 })
  })
})

describe("an alert", () => {
  test("is found by its call's id, and by the reference that a message gave", async () => {
    const api = createTestApi()
    await storeAlert(api, "call-1")
    const reference = callReference("call-1")
    expect(await api.call("GET", "/alerts/call-1")).toMatchObject({
      status: 200,
      body: { id: "call-1", reference, state: "open", reasons: [{ name: "Flagged", withdrawnAt: null }] },
    })
    await api.store.noteReference("call-1")
    expect(await api.call("GET", `/alerts/${reference.toLowerCase()}`)).toMatchObject({
      body: { id: "call-1" },
    })
    const said = await api.call("POST", `/alerts/${reference}/acknowledge`, { body: { by: "Ann" } })
    expect(said).toMatchObject({ status: 200, body: { state: "acknowledged" } })
    expect(await api.call("GET", "/alerts/nobody")).toMatchObject({ status: 404 })
  })

  test("is open again once it has a reason that nobody has seen", async () => {
    const api = createTestApi()
    const record = await storeAlert(api, "call-1")
    await api.call("POST", "/alerts/call-1/acknowledge", { body: { by: "Ann", verdict: "bad" } })
    const stored = await api.store.readCall("call-1")
    const [reason] = record.alert?.reasons ?? []
    if (!stored?.value.alert || !reason) throw new Error("There is no alert.")
    const reasons = [reason, { ...reason, ruleId: "worse", at: START + MINUTE }]
    await api.store.writeCall({ ...stored.value, alert: { ...stored.value.alert, reasons } }, stored.version)
    expect(await api.call("GET", "/alerts/call-1")).toMatchObject({
      body: { state: "open", acknowledgement: { by: "Ann", verdict: "bad" } },
    })
  })
})

describe("what people say", () => {
  const say = (api: TestApi, body: unknown) => api.call("POST", "/alerts/call-1/acknowledge", { body })

  test("may be changed and taken back, and is counted once, however often it is said", async () => {
    const api = createTestApi()
    await storeAlert(api, "call-1")
    await api.store.addCoverage(START - HOUR, { add: { alerts: [] }, remove: {} })
    const counted = async () => {
      const { hours } = await api.store.readCoverage({ from: START - HOUR, to: START + HOUR })
      return [...hours.values()].map(({ bad, fine }) => [bad.size, fine.size]).filter(([a, b]) => a || b)
    }
    for (let time = 0; time < 3; time++) await say(api, { by: "Ann", verdict: "bad", note: "Poor man." })
    expect(await counted()).toEqual([[1, 0]])
    expect(await say(api, { by: "Ben", verdict: "fine" })).toMatchObject({
      body: { acknowledgement: { by: "Ben", verdict: "fine", note: null } },
    })
    expect(await counted()).toEqual([[0, 1]])
    const back = await api.call("DELETE", "/alerts/call-1/acknowledge")
    expect(back).toMatchObject({ status: 200, body: { state: "open", acknowledgement: null } })
    expect(await counted()).toEqual([])
  })

  test("of two at the same moment, what the record says in the end is what is counted", async () => {
    const api = createTestApi()
    await storeAlert(api, "call-1")
    const { addCoverage } = api.store
    let isFirst = true
    api.store.addCoverage = async (hour, change) => {
      if (isFirst) {
        isFirst = false
        await say(api, { by: "Ben", verdict: "fine" })
      }
      await addCoverage(hour, change)
    }
    await say(api, { by: "Ann", verdict: "bad" })
    const record = (await api.store.readCall("call-1"))?.value
    const { hours } = await api.store.readCoverage({ from: START - HOUR, to: START + HOUR })
    const [hour] = hours.values()
    expect(record?.acknowledgement?.verdict).toBe("fine")
    expect([hour?.bad.size, hour?.fine.size]).toEqual([0, 1])
  })

  test.each([
    {},
    { by: "" },
    { by: " " },
    { by: "x".repeat(81) },
    { by: "Ann\nBen" },
    { by: "Ann\u202e" },
    { by: "Ann", verdict: "good" },
    { by: "Ann", note: "x".repeat(501) },
    { by: "Ann", more: 1 },
    "no JSON",
  ])("is refused if it is %j", async (body) => {
    const api = createTestApi()
    await storeAlert(api, "call-1")
    expect(await say(api, body)).toMatchObject({ status: 400 })
    expect((await api.store.readCall("call-1"))?.value.acknowledgement).toBeUndefined()
  })

  test("wakes the poller only if a message can be changed", async () => {
    const api = createTestApi()
    await storeAlert(api, "call-1", { deliveries: [sentAt(START)] })
    await say(api, { by: "Ann" })
    expect(await api.store.dueCalls(10)).toEqual([])
    expect(await api.store.readControl()).toBeNull()
    await storeAlert(api, "call-2", {
      deliveries: [{ ...sentAt(START), state: "sent", sentAt: START, receipt: "1.1" }],
    })
    await api.call("POST", "/alerts/call-2/acknowledge", { body: { by: "Ann" } })
    expect(await api.store.dueCalls(10)).toMatchObject([{ callId: "call-2", pending: 0 }])
    expect(await api.store.readControl()).toMatchObject({ dueAskedAt: START })
  })
})

test("precision is by rule, of the alerts that somebody judged", () => {
  const alerts = new Set(["a low", "b low", "c low", "a angry", "d low"])
  const counts = verdictsOf({ alerts, bad: new Set(["a", "b"]), fine: new Set(["c", "z"]) })
  expect(counts).toEqual({ low: { bad: 2, fine: 1 }, angry: { bad: 1, fine: 0 } })
})

describe("on both stores, neither the poller nor people lose what the other wrote", () => {
  let standIn: Awaited<ReturnType<typeof startDynalite>>
  beforeAll(async () => {
    standIn = await startDynalite()
  })
  afterAll(() => standIn.stop())
  const stores: Record<string, () => Promise<Store>> = {
    memory: async () => createMemoryStore(),
    dynalite: async () =>
      createStoreOn(
        realWorld(() => {}),
        standIn,
      ),
  }

  test.each(Object.keys(stores))("in %s", async (name) => {
    const store = await stores[name]?.()
    if (!store) throw new Error("There is no such store.")
    const api = createTestApi({ store })
    await storeAlert(api, "call-1")
    // The poller writes after each of the API's first readings, before the API does.
    const { readCall } = store
    let polls = 3
    store.readCall = async (callId) => {
      const stored = await readCall(callId)
      if (!stored || polls === 0) return stored
      polls--
      await store.writeCall({ ...stored.value, deliveries: [sentAt(START + 1)] }, stored.version)
      return stored
    }
    const found = await readCall("call-1")
    const said = await api.call("POST", "/alerts/call-1/acknowledge", { body: { by: "Ann", verdict: "bad" } })
    expect(said).toMatchObject({ status: 200, body: { deliveries: [{ state: "sent" }] } })
    // And people between the poller's reading and its writing: its write is refused, and it reads again.
    expect(await store.writeCall(alertedRecord("call-1"), found?.version ?? 0)).toBe(false)
    expect((await readCall("call-1"))?.value).toMatchObject({
      acknowledgement: { by: "Ann", verdict: "bad" },
      deliveries: [{ state: "sent" }],
    })
  })
})

test("a rule's precision is of the alerts that people judged, each once; nobody's word is no precision", async () => {
  const api = createTestApi()
  const alerts = ["a", "b", "c", "d"].map((id) => `${callKey(id)} flagged`)
  await api.store.addCoverage(START - HOUR, { add: { alerts }, remove: {} })
  expect(await api.call("GET", "/rules/flagged/precision")).toMatchObject({
    body: { alerts: 4, bad: 0, fine: 0, precision: null },
  })
  for (const [id, verdict] of [
    ["a", "bad"],
    ["b", "bad"],
    ["b", "bad"],
    ["c", "fine"],
    ["d", null],
  ] as const) {
    if (!(await api.store.readCall(id))) await storeAlert(api, id, { at: START - 30 * MINUTE })
    await api.call("POST", `/alerts/${id}/acknowledge`, { body: { by: "Ann", verdict } })
  }
  expect(await api.call("GET", "/rules/flagged/precision")).toMatchObject({
    status: 200,
    body: { rule: "flagged", alerts: 4, bad: 2, fine: 1, precision: 2 / 3 },
  })
  const { body } = await api.call("GET", "/coverage")
  expect(body).toMatchObject({ verdictsByRule: { flagged: { bad: 2, fine: 1 } } })
  expect(await api.call("GET", "/rules/flagged/precision?from=2020-01-01T00:00:00Z")).toMatchObject({
    status: 400,
  })
  expect(await api.call("GET", "/rules/No%20rule/precision")).toMatchObject({ status: 404 })
})
