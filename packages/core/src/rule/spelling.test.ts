/** If a name is misspelt, the answer suggests the one that was probably meant. */
import { expect, test } from "vitest"
import { nearestName } from "./spelling.ts"

const NAMES = ["to", "score", "duration", "sentiment.angry", "usage.totalTokens", "agent.name", "any"]

test.each([
  ["scroe", "score"],
  ["Score", "score"],
  ["scores", "score"],
  ["angry", "sentiment.angry"],
  ["sentiment.angri", "sentiment.angry"],
  ["agentName", "agent.name"],
  ["callDuration", "duration"],
  ["tokens", "usage.totalTokens"],
  ["and", "any"],
])("%s means %s", (word, name) => {
  expect(nearestName(word, NAMES)).toBe(name)
})

test.each(["", "x", "id", "weather", "t".repeat(41), "score".repeat(100_000)])("%.20s means none", (word) => {
  expect(nearestName(word, NAMES)).toBeNull()
})
