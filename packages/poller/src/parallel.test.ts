/** Work on many things at once, but not on all of them. */
import { createVirtualClock } from "@earshot/calls-api/virtual-clock"
import { expect, test } from "vitest"
import { inParallel } from "./parallel.ts"

test("comes in the order of the items, in whatever order it is done, and never more of it at once than there are lanes", async () => {
  const clock = createVirtualClock(0)
  let busy = 0
  let most = 0
  const done: number[] = []
  const work = async (milliseconds: number) => {
    most = Math.max(most, ++busy)
    await clock.sleep(milliseconds)
    busy--
    done.push(milliseconds)
    return `after ${milliseconds}`
  }
  expect(await clock.run(inParallel([30, 10, 50, 5], 2, work))).toEqual([
    "after 30",
    "after 10",
    "after 50",
    "after 5",
  ])
  expect({ most, done }).toEqual({ most: 2, done: [10, 30, 5, 50] })
  expect(await inParallel([], 2, work)).toEqual([])
})

test("ends with the first that fails, and nothing is begun after it", async () => {
  const begun: number[] = []
  const work = async (item: number) => {
    begun.push(item)
    if (item === 2) throw new Error("two")
  }
  await expect(inParallel([1, 2, 3, 4, 5, 6], 2, work)).rejects.toThrow("two")
  await Promise.resolve()
  expect(begun).not.toContain(6)
})
