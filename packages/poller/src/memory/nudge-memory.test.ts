/** Of how many ends nudges tell, be it a moment after somebody has looked. */
import { callKey } from "@earshot/core/watch/call-key"
import { describe, expect, test } from "vitest"
import { createNudgeMemory, leaveToPoll, noteEnds, noteTold, takeLeft } from "./nudge-memory.ts"

const keys = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => callKey(`call-${from + index}`))

/** The share after a hundred ends, ten at a time, with what comes after each ten. */
function shareOf(
  told: "told" | "untold",
  then: (memory: ReturnType<typeof createNudgeMemory>, from: number) => void,
) {
  const memory = createNudgeMemory()
  for (let from = 0; from < 100; from += 10) {
    noteEnds(memory, keys(10, from), told)
    then(memory, from)
  }
  return memory.toldShare
}

const nothing = () => {}

describe("the share of ends that nudges tell of", () => {
  test("is that of late", () => {
    expect(shareOf("told", nothing)).toBeGreaterThan(0.99)
    expect(shareOf("untold", nothing)).toBe(0)
    const memory = createNudgeMemory()
    noteEnds(memory, keys(10), "told")
    const before = memory.toldShare
    noteEnds(memory, keys(10, 10), "untold")
    expect(memory.toldShare).toBeLessThan(before)
  })

  test("counts those that were noticed a moment before the nudge came", () => {
    expect(shareOf("untold", (memory, from) => noteTold(memory, keys(10, from)))).toBeGreaterThan(0.9)
    expect(shareOf("untold", (memory, from) => noteTold(memory, keys(5, from)))).toBeGreaterThan(0.3)
  })

  test("is not made greater by nudges that come twice, or name calls whose end nobody has noticed", () => {
    const once = createNudgeMemory()
    noteEnds(once, keys(10), "untold")
    noteTold(once, keys(4))
    const { toldShare } = once
    noteTold(once, keys(4))
    noteTold(once, keys(50, 1000))
    expect(once.toldShare).toBe(toldShare)
  })

  test("counts an end once: a nudge may tell of it before any list has shown the call", () => {
    const memory = createNudgeMemory()
    noteEnds(memory, keys(10), "told")
    const { toldShare } = memory
    noteEnds(memory, keys(10), "untold")
    expect(memory.toldShare).toBe(toldShare)
  })

  test("is not lost when a list shows very many ends at once, and nothing is kept of those of long ago", () => {
    const memory = createNudgeMemory()
    noteEnds(memory, keys(100), "told")
    const { toldShare } = memory
    noteEnds(memory, keys(500, 100), "untold")
    expect(memory.toldShare).toBeGreaterThan(toldShare / 2)
    for (let from = 0; from < 1000; from += 10) noteEnds(memory, keys(10, 1000 + from), "told")
    expect(memory.ends.size).toBeLessThanOrEqual(100)
  })
})

test("nudges left to a poll are handed over once, and at most a hundred are kept", () => {
  const memory = createNudgeMemory()
  const nudge = { id: null, party: null, tries: 0 }
  for (let index = 0; index < 30; index++)
    leaveToPoll(
      memory,
      Array.from({ length: 10 }, () => nudge),
    )
  expect(takeLeft(memory)).toHaveLength(100)
  expect(takeLeft(memory)).toEqual([])
})
