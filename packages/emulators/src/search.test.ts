/** A search finds words where the API shows them and nowhere else, and is fast enough for a day of calls. */
import { describe, expect, test } from "vitest"
import type { EmulatedCall } from "./call.ts"
import { createCallsApi } from "./calls-api.ts"
import { createOddSource } from "./odd-source.ts"
import { everyOddity, type Oddities } from "./oddity.ts"
import { createRandom, integer, pick, type Random } from "./random.ts"
import { createTraffic } from "./traffic.ts"

const FROM = Date.parse("2026-03-02T08:00:00.000Z")
const HOUR_MS = 3_600_000

function open(ratePerHour: number, oddities: Oddities = {}) {
  const clock = { now: FROM }
  const source = createTraffic({ seed: 11, ratePerHour, from: FROM })
  const app = createCallsApi({ source, keys: ["k"], now: () => clock.now, limits: "none", oddities })
  const search = async (text: string) => {
    const query = new URLSearchParams({ search: text, limit: "100" })
    const response = await app.request(`/api/v1/calls?${query.toString()}`, { headers: { "X-API-Key": "k" } })
    const body: { data: { id: string }[] } = JSON.parse(await response.text())
    return { status: response.status, ids: body.data?.map(({ id }) => id).toSorted() }
  }
  return { clock, shown: () => createOddSource(source, oddities).callsAt(clock.now), search }
}

const textsOf = (call: EmulatedCall) => [
  call.from,
  call.to,
  call.summary ?? "",
  ...call.transcript.map((turn) => turn.text),
]

/** A few consecutive letters of something that the call shows. */
function someWords(random: Random, call: EmulatedCall): string {
  const text = pick(
    random,
    textsOf(call).filter((one) => one.length > 0),
  )
  const start = integer(random, 0, text.length - 1)
  return text.slice(start, start + integer(random, 3, 25)).trim()
}

describe.each([
  ["plain", {}],
  ["odd", everyOddity(3)],
])("in %s traffic", (_name, oddities) => {
  test("words are found in every call that shows them, and in no other, while calls go on", async () => {
    const random = createRandom("search")
    const { clock, shown, search } = open(25, oddities)
    for (let hour = 1; hour <= 3; hour += 1) {
      // Just after a call has begun or ended there is most to get wrong: half-said words, summaries still to come.
      clock.now = FROM + hour * HOUR_MS + integer(random, 0, HOUR_MS)
      const calls = shown()
      expect(calls.length).toBeGreaterThan(20)
      for (const call of [...calls.slice(-6), ...calls.slice(0, 30)]) {
        const words = someWords(random, call)
        const showing = calls.filter((one) =>
          textsOf(one).some((text) => text.toLowerCase().includes(words.toLowerCase())),
        )
        if (words === "" || showing.length > 100) continue
        expect((await search(words)).ids, words).toEqual(showing.map(({ id }) => id).toSorted())
      }
    }
  })
})

test("a summary that came to nothing is not found", async () => {
  const { clock, shown, search } = open(25, { rows: { nulls: 1 } })
  clock.now = FROM + 6 * HOUR_MS
  const silent = shown().filter((call) => call.summary === null && call.endedAt !== null)
  expect(silent.length).toBeGreaterThan(10)
  const topic = "called about"
  const showing = shown().filter((call) => textsOf(call).some((text) => text.includes(topic)))
  expect((await search(topic)).ids).toEqual(showing.map(({ id }) => id).toSorted())
})

test("the words of a summary are found once it is there, seconds after the end", async () => {
  const { clock, shown, search } = open(25)
  clock.now = FROM + 3 * HOUR_MS
  const ended = shown().filter((call) => call.endedAt !== null && call.summary !== null)
  expect(ended.length).toBeGreaterThan(30)
  for (const { id, endedAt, summary } of ended) {
    for (const [afterMs, isThere] of [
      [1_000, false],
      [20_000, true],
    ] as const) {
      clock.now = Date.parse(endedAt ?? "") + afterMs
      expect((await search(summary?.slice(0, 190) ?? "")).ids.includes(id)).toBe(isThere)
    }
  }
})

test("nothing is found that begins in one turn and ends in the next, and zero characters are refused", async () => {
  const { clock, shown, search } = open(25)
  clock.now = FROM + HOUR_MS
  const [first, second] = shown()[0]?.transcript ?? []
  const [end, start] = [first?.text.slice(-5) ?? "", second?.text.slice(0, 5) ?? ""]
  for (const gap of ["", " ", "\n"]) expect((await search(`${end}${gap}${start}`)).ids).toEqual([])
  expect((await search(`${end}\0${start}`)).status).toBe(400)
})

test("the words of ended calls are written once: the second search of many calls is far quicker", async () => {
  const { clock, shown, search } = open(3_000)
  clock.now = FROM + 5 * HOUR_MS
  expect(shown().length).toBeGreaterThan(10_000)
  const timed = async () => {
    const start = performance.now()
    expect((await search("nowhere to be found")).ids).toEqual([])
    return performance.now() - start
  }
  const first = await timed()
  const others = [await timed(), await timed(), await timed()]
  expect(Math.min(...others)).toBeLessThan(first / 3)
})
