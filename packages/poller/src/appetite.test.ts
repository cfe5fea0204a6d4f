/** After a poll that died at work, the next takes less on, or whatever killed the first would kill it too. */
import { MINUTE, SECOND } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { createMemory } from "./memory/memory.ts"
import { dieAt } from "./test-death.ts"
import { callAt, createTestWorld } from "./test-world.ts"

test("a backlog of four pages is read one page at a time after a death, and otherwise as far as a poll goes", async () => {
  const test = createTestWorld()
  for (let index = 0; index < 400; index++)
    test.book.add(callAt(`call-${index}`, 600 * MINUTE - index * SECOND, { score: 4 }))
  await dieAt(test, (store, die) => ({ ...store, writeWatch: die }))
  test.memory = createMemory()
  const careful = await test.pollAfter(80 * SECOND)
  expect(careful).toMatchObject({ kind: "poll", listed: 100 })
  const again = await test.pollAfter(20 * SECOND)
  expect(again.listed).toBeGreaterThan(100)
})
