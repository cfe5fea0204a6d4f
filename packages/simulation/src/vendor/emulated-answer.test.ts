/** What counts as a disagreement between the emulator and the simulated vendor, by examples: it must not be blind. */
import { HOUR, MINUTE, isoOf } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { START } from "../scenario.ts"
import { END, testCall } from "../test-call.ts"
import { PLAIN } from "../truth/oddity.ts"
import type { SimulatedCall } from "../truth/call.ts"
import { disagreement } from "./emulated-answer.ts"
import { rowOf } from "./row.ts"
import { createVendor } from "./vendor.ts"

const NOW = END + HOUR

const one = testCall({ id: "one", score: 1 })

const two = testCall({ id: "two", createdAt: START + MINUTE, angry: 0.9, transferredAt: END })

const twin = testCall({ id: "twin", createdAt: START + MINUTE })

for (const call of [one, two, twin]) call.texts = { createdAt: isoOf(call.createdAt), endedAt: isoOf(END) }

function expectedFor(path: string, calls: SimulatedCall[]) {
  const call = (id: string) => calls.find((known) => known.id === id)
  const traffic = { callsAt: () => calls, byEnd: () => calls, fleeting: () => [], call }
  return createVendor({ traffic, oddities: PLAIN, seed: 1 }, () => {}).answer(`/calls${path}`, NOW)
}

type Json = { data: Record<string, unknown>[]; pagination: Record<string, unknown> }

/** What is said about a list of these calls as the emulator would give it. */
function saidOf(change: (json: Json) => void, calls = [one, two], status = 200): string | null {
  const expected = expectedFor("?sortBy=createdAt&sortOrder=asc&limit=100", calls)
  const json: Json = JSON.parse(JSON.stringify(expected.json))
  change(json)
  return disagreement({ status, text: JSON.stringify(json) }, expected, {
    sortBy: "createdAt",
    rowOf: (id) =>
      [one, two, twin].filter((call) => call.id === id).map((call) => rowOf(call, NOW))[0] ?? null,
  })
}

function saidOfDetail(change: (data: Record<string, unknown>) => void): string | null {
  const expected = expectedFor("/two", [two])
  const json: { data: Record<string, unknown> } = JSON.parse(JSON.stringify(expected.json))
  change(json.data)
  const truth = { sortBy: "createdAt", rowOf: () => null } as const
  return disagreement({ status: 200, text: JSON.stringify(json) }, expected, truth)
}

test("there is no disagreement on the same answer, a null that is left out, other words, or another of equal calls", () => {
  expect(saidOf(() => {})).toBeNull()
  expect(saidOf(({ data }) => void delete data[0]?.recordingUrl)).toBeNull()
  expect(saidOf(({ data }) => Object.assign(data[0] ?? {}, { summary: "Something else." }))).toBeNull()
  expect(saidOf((json) => void (json.data = json.data.toReversed()), [two, twin])).toBeNull()
  expect(saidOfDetail(() => {})).toBeNull()
})

test("nor on the same facts in another type, on another scale, in other words or without a zone", () => {
  const { createdAt, endedAt } = two.texts
  const without = { createdAt: createdAt.replace("Z", ""), endedAt: endedAt.replace("Z", "") }
  const odd = { ...without, status: "COMPLETED", score: "4", flagged: 0 }
  expect(saidOf(({ data }) => Object.assign(data[1] ?? {}, odd))).toBeNull()
  const timeline = { activityTimeline: [{ type: "Call Transferred" }] }
  for (const sentiment of [
    { happy: 0, sad: 0, angry: 90, neutral: 10 },
    { happy: 0, sad: 0, angry: 0.9 + 1e-7, neutral: 0.1 },
  ])
    expect(saidOfDetail((data) => Object.assign(data, odd, timeline, { metadata: { sentiment } }))).toBeNull()
  const none = { sentiment: { happy: 0, sad: 0, angry: 0, neutral: 0 } }
  expect(saidOfDetail((data) => Object.assign(data, { metadata: none }))).toContain('"angry":null')
})

test("in a list: a call that is missing, in another place, there twice, or not visible", () => {
  expect(saidOf(({ data }) => void data.pop())).toContain("too few calls")
  expect(saidOf((json) => void (json.data = json.data.toReversed()))).toContain("where another should be")
  const isTwice = saidOf(({ data }) => void data.splice(1, 1, { ...data[0] }), [two, twin])
  expect(isTwice).toContain("should not list call two")
  expect(saidOf(({ data }) => Object.assign(data[0] ?? {}, { id: "other" }))).toContain("should not list")
  expect(saidOf(({ pagination }) => Object.assign(pagination, { totalCount: 3 }))).toContain("counts")
  expect(saidOf(() => {}, [one, two], 404)).toContain("404 instead of 200")
})

test.each([
  { endedAt: null },
  { endedAt: isoOf(END + 1) },
  { endedAt: isoOf(END + 1).replace("Z", "") },
  { endedAt: "1970-01-01T00:00:00.000Z" },
  { status: "ended" },
  { score: null },
  { score: 5 },
  { score: "5" },
  { flagged: true },
  { flagged: 1 },
])("another fact of a call: %j", (fact) => {
  const said = `the emulator shows ${Object.keys(fact)[0]}`
  expect(saidOf(({ data }) => Object.assign(data[0] ?? {}, fact))).toContain(said)
  expect(saidOfDetail((data) => Object.assign(data, fact))).toContain(said)
})

test("a sentiment or a transfer that a detail should not have, or should", () => {
  expect(saidOfDetail((data) => Object.assign(data, { metadata: null }))).toContain('"angry":null')
  expect(saidOfDetail((data) => Object.assign(data, { activityTimeline: [] }))).toContain(
    '"isTransferred":false',
  )
  expect(saidOfDetail((data) => Object.assign(data, { id: "one" }))).toContain('"id":"one"')
})
