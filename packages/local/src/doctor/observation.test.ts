/** However a check ends, or if it never does, there is a line for it, and the others have theirs. */
import { realWorld } from "@earshot/io/world"
import { expect, test } from "vitest"
import { fine, runChecks } from "./observation.ts"

test("a check that hangs, and one that throws, each have a line, and stop no other", async () => {
  const slept: number[] = []
  // Time passes at once, for the one that hangs as for the others: those that answer do so first.
  const world = {
    ...realWorld(() => {}),
    sleep: async (milliseconds: number) => {
      slept.push(milliseconds)
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
    },
  }
  const observations = await runChecks(world, [
    { name: "hangs", look: () => new Promise(() => {}) },
    { name: "throws", look: () => Promise.reject(new RangeError("of ew_secret")) },
    { name: "two", look: async () => [fine("One."), fine("Two.")] },
  ])
  expect(slept.filter((milliseconds) => milliseconds > 15_000)).toEqual([])
  expect(observations.map(({ check, state, said }) => ({ check, state, said }))).toEqual([
    { check: "hangs", state: "wrong", said: "There was no answer within 12 s." },
    { check: "throws", state: "wrong", said: "It could not be looked at (RangeError)." },
    { check: "two", state: "ok", said: "One." },
    { check: "two", state: "ok", said: "Two." },
  ])
  expect(observations.filter(({ state }) => state === "wrong").every(({ todo }) => todo !== null)).toBe(true)
  expect(JSON.stringify(observations)).not.toContain("ew_secret")
})
