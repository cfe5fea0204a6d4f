/** Times that are not true: a call is listed where its shown times belong, and the server may have another clock. */
import { expect, test } from "vitest"
import { createCallBook, plainCall } from "./call-book.ts"
import type { EmulatedCall } from "./call.ts"
import { createCallsApi } from "./calls-api.ts"
import { createOddSource, fateOf } from "./odd-source.ts"
import type { Oddities } from "./oddity.ts"
import { createTraffic } from "./traffic.ts"

const HOUR_MS = 3_600_000
const NOW = Date.parse("2026-01-05T12:00:00.000Z")

type Row = { id: string; createdAt: string; endedAt: string | null }

function open(oddities: Oddities, calls: readonly EmulatedCall[]) {
  const app = createCallsApi({ source: createCallBook(calls), keys: ["k"], now: () => NOW, oddities })
  const ask = (path: string, key = "k") => app.request(`/api/v1${path}`, { headers: { "X-API-Key": key } })
  return {
    ask,
    list: async (query: string) => {
      const body: { data: Row[] } = JSON.parse(await (await ask(`/calls?${query}`)).text())
      return body.data
    },
  }
}

const idsOf = (rows: readonly Row[]) => rows.map(({ id }) => id)

const some = [0, 1, 2].map((hour) =>
  plainCall({
    id: `call-${hour}`,
    createdAt: new Date(NOW - (5 - hour) * HOUR_MS).toISOString(),
    endedAt: new Date(NOW - (5 - hour) * HOUR_MS + 60_000).toISOString(),
  }),
)

test("impossible ends: those of 1970, the year 1, 9999 and before the start, and none for a call without an end", async () => {
  const ends = new Set<string | null>()
  for (let seed = 0; seed < 30; seed++) {
    const { list, ask } = open({ seed, values: { impossibleEnds: 1 } }, some.slice(0, 1))
    const [row] = await list("")
    const detail: { data: Row } = JSON.parse(await (await ask("/calls/call-0")).text())
    expect(detail.data.endedAt).toBe(row?.endedAt)
    ends.add(row?.endedAt ?? null)
  }
  expect(ends).toEqual(
    new Set([
      "0001-01-01T00:00:00Z",
      "1970-01-01T00:00:00.000Z",
      "2026-01-05T06:00:00.000Z",
      "9999-12-31T23:59:59Z",
    ]),
  )
  const lasting = [plainCall({ id: "open", endedAt: null })]
  expect((await open({ values: { impossibleEnds: 1 } }, lasting).list(""))[0]?.endedAt).toBeNull()
})

test("a list sorts and filters by the end that it shows", async () => {
  const traffic = createTraffic({ seed: 2, ratePerHour: 60, from: NOW - 3 * HOUR_MS })
  const calls = traffic.callsAt(NOW)
  for (const dateField of ["createdAt", "endedAt"] as const) {
    const { list } = open({ seed: 8, values: { impossibleEnds: 0.3 }, reading: { dateField } }, calls)
    const rows = await list("sortBy=endedAt&sortOrder=desc&limit=100")
    const ends = rows.map(({ endedAt }) => endedAt).filter((end) => end !== null)
    expect(ends[0]).toBe("9999-12-31T23:59:59Z")
    expect(ends).toEqual(ends.toSorted().toReversed())
    if (dateField === "createdAt") continue
    const late = await list("limit=100&dateFrom=2026-01-06")
    expect(idsOf(late).sort()).toEqual(
      idsOf(rows.filter(({ endedAt }) => endedAt?.startsWith("9999"))).sort(),
    )
    const early = await list("limit=100&dateTo=1970-01-01")
    expect(early.every(({ endedAt }) => (endedAt ?? "") <= "1970-01-01T00:00:00.000Z")).toBe(true)
    expect(early.length).toBeGreaterThan(0)
  }
})

