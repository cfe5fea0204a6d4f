/** The vendor at its worst: everything that can happen does, and the same seed makes it happen again. */
import { describe, expect, test } from "vitest"
import { createOddVendor, EVERY_FAULT } from "./odd-vendor.ts"

const FROM = Date.parse("2026-03-02T08:00:00.000Z")
const HOUR_MS = 3_600_000

function open(seed: number) {
  const clock = { now: FROM + 3 * HOUR_MS }
  const sleep = async (ms: number) => void (clock.now += ms)
  const vendor = createOddVendor({
    seed,
    ratePerHour: 60,
    from: FROM,
    keys: ["k"],
    now: () => clock.now,
    sleep,
  })
  /** The outcome of a request, in a few words. A hanging one is given up at once. */
  const ask = async (path: string): Promise<string> => {
    clock.now += 7_000
    const signal = AbortSignal.timeout(1)
    try {
      const answer = await vendor.fetch(`https://any.test/api/v1${path}`, {
        headers: { "X-API-Key": "k" },
        signal,
      })
      const type = answer.headers.get("Content-Type") ?? "no type"
      const text = await answer.text()
      return `${answer.status} ${type} ${text.length > 1e7 ? "huge" : /[}]$/.test(text) ? "whole" : "broken"}`
    } catch (error) {
      return error instanceof Error ? error.name : "thrown"
    }
  }
  return { vendor, ask, clock }
}

async function collect(seed: number, requests: number): Promise<string[]> {
  const { ask } = open(seed)
  const outcomes: string[] = []
  for (let count = 0; count < requests; count += 1) outcomes.push(await ask("/calls?limit=1"))
  return outcomes
}

describe("on its network", () => {
  test("every kind of fault has a share, and nine requests in ten none", () => {
    const shares = Object.values(EVERY_FAULT)
    expect(shares.every((share) => share > 0)).toBe(true)
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(0.1)
  })

  test("requests fail in every way that a caller can tell, and limits are kept", async () => {
    const outcomes = await collect(1, 1_500)
    for (const outcome of [
      "200 application/json whole",
      "200 application/json broken",
      "200 application/json huge",
      "200 text/plain whole",
      "200 text/html; charset=utf-8 broken",
      "429 application/json whole",
      "TypeError",
      "TimeoutError",
    ]) {
      expect(outcomes).toContain(outcome)
    }
    expect(outcomes.some((outcome) => /^50[023] /.test(outcome))).toBe(true)
    // One request every seven seconds is more than the two hundred an hour that are accepted.
    expect(outcomes.filter((outcome) => outcome.startsWith("429")).length).toBeGreaterThan(500)
  })

  test("the same seed fails in the same way", async () => {
    const [one, same, other] = [await collect(2, 150), await collect(2, 150), await collect(3, 150)]
    expect(same).toEqual(one)
    expect(other).not.toEqual(one)
  })
})

test("its calls are those that it serves, oddities included", async () => {
  const { vendor, clock } = open(4)
  const calls = vendor.calls.callsAt(clock.now)
  const direct = (path: string) => vendor.app.request(`/api/v1${path}`, { headers: { "X-API-Key": "k" } })
  const body: { pagination: { totalCount: number } } = JSON.parse(await (await direct("/calls")).text())
  expect(body.pagination.totalCount).toBe(calls.length)
  for (const call of calls.slice(0, 50)) {
    const text = await (await direct(`/calls/${call.id}`)).text()
    const { from, to, createdAt } = call
    // Some are written without a zone.
    const written = text.includes(`"createdAt":"${createdAt}"`) ? createdAt : createdAt.replace("Z", "")
    expect(JSON.parse(text)).toMatchObject({ data: { from, to, createdAt: written } })
  }
  expect(calls.some((call) => call.createdAt.endsWith(":00.000Z"))).toBe(true)
})
