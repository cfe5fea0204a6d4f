/** Each oddity of values alone does what its switch says, in the list and in the detail. */
import { expect, test } from "vitest"
import { createCallBook, plainCall } from "./call-book.ts"
import type { EmulatedCall } from "./call.ts"
import { createCallsApi } from "./calls-api.ts"
import { EMPTY_TIMELINE_MS } from "./odd-source.ts"
import type { Oddities, ValueOddities } from "./oddity.ts"

const END = Date.parse("2026-01-05T09:01:00.000Z")

const TRANSFERRED = [
  {
    id: "t",
    type: "TRANSFER",
    sender: null,
    data: null,
    toolData: null,
    timestamp: "2026-01-05T09:00:30.000Z",
  },
]

type Json = Record<string, unknown>

type Turn = { speaker: string }

type Shown = Json & {
  endedAt: string | null
  transcript: Turn[]
  activityTimeline: { type: string }[]
  metadata: { sentiment: Record<string, number> }
}

type Body = { data: Shown[]; pagination: { totalCount: number } }

async function show(oddities: Oddities, facts: Partial<EmulatedCall> = {}, now = END + 60_000) {
  const source = createCallBook([plainCall({ id: "call", activityTimeline: TRANSFERRED, ...facts })])
  const app = createCallsApi({ source, keys: ["k"], now: () => now, limits: "none", oddities })
  const ask = async (path: string) => {
    const response = await app.request(`/api/v1/calls${path}`, { headers: { "X-API-Key": "k" } })
    return response.text()
  }
  const { data, pagination }: Body = JSON.parse(await ask(""))
  const { data: detail }: { data: Shown } = JSON.parse(await ask("/call"))
  return { row: data[0] ?? detail, rows: data, pagination, detail }
}

const always = (name: keyof ValueOddities): Oddities => ({ seed: 3, values: { [name]: 1 } })

test("empty first: what is not known yet is empty, and the timeline for some seconds after the true end", async () => {
  const { row, detail } = await show(always("emptyFirst"), { summary: null, metadata: null }, END + 1000)
  expect(row.summary).toBe("")
  expect(detail).toMatchObject({ memory: "", metadata: {}, activityTimeline: [], transcript: [] })
  const metadata = { sentiment: null, callQuality: null, technicalIssues: null, usage: null, callCost: null }
  const later = await show(always("emptyFirst"), { metadata }, END + EMPTY_TIMELINE_MS)
  expect(later.detail.metadata.sentiment).toEqual({ happy: 0, sad: 0, angry: 0, neutral: 0 })
  expect(later.detail.activityTimeline).toHaveLength(1)
  const lasting = await show(always("emptyFirst"), { endedAt: null }, END - 1000)
  expect(lasting.detail.activityTimeline).toEqual([])
  const dated: Oddities = { seed: 3, values: { emptyFirst: 1, impossibleEnds: 1 }, times: { stampsMs: -7e6 } }
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const timelineAt = async (now: number) =>
      (await show({ ...dated, seed }, {}, now)).detail.activityTimeline
    expect(await timelineAt(END + EMPTY_TIMELINE_MS - 1)).toEqual([])
    expect(await timelineAt(END + EMPTY_TIMELINE_MS)).toHaveLength(1)
  }
})

test("percentages and rounded moods: of a hundred, or a little too much", async () => {
  expect((await show(always("percentages"))).detail.metadata.sentiment).toMatchObject({
    happy: 20,
    neutral: 80,
  })
  const { happy, neutral } = (await show(always("roundedMoods"))).detail.metadata.sentiment
  expect(happy).toBe(0.2)
  expect(neutral).toBeGreaterThan(0.8)
})

test("one speaker: every turn is said to be the agent's, in the list and in the detail", async () => {
  const { row, detail } = await show(always("oneSpeaker"))
  for (const { transcript } of [row, detail])
    expect(transcript.map(({ speaker }) => speaker)).toEqual(["agent", "agent"])
})

test("other words: those of other services", async () => {
  const { row, detail } = await show(always("otherWords"))
  expect(row).toMatchObject({ type: "inbound", status: "COMPLETED" })
  expect(detail.activityTimeline[0]?.type).toBe("Call Transferred")
  expect(detail.transcript.map(({ speaker }) => speaker)).toEqual(["Assistant", "CUSTOMER"])
})

test("numbers as text, and flags as numbers; times without a zone", async () => {
  expect((await show(always("numbersAsText"))).row).toMatchObject({
    score: "4.5",
    duration: "60",
    flagged: 0,
  })
  expect((await show(always("numbersAsText"), { score: null })).row.score).toBeNull()
  expect((await show(always("timesWithoutZone"))).row.createdAt).toBe("2026-01-05T09:00:00.000")
})

test("totals count the page alone, or calls that are not shown", async () => {
  expect((await show({ answer: { totals: "page" } })).pagination).toMatchObject({
    totalCount: 1,
    totalPages: 1,
  })
  const { rows, pagination } = await show({ answer: { totals: "no-rows" } })
  expect({ rows, totalCount: pagination.totalCount }).toEqual({ rows: [], totalCount: 1 })
})
