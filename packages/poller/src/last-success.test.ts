/** When a channel last took a message is known from its pace, through failures and other processes, and costs no write of its own. */
import { HOLD_MAX_MS } from "@earshot/core/alert/pace"
import { DAY, HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import { channelHealth } from "@earshot/core/turn/channel-state"
import { expect, test } from "vitest"
import { createMemory } from "./memory/memory.ts"
import { CALM, START, type TestWorld, callAt, createTestWorld, usesOf } from "./test-world.ts"

const flag = ({ book, world }: TestWorld, id: string) =>
  book.add(callAt(id, START - world.now() + 70_000, { flagged: true, ...CALM }))

async function tookAgo({ store, world }: TestWorld): Promise<number | null> {
  const [incidents, pace] = await Promise.all([store.readIncidents(), store.readPace("slack")])
  const { tookAt } = channelHealth(incidents, { id: "slack", pace, now: world.now() })
  return tookAt === null ? null : world.now() - tookAt
}

test("it is the last message's time, also in another process a day later, and an idle poll writes nothing for it", async () => {
  const world = createTestWorld()
  await world.pollAfter(0)
  expect(await tookAgo(world)).toBeNull()
  flag(world, "a")
  await world.pollAfter(20 * SECOND)
  expect(await tookAgo(world)).toBeLessThanOrEqual(HOLD_MAX_MS)
  world.memory = createMemory()
  const used = usesOf(world)
  await world.pollAfter(DAY)
  expect(used).not.toContain("writePace")
  expect(await tookAgo(world)).toBeGreaterThanOrEqual(DAY)
  expect(await tookAgo(world)).toBeLessThanOrEqual(DAY + HOLD_MAX_MS)
})

test.each([
  ["refuses", { kind: "no_service" as const }],
  ["fails", { kind: "server_error" as const }],
])("a channel that %s took its last message before that, whoever asks it again", async (_, failure) => {
  const world = createTestWorld()
  flag(world, "a")
  await world.pollAfter(0)
  flag(world, "b")
  world.slack.failAlways(failure)
  for (let minute = 0; minute < 60; minute++) {
    if (minute % 3 === 0) world.memory = createMemory()
    await world.pollAfter(MINUTE)
    expect(await tookAgo(world)).toBeGreaterThanOrEqual((minute + 1) * MINUTE - SECOND)
  }
  world.slack.failAlways(undefined)
  let turn = 0
  while (!world.told().includes("b") && turn++ < 60) await world.pollAfter(MINUTE)
  expect(await tookAgo(world)).toBeLessThanOrEqual(HOLD_MAX_MS)
  // A day later somebody else asks it, and it refuses.
  await world.pollAfter(DAY)
  world.memory = createMemory()
  flag(world, "c")
  world.slack.failAlways(failure)
  await world.pollAfter(HOUR)
  expect(await tookAgo(world)).toBeGreaterThanOrEqual(DAY)
  expect(await tookAgo(world)).toBeLessThan(DAY + 2 * HOUR)
})
