/** The vendor's own count of an hour's calls: asked once, within the limits, and compared with what Earshot was shown. */
import { receiptOf } from "@earshot/core/receipt/receipt"
import { HOUR, MINUTE, SECOND, isoOf } from "@earshot/core/instant"
import { EMPTY_WATCH } from "@earshot/core/watch/watch"
import { expect, test } from "vitest"
import * as z from "zod"
import { CALM, type TestWorld, addressOf, callAt, createTestWorld } from "./test-world.ts"

const Page = z.looseObject({ pagination: z.looseObject({ totalCount: z.number() }) })

/** The addresses of the requests that ask for a count. */
function countedIn(test: TestWorld): string[] {
  const asked: string[] = []
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    const address = addressOf(input)
    if (address.includes("dateTo=") && address.includes("limit=1&")) asked.push(decodeURIComponent(address))
    return fetch(input, init)
  }
  return asked
}

async function hoursOf(test: TestWorld) {
  const now = test.world.now()
  const span = { from: now - 6 * HOUR, to: now }
  const [stored, control] = await Promise.all([test.store.readCoverage(span), test.store.readControl()])
  return receiptOf({ stored, control, watch: EMPTY_WATCH }, span, now).hours
}

test("is asked once for each hour that is over and was read, and says what Earshot was not shown", async () => {
  const test = createTestWorld()
  const asked = countedIn(test)
  const start = test.world.now()
  for (let poll = 0; poll < 14; poll++) {
    test.book.add(callAt(`call-${poll}`, start - test.world.now() - MINUTE, CALM))
    await test.pollAfter(10 * MINUTE)
  }
  const { fetch } = test.world
  // Two more than the list has ever shown.
  test.world.fetch = async (input, init) => {
    const answer = await fetch(input, init)
    if (!addressOf(input).includes("dateTo=")) return answer
    const body = Page.parse(await answer.json())
    const totalCount = body.pagination.totalCount + 2
    return Response.json({ ...body, pagination: { ...body.pagination, totalCount } })
  }
  for (let poll = 0; poll < 6; poll++) await test.pollAfter(10 * MINUTE)
  expect(new Set(asked).size).toBe(asked.length)
  expect(asked).toHaveLength(3)
  expect(asked[1]).toContain(`dateFrom=${isoOf(start)}&dateTo=${isoOf(start + HOUR - 1)}`)
  const counted = (await hoursOf(test)).filter(({ vendorTotal }) => vendorTotal !== null)
  expect(counted.map(({ listed, missing, vendorTotal }) => ({ listed, missing, vendorTotal }))).toEqual([
    { listed: 0, missing: 0, vendorTotal: 0 },
    { listed: 6, missing: 0, vendorTotal: 6 },
    { listed: 6, missing: 2, vendorTotal: 8 },
  ])
})

test("is not asked where no list request is to spare, nor where the vendor asks to wait", async () => {
  const test = createTestWorld()
  test.setup.limits = { ...test.setup.limits, listPerHour: 20, gateMs: 190 * SECOND }
  const asked = countedIn(test)
  for (let poll = 0; poll < 50; poll++) await test.pollAfter(190 * SECOND)
  expect(asked.length).toBeLessThanOrEqual(2)
  const used = await test.store.readControl()
  expect(used?.ring.list.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(20)
})

test("that cannot be written fails no poll", async () => {
  const test = createTestWorld()
  const { addCoverage } = test.store
  test.store.addCoverage = async (hour, change) => {
    if (change.add.totals) throw new TypeError("terminated")
    return addCoverage(hour, change)
  }
  const asked = countedIn(test)
  for (let poll = 0; poll < 12; poll++) expect(await test.pollAfter(10 * MINUTE)).toMatchObject({ ok: true })
  expect(asked).toHaveLength(2)
  expect(test.logs).toContainEqual({ level: "warn", event: "total.failed", why: "TypeError" })
})
