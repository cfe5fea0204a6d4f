/** The vendor of the simulation against the plainest answer to the same questions. */
import { DAY, HOUR, type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { START } from "../scenario.ts"
import { type VendorOddities, PLAIN, chooseOddities } from "../truth/oddity.ts"
import { type SimulatedCall, shownEnd } from "../truth/call.ts"
import { type Traffic, createCallTraffic } from "../truth/traffic.ts"
import { type Vendor, createVendor } from "./vendor.ts"

function vendorOf(
  seed: number,
  oddities: VendorOddities,
): { vendor: Vendor; traffic: Traffic; exceeded: string[] } {
  const span = { from: START, to: START + DAY }
  const { rows, stampsMs } = oddities
  const traffic = createCallTraffic({ seed, perHour: 40, ...span, hasCrowds: true, oddities: rows, stampsMs })
  const exceeded: string[] = []
  const vendor = createVendor({ traffic, oddities, seed }, (limit) => exceeded.push(limit))
  return { vendor, traffic, exceeded }
}

const Total = z.object({ pagination: z.object({ totalCount: z.number() }) })

function list(
  vendor: Vendor,
  query: Record<string, string | number>,
  now: Instant,
): { listed: readonly SimulatedCall[]; total: number } {
  const words = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const { listed, json } = vendor.answer(`https://echo.win/api/v1/calls?${words.join("&")}`, now)
  return { listed, total: Total.parse(json).pagination.totalCount }
}

/** What the list should show, in the order of the sort, with calls without an end where the oddities put them. */
function expected(
  traffic: Traffic,
  { dateField, isInclusive, nulls, stampsMs }: VendorOddities,
  { sortBy, from }: { sortBy: "createdAt" | "endedAt"; from: Instant },
  now: Instant,
): SimulatedCall[] {
  const endOf = (call: SimulatedCall) =>
    call.endedAt <= now && !call.look.hidesEnd ? shownEnd(call, stampsMs) : null
  const shown = traffic.callsAt(now).filter((call) => {
    const time = dateField === "createdAt" ? call.createdAt : endOf(call)
    const isIn = time !== null && (isInclusive ? time >= from : time > from)
    return isIn && call.visibleAt <= now && now < call.deletedAt
  })
  if (sortBy === "createdAt") return shown.sort((a, b) => a.createdAt - b.createdAt)
  const rank = (call: SimulatedCall) => endOf(call) ?? (nulls === "first" ? Infinity : -Infinity)
  return shown.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a)))
}

const seeds = fc.integer({ min: 1, max: 10_000 })

const minutes = fc.integer({ min: 0, max: 24 * 60 })

const sortBy = fc.constantFrom("createdAt" as const, "endedAt" as const)

describe("the list", () => {
  test("shows what was asked for, in order, whatever the oddities", () => {
    fc.assert(
      fc.property(seeds, minutes, minutes, sortBy, (seed, at, from, sort) => {
        const oddities = chooseOddities(seed, "stress")
        const { vendor, traffic } = vendorOf(seed, oddities)
        const now = START + Math.max(at, from) * MINUTE
        const asked = { sortBy: sort, from: START + Math.min(at, from) * MINUTE }
        const query = { sortBy: sort, sortOrder: sort === "createdAt" ? "asc" : "desc" }
        const { listed, total } = list(
          vendor,
          { ...query, dateFrom: isoOf(asked.from + oddities.stampsMs), limit: 100 },
          now,
        )
        const all = expected(traffic, oddities, asked, now)
        // Calls that the sort leaves equal may come in any order, so that the times are compared.
        const time = (call: SimulatedCall) =>
          sort === "createdAt"
            ? call.createdAt
            : call.endedAt <= now && !call.look.hidesEnd && shownEnd(call, oddities.stampsMs)
        expect(total).toBe(oddities.totals === "page" ? listed.length : all.length)
        expect(listed.map(time)).toEqual(all.slice(0, 100).map(time))
        const ids = new Set(all.map((call) => call.id))
        expect(listed.filter((call) => !ids.has(call.id))).toEqual([])
        expect(new Set(listed.map((call) => call.id)).size).toBe(listed.length)
      }),
      { numRuns: 60 },
    )
  })
})

test("a row is the same value for as long as nothing changes, and shows what is true by then", () => {
  const { vendor } = vendorOf(7, PLAIN)
  let changed = 0
  let before = new Map<string, unknown>()
  for (let now = START + HOUR; now < START + 3 * HOUR; now += MINUTE) {
    const { listed, rows } = vendor.answer(
      `https://echo.win/api/v1/calls?sortBy=createdAt&sortOrder=asc&dateFrom=${isoOf(START)}&limit=100`,
      now,
    )
    for (const [index, call] of listed.entries()) {
      const row = rows[index]
      expect(row).toMatchObject({
        id: call.id,
        endedAt: call.endedAt <= now ? isoOf(call.endedAt) : null,
        score: call.scoreAt <= now ? call.score : null,
        flagged: call.flaggedAt <= now,
      })
      const known = before.get(call.id)
      if (known !== undefined && known !== row) changed++
      if (known !== undefined && known !== row) expect(known).not.toEqual(row)
    }
    before = new Map(listed.map((call, index) => [call.id, rows[index]]))
  }
  expect(changed).toBeGreaterThan(20)
})

test("the documented limits hold to the millisecond, and a refused request is not counted", () => {
  const { vendor, exceeded } = vendorOf(1, PLAIN)
  const ask = (now: Instant) => vendor.answer("https://echo.win/api/v1/calls?limit=1", now).status
  // Twenty-nine a minute are within the minute's limit, and reach the hour's.
  for (let asked = 0; asked < 200; asked++) expect(ask(START + asked * 2100)).toBe(200)
  expect(ask(START + HOUR - 1)).toBe(429)
  expect(ask(START + HOUR)).toBe(200)
  expect(ask(START + HOUR)).toBe(429)
  expect(exceeded).toEqual(["200 lists an hour", "200 lists an hour"])
})
