/** Nudges that use more than their part are found out, whichever kind of request it is, and those that do not are left alone. */
import { HOUR, MINUTE } from "@earshot/core/instant"
import { nudgeLimit } from "@earshot/core/turn/nudge"
import { expect, test } from "vitest"
import { LIMITS } from "../fleet.ts"
import { START } from "../scenario.ts"
import { nudgeChecked } from "./nudged.ts"

test.each(["list", "detail"] as const)("more than their part of %s requests within an hour", (kind) => {
  let now = START
  const violations: string[] = []
  const check = nudgeChecked({ now: () => now }, () => false, { violated: (text) => violations.push(text) })
  const asked = (one: { list: number; detail: number }, forMs = 0) => check(one, now - forMs)
  const one = { list: 0, detail: 0, [kind]: 1 }
  const max = nudgeLimit(kind, LIMITS)
  expect(max).toBe(kind === "list" ? 4 : 100)
  for (let request = 0; request < max; request++) asked(one)
  expect(violations).toEqual([])
  now += HOUR - MINUTE
  asked(one)
  expect(violations).toEqual([`nudges used ${max + 1} ${kind} requests within an hour`])
  now += HOUR + MINUTE
  // They were made before the look ended.
  for (let request = 0; request < max; request++) asked(one, MINUTE)
  expect(violations).toHaveLength(1)
  now += HOUR - MINUTE
  asked(one)
  expect(violations).toHaveLength(1)
})
