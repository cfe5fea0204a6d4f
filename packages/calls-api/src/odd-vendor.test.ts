/**
 * The client and the vendor at its worst, on a virtual clock: every oddity, the documented limits, every fault of the
 * network, and calls that keep beginning, ending, appearing late and being deleted.
 */
import type { EmulatedCall } from "@earshot/emulators/calls-api"
import { createOddVendor } from "@earshot/emulators/odd-vendor"
import { everyOddity } from "@earshot/emulators/oddity"
import { expect, test } from "vitest"
import { getCall, type CallsApi, type ClientWorld } from "./client.ts"
import { callsBetween, type RangeStep } from "./range.ts"
import { createVirtualClock } from "./virtual-clock.ts"

const API: CallsApi = { baseUrl: "https://echo.win/api/v1", apiKey: "ew_local", timeoutMs: 10_000 }
const FROM = Date.parse("2026-01-05T09:00:00.000Z")
const HOUR = 3_600_000

const seeds = Array.from({ length: 20 }, (_, index) => index + 1)

test.each(seeds)("seed %i: two hours are read whole, nothing twice, nothing else", async (seed) => {
  const { clock, world, vendor } = start(seed)
  const before = clock.now()
  // As the vendor dates it, which may be hours off.
  const begin = FROM + everyOddity(seed).times.stampsMs
  const range = { from: isoOf(begin), to: isoOf(begin + 2 * HOUR), limit: 7, attemptsMax: 20 }
  const steps = await clock.run(collect(callsBetween(world, API, range)))
  expect(steps.at(-1)).toMatchObject({ kind: "complete", tally: { unreadable: 0, unsettled: 0 } })

  const given = steps.flatMap((step) => (step.kind === "call" ? [step.call.id] : []))
  expect(given.length).toBeGreaterThan(100)
  expect(new Set(given).size).toBe(given.length)
  const isInside = ({ createdAt }: EmulatedCall) => createdAt >= range.from && createdAt <= range.to
  const isByEnd = everyOddity(seed).reading?.dateField === "endedAt"
  const idsAt = (now: number) =>
    vendor.calls
      .callsAt(now)
      .filter((call) => isInside(call) && (!isByEnd || call.endedAt !== null))
      .map(({ id }) => id)
  const [first, last] = [new Set(idsAt(before)), new Set(idsAt(clock.now()))]
  expect([...first].filter((id) => last.has(id) && !given.includes(id))).toEqual([])
  expect(given.filter((id) => !first.has(id) && !last.has(id))).toEqual([])
})

test("details come to a value, whatever happens, and in the end to the call", async () => {
  const { clock, world, vendor } = start(5)
  for (const { id } of vendor.calls.callsAt(clock.now()).slice(0, 60)) {
    let answer = await clock.run(getCall(world, API, id))
    for (let attempts = 1; !answer.ok && attempts < 10; attempts += 1) {
      const { trouble } = answer
      if (trouble.kind === "not-found") break
      await clock.run(clock.sleep(trouble.kind === "rate-limited" ? trouble.until - clock.now() : 1000))
      answer = await clock.run(getCall(world, API, id))
    }
    const isThere = vendor.calls.callAt(clock.now(), id) !== undefined
    expect(answer.ok ? answer.value.call.id : answer.trouble.kind).toBe(isThere ? id : "not-found")
  }
})

function start(seed: number) {
  const clock = createVirtualClock(FROM + 3 * HOUR)
  const { now, sleep } = clock
  const vendor = createOddVendor({
    seed,
    ratePerHour: 120,
    from: FROM - HOUR,
    keys: ["ew_local"],
    now,
    sleep,
  })
  const world: ClientWorld = { fetch: vendor.fetch, now, sleep }
  return { clock, world, vendor }
}

function isoOf(time: number): string {
  return new Date(time).toISOString()
}

async function collect(steps: AsyncIterable<RangeStep>): Promise<RangeStep[]> {
  const all: RangeStep[] = []
  for await (const step of steps) all.push(step)
  return all
}
