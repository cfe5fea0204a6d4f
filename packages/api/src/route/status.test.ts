/** GET /status says how Earshot stands, from a bounded number of reads. */
import { HOUR, MINUTE, SECOND, isoOf } from "@earshot/core/instant"
import { hourOf } from "@earshot/core/receipt/hour"
import { NO_NUDGES } from "@earshot/core/turn/nudge"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import type { Store } from "@earshot/io/store/store"
import { expect, test } from "vitest"
import { sentAt, storeAlert } from "../test-alert.ts"
import { START, createTestApi } from "../test-api.ts"
import { StatusView } from "./status.ts"

async function statusOf(api: ReturnType<typeof createTestApi>) {
  const { status, body } = await api.call("GET", "/status")
  expect(status).toBe(200)
  return StatusView.parse(body)
}

test("before the first poll it says so", async () => {
  const status = await statusOf(createTestApi())
  expect(status).toMatchObject({
    status: "failing",
    coverage: { until: null, lagSeconds: null },
    budgets: { list: { hour: { used: 0, limit: 200 }, left: 30 }, detail: { left: 70 } },
    polls: { turns: 0, startedAt: null, busyUntil: null },
  })
})

test("it says until when calls are covered, what is left of the budgets, and what is owed", async () => {
  const api = createTestApi({ intervalMs: 19_000 })
  await api.store.acquire({
    now: START - 5 * SECOND,
    gateMs: 19_000,
    since: 0,
    completedAt: START - 30 * SECOND,
  })
  const ring = { minute: Math.floor(START / MINUTE), fence: 1, list: [4], detail: [60, 20] }
  const leaseUntil = START + MINUTE
  await api.store.changeControl(1, {
    ring,
    pending: 3,
    dueAt: START + MINUTE,
    leaseUntil,
    channels: ["slack"],
  })
  await storeAlert(api, "call-1")
  await storeAlert(api, "call-2", { deliveries: [sentAt(START)] })
  expect(await statusOf(api)).toMatchObject({
    status: "ok",
    coverage: { until: isoOf(START - 30 * SECOND), lagSeconds: 30, behindFrom: null },
    budgets: {
      list: { hour: { used: 4, limit: 200 }, minute: { used: 4, limit: 30 }, left: 26, blockedUntil: null },
      detail: { hour: { used: 80, limit: 500 }, minute: { used: 80, limit: 70 }, left: 0 },
    },
    outbox: { owed: 3, nextAt: isoOf(START + MINUTE), dead: 0 },
    channels: [{ id: "slack", state: "ok", owed: 1, held: 0 }],
    polls: { turns: 1, startedAt: isoOf(START - 5 * SECOND), busyUntil: isoOf(leaseUntil) },
  })
})

test("it tells of the last polls: when they began, whether they completed or why not, and what they found", async () => {
  const api = createTestApi()
  const poll = { at: START - 40 * SECOND, outcome: "complete", listed: 80, alerts: 2 } as const
  const broken = { at: START - 20 * SECOND, outcome: "broken", listed: 0, alerts: 0 } as const
  const ahead = { ...poll, at: START + HOUR }
  await api.store.acquire({ now: START, gateMs: 0, since: 0, polls: [ahead, broken, poll] })
  const { polls } = await statusOf(api)
  expect(polls.recent).toEqual([
    { ...broken, at: isoOf(broken.at), text: expect.stringContaining("It broke off") },
    { ...poll, at: isoOf(poll.at), text: "It completed its work." },
  ])
})

test("after an outage it is covered up to where the list is still to be read", async () => {
  const api = createTestApi()
  await api.store.acquire({ now: START, gateMs: 0, since: 0, completedAt: START })
  await api.store.changeControl(1, { resumeAt: START - 5 * HOUR })
  expect(await statusOf(api)).toMatchObject({
    coverage: { until: isoOf(START - 5 * HOUR), lagSeconds: 5 * 3600, behindFrom: isoOf(START - 5 * HOUR) },
  })
})

test("it costs no more for thousands of alerts than for some", async () => {
  const api = createTestApi()
  for (let call = 0; call < 1000; call++) await storeAlert(api, `call-${call}`)
  let read = 0
  const { readCalls } = api.store
  api.store.readCalls = async (ids) => {
    read += ids.length
    return readCalls(ids)
  }
  await statusOf(api)
  expect(read).toBe(300)
})

test("it says whether nudges come, what they brought today and what they have used", async () => {
  const api = createTestApi({ intervalMs: 19_000 })
  expect((await statusOf(api)).nudges).toMatchObject({ lastAt: null, looks: 0, sooner: 0 })
  await api.store.acquire({ now: START - 5 * SECOND, gateMs: 19_000, since: 0 })
  const nudges = { at: START - 5 * MINUTE, list: [1], detail: [7, 2], looks: 6, sooner: 5 }
  await api.store.changeControl(1, { nudges })
  const used = { list: { used: 1, limit: 4 }, detail: { used: 9, limit: 100 } }
  expect((await statusOf(api)).nudges).toEqual({
    lastAt: isoOf(START - 5 * MINUTE),
    looks: 6,
    sooner: 5,
    ...used,
    silence: null,
  })
  api.advance(24 * HOUR)
  expect((await statusOf(api)).nudges).toMatchObject({ looks: 0, sooner: 0, detail: { used: 0 } })
})

test("for that the calls of the day are read only if nudges are taken and none comes", async () => {
  const nudge = { secret: "nudge-secret-0123456789", send: async () => {} }
  for (const taken of [nudge, undefined]) {
    const store = createMemoryStore()
    let reads = 0
    const readCoverage: Store["readCoverage"] = (span) => {
      reads++
      return store.readCoverage(span)
    }
    const api = createTestApi({ intervalMs: 19_000, store: { ...store, readCoverage }, nudge: taken })
    await store.acquire({ now: START - 5 * SECOND, gateMs: 19_000, since: 0 })
    await store.changeControl(1, { nudges: { ...NO_NUDGES, at: START - 5 * MINUTE } })
    await statusOf(api)
    expect(reads).toBe(0)
    api.advance(25 * HOUR)
    await statusOf(api)
    expect(reads).toBe(taken ? 1 : 0)
  }
})

test.each([true, false])(
  "it says that nudges have stopped though calls ended, if they are taken: %s",
  async (isTaking) => {
    const nudge = isTaking ? { secret: "nudge-secret-0123456789", send: async () => {} } : undefined
    const api = createTestApi({ intervalMs: 19_000, nudge })
    const silenceOf = async () => (await statusOf(api)).nudges.silence
    expect(await silenceOf()).toBeNull()
    for (let hour = 0; hour < 30; hour++) {
      const checked = [`${hour}-a`, `${hour}-b`]
      await api.store.addCoverage(hourOf(START) - hour * HOUR, { add: { checked }, remove: {} })
    }
    // The calls of this hour, and of the 24 before it.
    const said = "No nudge has come in the last 24 hours, though 50 calls ended."
    expect(await silenceOf()).toBe(isTaking ? said : null)
    await api.store.acquire({ now: START - 5 * SECOND, gateMs: 19_000, since: 0 })
    await api.store.changeControl(1, { nudges: { ...NO_NUDGES, at: START - 5 * MINUTE } })
    expect(await silenceOf()).toBeNull()
  },
)
