/** What is owed is remembered by the poller's state, so that polls which find nothing else to do deliver it soon. */
import { expect, test } from "vitest"
import { addressOf, callAt, createTestWorld, dieAt, START } from "./test-world.ts"

const GATE = 20_000
/** So few that none is left for reading old calls again: a poll that does that looks for what is owed anyway. */
const limits = { listPerHour: 100 }

test("a message that a channel did not take is sent again within a minute, even if nothing else happens", async () => {
  const test = createTestWorld({ limits })
  await test.pollAfter(0)
  test.book.add(callAt("bad", 70_000, { flagged: true }))
  test.snsStatus = 500
  expect(await test.pollAfter(GATE)).toMatchObject({ alerts: 1, delivered: 1, failed: 1, pending: 1 })
  test.snsStatus = 0
  for (let poll = 0; poll < 3; poll++) expect(await test.pollAfter(GATE)).toMatchObject({ details: 0 })
  expect(test.mails).toHaveLength(1)
})

test("a message that waits to be sent again is not forgotten because the index does not show it yet", async () => {
  const test = createTestWorld({ limits })
  await test.pollAfter(0)
  test.slack.failNext({ kind: "rate_limited", retryAfterSeconds: 19 })
  test.book.add(callAt("bad", 70_000, { flagged: true }))
  expect(await test.pollAfter(GATE)).toMatchObject({ delivered: 1, failed: 1, pending: 1 })
  const { dueCalls } = test.store
  test.store.dueCalls = async () => []
  expect(await test.pollAfter(GATE)).toMatchObject({ delivered: 0, pending: 1 })
  test.store.dueCalls = dueCalls
  expect(await test.pollAfter(GATE)).toMatchObject({ delivered: 1, pending: 0 })
  expect(test.told()).toEqual(["bad"])
})

test("what a poll has kept and not sent is sent by the next one, even while another message waits for its time", async () => {
  const test = createTestWorld({ limits })
  test.slack.failNext({ kind: "rate_limited", retryAfterSeconds: 1500 })
  test.book.add(callAt("waiting", 70_000, { flagged: true }))
  expect(await test.pollAfter(0)).toMatchObject({ delivered: 1, failed: 1, pending: 1 })
  test.book.add(callAt("bad", 70_000, { flagged: true }))
  test.advance(GATE)
  await dieAt(test, (store, die) => ({ ...store, dueCalls: die }))
  expect(test.told()).toEqual([])
  expect(await test.pollAfter(GATE)).toMatchObject({ alerts: 0, delivered: 2, pending: 1 })
  expect(test.told()).toEqual(["bad"])
})

test("what a poll has kept and not sent is sent by the next one, even if that has looked for it a moment ago", async () => {
  const test = createTestWorld({ limits })
  expect(await test.pollAfter(0)).toMatchObject({ pending: 0 })
  test.book.add(callAt("bad", 70_000, { flagged: true }))
  test.advance(GATE)
  await dieAt(test, (store, die) => ({ ...store, dueCalls: die }))
  expect(test.told()).toEqual([])
  expect(await test.pollAfter(GATE)).toMatchObject({ alerts: 0, details: 0, delivered: 2 })
  expect(test.told()).toEqual(["bad"])
})

test("what a poll has kept and not sent is sent by the next one, even while a channel that hangs owes hundreds of others", async () => {
  const test = createTestWorld({ limits })
  test.book.add(callAt("bad", 70_000, { flagged: true }))
  await dieAt(test, (store, die) => ({ ...store, dueCalls: die }))
  const bad = await test.store.readCall("bad")
  if (!bad) throw new Error("It was kept.")
  for (let index = 0; index < 450; index++) {
    const owed = { channel: "slack", attempts: 8, owedAt: START, mayRepeat: true } as const
    const deliveries = [{ ...owed, state: "due", dueAt: START - 450 + index } as const]
    await test.store.writeCall({ ...bad.value, callId: `old-${index}`, deliveries }, 0)
  }
  const { fetch, sleep } = test.world
  test.world.fetch = (input, init) =>
    addressOf(input).includes("hooks.slack.com")
      ? sleep(60_000).then(() => fetch(input, init))
      : fetch(input, init)
  await test.pollAfter(GATE)
  expect(test.mails).toHaveLength(1)
})
