/** People are told if a team's scores are on another scale than the documented one. */
import { expect, test } from "vitest"
import { scoreScaleNotice } from "./score-scale.ts"

test("many scores of which none exceeds 1 are said to be on another scale", () => {
  expect(scoreScaleNotice({ count: 50, max: 0.97 })).toBe(
    "None of the last 50 scores is above 0.97: this team's scores seem to go from 0 to 1, not from 0 to 5.",
  )
  expect(scoreScaleNotice({ count: 5000, max: 1 })).not.toBeNull()
})

test("a few prove nothing, and one above 1 disproves it", () => {
  expect(scoreScaleNotice({ count: 49, max: 1 })).toBeNull()
  expect(scoreScaleNotice({ count: 5000, max: 1.5 })).toBeNull()
  expect(scoreScaleNotice({ count: 0, max: null })).toBeNull()
})
