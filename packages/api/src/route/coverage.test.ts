/** GET /coverage says how many of the listed calls were checked, and never more than were. */
import { HOUR, isoOf } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { START, createTestApi } from "../test-api.ts"
import { Coverage } from "./coverage.ts"

async function covered() {
  const api = createTestApi()
  await api.store.startCoverage(START - 40 * 24 * HOUR)
  await api.store.addCoverage(START - 2 * HOUR, {
    add: { checked: ["a", "b"], alerts: ["a low-score"] },
    remove: {},
  })
  await api.store.addCoverage(START - 30 * HOUR, { add: { unexamined: ["c"] }, remove: {} })
  await api.store.acquire({ now: START, gateMs: 19_000, since: 0, completedAt: START - 20_000 })
  return api
}

test("without a range it covers the last 24 hours, hour by hour", async () => {
  const api = await covered()
  const { status, body } = await api.call("GET", "/coverage")
  expect(status).toBe(200)
  const coverage = Coverage.parse(body)
  expect(coverage.summary).toBe("2 of 2 calls checked, 1 alert, nothing waiting.")
  expect(coverage.hours).toHaveLength(24)
  expect(coverage.hours.at(-2)).toMatchObject({
    hour: isoOf(START - 2 * HOUR),
    listed: 2,
    alertsByRule: { "low-score": 1 },
    gaps: [],
  })
})

test("the address that a brief gives is understood", async () => {
  const { status } = await (
    await covered()
  ).call("GET", "/coverage?from=2026-01-04T07:00:00Z&to=2026-01-05T07:00:00Z")
  expect(status).toBe(200)
})

test("a time that is asked for is told of in whole hours, up to 31 days", async () => {
  const api = await covered()
  const path = (from: number, to: number) => `/coverage?from=${isoOf(from)}&to=${isoOf(to)}`
  const answer = await api.call("GET", path(START - 29.5 * HOUR, START - 28.5 * HOUR))
  const { from, to, unexamined, hours } = Coverage.parse(answer.body)
  expect([from, to]).toEqual([isoOf(START - 30 * HOUR), isoOf(START - 28 * HOUR)])
  expect({ unexamined, hours: hours.length }).toEqual({ unexamined: 1, hours: 2 })
  const month = await api.call("GET", path(START - 31 * 24 * HOUR, START))
  expect(Coverage.parse(month.body)).toMatchObject({ listed: 3, checked: 2 })
})

test("what echowin counts beyond what it has shown is said, and a call at the border of two hours is not", async () => {
  const api = await covered()
  const counts = async (hour: number, total: string) => {
    await api.store.addCoverage(START + hour * HOUR, { add: { totals: [total] }, remove: {} })
    return Coverage.parse((await api.call("GET", "/coverage")).body)
  }
  expect(await counts(-2, "1")).toMatchObject({ missing: 0 })
  expect(await counts(-3, "1")).toMatchObject({ missing: 0 })
  const coverage = await counts(-4, "3")
  expect(coverage.summary).toContain("echowin counts 3 more")
  expect(coverage.hours.at(-4)).toMatchObject({ listed: 0, missing: 3, vendorTotal: 3 })
})

test.each([
  ["from after to", "?from=2026-01-05T08:00:00Z&to=2026-01-05T07:00:00Z"],
  ["more than 31 days", "?from=2025-12-01T00:00:00Z&to=2026-01-05T00:00:00Z"],
  ["longer ago than receipts are kept", "?from=2025-01-01T00:00:00Z&to=2025-01-02T00:00:00Z"],
  ["the future", "?from=2027-01-01T00:00:00Z&to=2027-01-02T00:00:00Z"],
  ["no time", "?from=yesterday"],
  ["a parameter that is none", "?since=2026-01-05T08:00:00Z"],
])("%s is a problem that says so", async (_what, query) => {
  const { status, body } = await (await covered()).call("GET", `/coverage${query}`)
  expect(status).toBe(400)
  expect(body).toMatchObject({ status: 400, detail: expect.stringMatching(/./) })
})

test("what no poll has read is a gap, and before receipts were kept nothing is known", async () => {
  const api = createTestApi()
  const { body } = await api.call("GET", "/coverage")
  expect(Coverage.parse(body)).toMatchObject({ listed: 0, checked: 0 })
  expect(Coverage.parse(body).summary).toContain("nothing is known of 24 h")
})
