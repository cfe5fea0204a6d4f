/** Asking the vendor for a preview never takes a request that a poll needs. */
import { DAY, HOUR, MINUTE, isoOf } from "@earshot/core/instant"
import { charge, countPolls, usedInHour } from "@earshot/core/turn/budget"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import { expect, test } from "vitest"
import { createRecentCalls } from "./recent-call.ts"

const START = Date.UTC(2026, 0, 5, 9)

const TIMEOUT_MS = 9999

const LIMITS = { listPerHour: 200, detailPerHour: 500, gateMs: 19_000 }

function createAsking(callsCount: number) {
  let now = START
  const rows = Array.from({ length: callsCount }, (_, index) => {
    const at = START - HOUR - index * MINUTE
    return {
      id: `call-${index}`,
      status: "completed",
      createdAt: isoOf(at),
      endedAt: isoOf(at + MINUTE),
      score: 4,
    }
  })
  const store = createMemoryStore()
  let asked = 0
  const world = {
    fetch: (async (input) => {
      asked++
      const page = Number(new URL(input instanceof Request ? input.url : input).searchParams.get("page"))
      return Response.json({
        data: rows.slice((page - 1) * 100, page * 100),
        pagination: { page, totalCount: callsCount },
      })
    }) satisfies typeof fetch,
    now: () => now,
    // The vendor answers at once: what waits for it waits in vain.
    sleep: async (milliseconds: number) => {
      if (milliseconds === TIMEOUT_MS) return new Promise<void>(() => {})
      now += milliseconds
    },
    random: () => 0.5,
    log: () => {},
  }
  const api = { baseUrl: "https://echo.win/api/v1", apiKey: "ew_x", timeoutMs: TIMEOUT_MS }
  const recentCalls = createRecentCalls(world, store, { api, limits: LIMITS })
  return { store, recentCalls: () => recentCalls(now - 7 * DAY), asked: () => asked, now: () => now }
}

test("the requests are charged before they are made, and the next poll counts them", async () => {
  const { store, recentCalls, asked, now } = createAsking(150)
  expect(await recentCalls()).toMatchObject({ ok: false })
  await store.acquire({ now: now(), gateMs: 19_000, since: START })
  const recent = await recentCalls()
  expect(recent.ok && recent.records).toHaveLength(150)
  expect(asked()).toBe(2)
  const control = await store.readControl()
  if (!control) throw new Error("There is one.")
  const ring = countPolls(control.ring, control.fence, LIMITS, now())
  // Of the poll, and three that were charged.
  expect(usedInHour(ring, "list")).toBe(4)
})

test("nothing is asked while a poll is at work, while the vendor wants no requests, or once polls need the rest", async () => {
  const busy = createAsking(5)
  await busy.store.acquire({ now: busy.now(), gateMs: 19_000, since: START })
  await busy.store.changeControl(1, { leaseUntil: START + MINUTE })
  expect(await busy.recentCalls()).toEqual({ ok: false, note: "A poll is at work; ask again in a minute." })
  await busy.store.changeControl(1, { leaseUntil: 0, listBlockedUntil: START + HOUR })
  expect(await busy.recentCalls()).toMatchObject({ ok: false })
  const control = await busy.store.readControl()
  if (!control) throw new Error("There is one.")
  const used = charge(countPolls(control.ring, control.fence, LIMITS, START), "list", 15)
  await busy.store.changeControl(1, { listBlockedUntil: 0, ring: used })
  expect(await busy.recentCalls()).toMatchObject({
    ok: false,
    note: expect.stringContaining("The polls need all"),
  })
  expect(busy.asked()).toBe(0)
})
