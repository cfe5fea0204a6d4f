/** However slow the table, the vendor and the channels are, a poll is over within fifty seconds; and the work gets done. */
import { MINUTE, SECOND } from "@earshot/core/instant"
import type { Store } from "@earshot/io/store/store"
import { withinTime } from "@earshot/io/world"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { createMemory } from "./memory/memory.ts"
import { START, type TestWorld, addressOf, callAt, createTestWorld } from "./test-world.ts"

/** The store with answers that take so long. */
function slowStore(test: TestWorld, latency: () => number): Store {
  return new Proxy(test.store, {
    get: (target, name, receiver) => {
      const method: unknown = Reflect.get(target, name, receiver)
      if (typeof method !== "function" || name === "takeUnreadable") return method
      return async (...given: unknown[]) => {
        await test.world.sleep(latency())
        return Reflect.apply(method, target, given)
      }
    },
  })
}

/** Every channel hangs, and so does the vendor for some of its requests. */
function slowNetwork(
  test: TestWorld,
  { vendorMs, channelMs }: { vendorMs: number; channelMs: number },
): void {
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    const isVendor = addressOf(input).includes("echo.win")
    const answered = await withinTime(test.world, 30 * SECOND, async () => {
      await test.world.sleep(isVendor ? vendorMs : channelMs)
      return fetch(input, init)
    })
    return answered === "timeout" ? new Promise(() => {}) : answered
  }
}

/** Since it was called, whether it failed or not. */
async function durationOf(test: TestWorld, calls: number): Promise<number> {
  for (let call = 0; call < calls; call++)
    test.book.add(callAt(`call-${call}`, 70_000 + call, call % 2 === 0 ? { flagged: true } : { score: 4 }))
  const from = test.world.now()
  await test.pollAfter(0).catch((error: unknown) => {
    expect(String(error)).toContain("ran out of time")
  })
  return test.world.now() - from
}

test("with a channel that hangs and a table that takes seven seconds", async () => {
  const test = createTestWorld()
  test.store = slowStore(test, () => 7 * SECOND)
  slowNetwork(test, { vendorMs: 2 * SECOND, channelMs: 60 * SECOND })
  expect(await durationOf(test, 20)).toBeLessThan(50 * SECOND)
})

test("whatever takes how long", async () => {
  const any = fc.record({
    tableMs: fc.oneof(fc.nat(200), fc.integer({ min: 1, max: 7000 })),
    vendorMs: fc.integer({ min: 1, max: 9000 }),
    channelMs: fc.oneof(fc.nat(400), fc.integer({ min: 1, max: 20_000 })),
    calls: fc.integer({ min: 1, max: 40 }),
  })
  await fc.assert(
    fc.asyncProperty(any, async ({ tableMs, vendorMs, channelMs, calls }) => {
      const test = createTestWorld()
      test.store = slowStore(test, () => tableMs)
      slowNetwork(test, { vendorMs, channelMs })
      expect(await durationOf(test, calls)).toBeLessThan(50 * SECOND)
    }),
    { numRuns: 40 },
  )
})

test("and once all is quick again, everybody hears of everything once, or again with a mark", async () => {
  const test = createTestWorld()
  const { store } = test
  const { fetch } = test.world
  test.store = slowStore(test, () => 6 * SECOND)
  slowNetwork(test, { vendorMs: 3 * SECOND, channelMs: 12 * SECOND })
  await durationOf(test, 6)
  for (let turn = 0; turn < 4; turn++) {
    test.memory = createMemory()
    await test.pollAfter(20 * SECOND).catch(() => {})
  }
  test.store = store
  test.world.fetch = fetch
  for (let turn = 0; turn < 30; turn++) await test.pollAfter(20 * SECOND)
  const told = test.told()
  expect(new Set(told)).toEqual(new Set(["call-0", "call-2", "call-4"]))
  const unmarked = test.slack.received.filter(
    ({ payload }) => !JSON.stringify(payload).includes("may be a repeat"),
  )
  expect(unmarked.length).toBeLessThanOrEqual(3)
  expect(test.world.now() - START).toBeLessThan(60 * MINUTE)
})
