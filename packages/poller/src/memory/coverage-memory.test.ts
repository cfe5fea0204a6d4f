/** What polls note for the coverage receipt: it never says more than was done, and little less. */
import { receiptOf, receiptText } from "@earshot/core/receipt/receipt"
import { HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { CALM, GOING, START, type TestWorld, callAt, createTestWorld, usesOf } from "../test-world.ts"
import { createMemory } from "./memory.ts"

async function receipt({ store, world }: TestWorld) {
  const span = { from: START - 3 * HOUR, to: START + HOUR }
  const [stored, control, watch] = await Promise.all([
    store.readCoverage(span),
    store.readControl(),
    store.readWatch(),
  ])
  return receiptOf({ stored, control, watch }, span, world.now())
}

const counts = async (test: TestWorld) => (await receipt(test)).total

/** Calls that are decided by one look. */
const decided = (test: TestWorld, from: number, count: number) => {
  for (let index = from; index < from + count; index++)
    test.book.add(callAt(`call-${index}`, 150 * MINUTE + index * SECOND, CALM))
}

test("a call counts as checked once everything that its rules need is known, and as waiting before", async () => {
  const test = createTestWorld()
  decided(test, 0, 9)
  test.book.add(callAt("going", 2 * MINUTE, GOING))
  test.book.add(callAt("flagged", 140 * MINUTE, { ...CALM, flagged: true }))
  await test.pollAfter(0)
  expect(await counts(test)).toMatchObject({
    listed: 11,
    checked: 10,
    waiting: 1,
    alerts: 1,
    alertsByRule: { flagged: 1 },
  })
})

test("calls that nobody could examine are said to be unexamined, and not checked", async () => {
  const test = createTestWorld({ limits: { detailPerHour: 0 } })
  decided(test, 0, 3)
  await test.pollAfter(0)
  expect(await counts(test)).toMatchObject({ checked: 0, waiting: 3 })
  for (let poll = 0; poll < 24; poll++) await test.pollAfter(20 * MINUTE)
  expect(await counts(test)).toMatchObject({ listed: 3, checked: 0, waiting: 0, unexamined: 3 })
})

test("notes are written every ten minutes at most, and an idle poll is one write and one request", async () => {
  const test = createTestWorld()
  decided(test, 0, 1)
  await test.pollAfter(0)
  decided(test, 1, 2)
  await test.pollAfter(MINUTE)
  expect(await counts(test)).toMatchObject({ listed: 3, checked: 1, waiting: 2 })
  await test.pollAfter(10 * MINUTE)
  expect(await counts(test)).toMatchObject({ listed: 3, checked: 3, waiting: 0 })
  const requests = test.requests.length
  const used = usesOf(test)
  await test.pollAfter(11 * MINUTE)
  expect(test.requests.length - requests).toBe(1)
  used.length = 0
  await test.pollAfter(20 * SECOND)
  expect(used).toEqual(["acquire"])
})

test("what a process took with it when it died, the next one finds in the records", async () => {
  const test = createTestWorld()
  await test.pollAfter(0)
  decided(test, 0, 5)
  await test.pollAfter(MINUTE)
  expect(await counts(test)).toMatchObject({ listed: 5, checked: 0, waiting: 5 })
  test.memory = createMemory()
  await test.pollAfter(MINUTE)
  expect(await counts(test)).toMatchObject({ listed: 5, checked: 5, waiting: 0 })
})

test("a call that somebody else may have noted since keeps what says less of it", async () => {
  const test = createTestWorld()
  await test.pollAfter(0)
  decided(test, 0, 1)
  await test.pollAfter(MINUTE)
  const [note] = test.memory.coverage.notes.values()
  if (!note) throw new Error("Nothing was noted.")
  const hour = START - 3 * HOUR
  await test.store.addCoverage(hour, { add: { unexamined: [note.key] }, remove: {} })
  const own = test.memory
  test.memory = { ...createMemory(), coverage: { ...createMemory().coverage, found: new Map() } }
  await test.pollAfter(MINUTE)
  test.memory = own
  await test.pollAfter(10 * MINUTE)
  expect(await counts(test)).toMatchObject({ checked: 0, unexamined: 1 })
})

test("a store that takes no notes costs no poll, and they are written once it does", async () => {
  const test = createTestWorld()
  decided(test, 0, 3)
  const { store } = test
  test.store = { ...store, addCoverage: () => Promise.reject(new Error("AccessDenied for +15551234567")) }
  expect(await test.pollAfter(0)).toMatchObject({ ok: true, new: 3 })
  expect(test.logs).toContainEqual({ level: "warn", event: "coverage.late", calls: 3, why: "Error" })
  test.store = store
  await test.pollAfter(10 * MINUTE)
  expect(await counts(test)).toMatchObject({ checked: 3 })
})

test("a gap that cannot be written down is found again by the next poll: nothing counts as complete before", async () => {
  const test = createTestWorld()
  await test.pollAfter(0)
  await test.pollAfter(20 * SECOND)
  const { store } = test
  test.store = { ...store, noteGap: () => Promise.reject(new Error("simulated")) }
  await expect(test.pollAfter(17 * MINUTE)).rejects.toThrow("simulated")
  test.store = store
  await test.pollAfter(20 * SECOND)
  expect((await receipt(test)).gaps.filter(({ kind }) => kind === "unread")).toHaveLength(1)
})

test("a time without a complete reading is a gap, whoever was there to note it", async () => {
  const test = createTestWorld()
  await test.pollAfter(0)
  await test.pollAfter(20 * SECOND)
  expect((await receipt(test)).gaps.filter(({ kind }) => kind === "unread")).toEqual([])
  const from = test.world.now()
  test.memory = createMemory()
  await test.pollAfter(17 * MINUTE)
  const [gap, ...more] = (await receipt(test)).gaps.filter(({ kind }) => kind === "unread")
  expect(more).toEqual([])
  expect(Math.abs((gap?.from ?? 0) - from)).toBeLessThan(MINUTE)
  expect(gap?.to).toBeGreaterThan(from + 17 * MINUTE - 1)
  expect(receiptText(await receipt(test))).toContain("no complete reading for 17 min")
})