test("a revised score comes after the true end, and not after the one that is shown", () => {
  const [call = plainCall({ id: "none" })] = some
  const { revisedAt } = fateOf(call, {
    rows: { revisedScores: 1 },
    values: { impossibleEnds: 1 },
    times: { stampsMs: HOUR_MS },
  })
  expect(revisedAt).toBe(Date.parse(call.endedAt ?? "") + 45 * 60_000)
})

test.each([-7, 5.5])(
  "stamps %f hours off: every time of a call is, and bounds are compared with them",
  async (hours) => {
    const stampsMs = hours * HOUR_MS
    const shift = (time: string) => new Date(Date.parse(time) + stampsMs).toISOString()
    const { list, ask } = open({ times: { stampsMs } }, some)
    const rows = await list("sortOrder=asc")
    expect(rows.map(({ createdAt, endedAt }) => [createdAt, endedAt])).toEqual(
      some.map(({ createdAt, endedAt }) => [shift(createdAt), shift(endedAt ?? "")]),
    )
    const detail: { data: EmulatedCall } = JSON.parse(await (await ask("/calls/call-0")).text())
    const [call = detail.data] = some
    const timestamps = ({ transcript, activityTimeline }: EmulatedCall) =>
      [...transcript, ...activityTimeline].map(({ timestamp }) => timestamp)
    expect(timestamps(detail.data)).toEqual(timestamps(call).map(shift))

    const bound = encodeURIComponent(shift(some[1]?.createdAt ?? ""))
    expect(idsOf(await list(`sortOrder=asc&dateFrom=${bound}`))).toEqual(["call-1", "call-2"])
    expect(idsOf(await list(`sortOrder=asc&dateTo=${bound}`))).toEqual(["call-0", "call-1"])
  },
)

test("stamps that are off hide nothing of a source that leaves out what is not asked for", () => {
  const traffic = createTraffic({ seed: 2, ratePerHour: 60, from: NOW - 12 * HOUR_MS })
  for (const stampsMs of [-7 * HOUR_MS, 5.5 * HOUR_MS]) {
    const odd = createOddSource(traffic, { seed: 8, rows: { equalTimestamps: 0.5 }, times: { stampsMs } })
    const all = odd.callsAt(NOW)
    const [from, until] = [NOW + stampsMs - 5 * HOUR_MS, NOW + stampsMs - 2 * HOUR_MS]
    const isInside = ({ createdAt }: EmulatedCall) =>
      Date.parse(createdAt) >= from && Date.parse(createdAt) <= until
    const inside = odd.callsAt(NOW, { from, until }).filter(isInside)
    expect(inside.length).toBeGreaterThan(100)
    expect(inside.map(({ id }) => id)).toEqual(all.filter(isInside).map(({ id }) => id))
  }
})

test("the server's clock dates every answer, and says when limits are reset", async () => {
  expect((await open({}, some).ask("/calls")).headers.has("date")).toBe(false)
  for (const serverMs of [0, -3 * HOUR_MS]) {
    const { ask } = open({ times: { serverMs } }, some)
    for (const [path, key] of [
      ["/calls", "k"],
      ["/calls/none", "k"],
      ["/calls", "other"],
    ] as const)
      expect(Date.parse((await ask(path, key)).headers.get("date") ?? "")).toBe(NOW + serverMs)
    for (let asked = 0; asked < 29; asked++) await ask("/calls?search=hello")
    const reset = Date.parse((await ask("/calls")).headers.get("x-ratelimit-reset") ?? "")
    expect(reset).toBe(NOW + HOUR_MS + serverMs)
    for (let asked = 0; asked < 2; asked++) await ask("/calls?search=hello")
    const refused = await ask("/calls?search=hello")
    const { retryAfter, resetAt }: { retryAfter: number; resetAt: string } = JSON.parse(await refused.text())
    expect([refused.status, retryAfter, Date.parse(resetAt)]).toEqual([429, 60, NOW + 60_000 + serverMs])
  }
})
