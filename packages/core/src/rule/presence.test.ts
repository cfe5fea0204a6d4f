/** What is counted of calls, and when it means that a field is never there. */
import { describe, expect, test } from "vitest"
import { activityOf, factsOf } from "../test-example.ts"
import { fieldNamed } from "./field.ts"
import {
  NO_PRESENCE,
  addPresence,
  dayOf,
  firstDayOf,
  isNeverThere,
  presenceIn,
  presenceOf,
  scoreScaleNotice,
} from "./presence.ts"
import { NO_NAMES, newNames } from "./seen-name.ts"

const field = (name: string) => {
  const found = fieldNamed(name)
  if (!found) throw new Error(`There is no field ${name}.`)
  return found
}
const callOf = (changes: Parameters<typeof factsOf>[0]) => factsOf(changes).call
const times = (count: number, part: ReturnType<typeof presenceOf>) =>
  Array.from({ length: count }, () => part).reduce(addPresence, NO_PRESENCE)

test("a call counts each field that it has, and what only a detail has only if one was fetched", () => {
  const call = callOf({ summary: "About a teapot.", score: null, memory: "Calls often." })
  const listed = presenceOf(call, { hasDetail: false })
  expect(presenceIn(listed, field("summary"))).toEqual({ calls: 1, present: 1 })
  expect(presenceIn(listed, field("score"))).toEqual({ calls: 1, present: 0 })
  expect(presenceIn(listed, field("memory"))).toEqual({ calls: 0, present: 0 })
  expect(presenceIn(presenceOf(call, { hasDetail: true }), field("memory"))).toEqual({ calls: 1, present: 1 })
})

describe("the names of tools and agents", () => {
  const tool = (name: string) => ({ ...activityOf("TOOL_CALL"), toolData: { tool: name } })
  const call = callOf({ activityTimeline: [tool("book"), tool("book"), tool("check")] })

  test("are noted once each, and those of tools only from a detail", () => {
    const part = { calls: 1, names: { "agent.id": ["agent-1"], "agent.name": ["Front desk"] }, isCut: false }
    expect(presenceOf(call, { hasDetail: true }).seen).toMatchObject({
      ...part,
      details: 1,
      names: { tools: ["book", "check"] },
    })
    expect(presenceOf(call, { hasDetail: false }).seen).toMatchObject({
      ...part,
      details: 0,
      names: { tools: [] },
    })
    expect(times(3, presenceOf(call, { hasDetail: true })).seen).toMatchObject({
      calls: 3,
      names: { tools: ["book", "check"] },
    })
  })

  test("are bounded, and it is known when some were left out", () => {
    const many = Array.from({ length: 101 }, (_, index) =>
      presenceOf(callOf({ activityTimeline: [tool(`t-${index}`)] }), { hasDetail: true }),
    )
    expect(many.slice(1).reduce(addPresence, NO_PRESENCE).seen).toMatchObject({ isCut: false })
    const { seen } = many.reduce(addPresence, NO_PRESENCE)
    expect([seen.names.tools.length, seen.isCut]).toEqual([100, true])
    const long = presenceOf(callOf({ agent: { id: "", name: "x".repeat(101) } }), { hasDetail: false })
    expect(long.seen).toMatchObject({ names: { "agent.id": [], "agent.name": [] }, isCut: true })
  })

  test("that were added before are not added again, nor more than there is room for beside them", () => {
    const now = presenceOf(call, { hasDetail: true }).seen
    const tools = Array.from({ length: 99 }, (_, index) => `t-${index}`)
    const before = { ...NO_NAMES, names: { ...NO_NAMES.names, tools, "agent.id": ["agent-1"] } }
    expect(newNames(now, before)).toEqual({
      ...now,
      names: { tools: ["book"], "agent.id": [], "agent.name": ["Front desk"] },
      isCut: true,
    })
  })
})

describe("never there is a field", () => {
  const without = presenceOf(callOf({ memory: null }), { hasDetail: true })
  test.each([
    ["after fifty calls without it", times(50, without), true],
    ["not after fewer", times(49, without), false],
    [
      "not if one call had it",
      addPresence(times(99, without), presenceOf(callOf({ memory: "Ann" }), { hasDetail: true })),
      false,
    ],
    [
      "not by calls whose detail nobody fetched",
      times(99, presenceOf(callOf({}), { hasDetail: false })),
      false,
    ],
  ])("%s", (_, presence, is) => {
    expect(isNeverThere(presence, field("memory"))).toBe(is)
  })
})

test("scores that never exceed 1 are noticed after fifty of them, and one above settles it", () => {
  const share = presenceOf(callOf({ score: 0.8 }), { hasDetail: false })
  expect(scoreScaleNotice(times(49, share))).toBeNull()
  expect(scoreScaleNotice(times(50, share))).toBe(
    "None of the last 50 scores is above 1: this team's scores seem to go from 0 to 1, not from 0 to 5.",
  )
  const above = presenceOf(callOf({ score: 1.5 }), { hasDetail: false })
  expect(scoreScaleNotice(addPresence(times(99, share), above))).toBeNull()
  const unscored = presenceOf(callOf({ score: null }), { hasDetail: false })
  expect(scoreScaleNotice(times(99, unscored))).toBeNull()
})

test("days are those of UTC, and seven of them count", () => {
  const now = Date.UTC(2026, 0, 7, 23, 59)
  expect(dayOf(now)).toBe("2026-01-07")
  expect(firstDayOf(now)).toBe("2026-01-01")
})
