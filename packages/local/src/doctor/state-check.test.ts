/** What the doctor says of nudges: that none comes though calls end is wrong, and nothing else is. And of channels that fail. */
import { DAY, HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import { FIRST_CONTROL } from "@earshot/core/turn/control"
import { hourOf } from "@earshot/core/receipt/hour"
import { NO_NUDGES } from "@earshot/core/turn/nudge"
import { NO_INCIDENTS } from "@earshot/core/turn/incident"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import { expect, test } from "vitest"
import { lookAtChannels, lookAtNudges } from "./state-check.ts"

const NOW = 20_000 * DAY + 30 * MINUTE

const world = {
  fetch: async () => new Response(),
  now: () => NOW,
  sleep: async () => {},
  random: () => 0.5,
  log: () => {},
}

/** The last nudge came then, and some calls ended in every hour for longer than a day. */
async function seen(nudgedAt: Instant | null, calls: number, isSetUp = true) {
  const store = createMemoryStore()
  for (let hour = 0; hour < 30; hour++) {
    const checked = Array.from({ length: calls }, (_, index) => `${hour}-${index}`)
    await store.addCoverage(hourOf(NOW) - hour * HOUR, { add: { checked }, remove: {} })
  }
  const control = nudgedAt === null ? null : { ...FIRST_CONTROL, nudges: { ...NO_NUDGES, at: nudgedAt } }
  return lookAtNudges(world, store, { control }, isSetUp)
}

test.each([
  // The calls of this hour, and of the 24 before it.
  [0, 2, { state: "wrong", said: "No nudge has come in the last 24 hours, though 50 calls ended." }],
  [NOW - DAY - MINUTE, 2, { state: "wrong" }],
  [null, 2, { state: "wrong" }],
  [NOW - DAY + MINUTE, 2, { state: "ok", said: "The last came 23 h 59 min ago, or since." }],
  [NOW + MINUTE, 2, { state: "ok" }],
  [null, 0, { state: "ok", said: "None has come yet." }],
])("where the last came at %s and %s calls end in an hour", async (nudgedAt, calls, said) => {
  expect(await seen(nudgedAt, calls)).toMatchObject(said)
})

test("where none are taken, silence is no fault", async () => {
  expect(await seen(null, 2, false)).toMatchObject({
    state: "ok",
    said: expect.stringMatching(/^None are taken: NUDGE_SECRET/),
  })
})

test("where the table cannot be read, nothing is said of nudges", async () => {
  expect(await lookAtNudges(world, createMemoryStore(), "unreadable", true)).toMatchObject({
    state: "skipped",
  })
})

test("a message that failed once is no fault, and is said all the same: which channel, why, and since when", async () => {
  const store = createMemoryStore()
  expect(await lookAtChannels(world, store, { control: null })).toMatchObject([{ state: "ok" }])
  const slack = {
    failingSince: NOW - 2 * MINUTE,
    tookAt: 0,
    isRefused: false,
    why: "it answers 503",
    deadAt: [],
    hasDead: false,
    isTold: false,
    toldAt: 0,
  }
  await store.writeIncidents({ ...NO_INCIDENTS, version: 1, channels: { slack } })
  const said = "slack has not taken a message for 2 min (it answers 503). It is tried again."
  expect(await lookAtChannels(world, store, { control: null })).toMatchObject([{ state: "ok", said }])
})
