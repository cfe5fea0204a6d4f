/** What a write costs in an index: one unit for an entry that comes, changes or goes, two for one that moves. */
import { expect, test } from "vitest"
import { createIndexMeter } from "./index-meter.ts"

const call = (more: object = {}) => ({ Item: { pk: { S: "TEAM#t" }, sk: { S: "CALL#a" }, ...more } })

const due = (at: number, pending = 1) => ({
  duePk: { S: "DUE#t" },
  dueAt: { N: String(at) },
  pending: { N: String(pending) },
})

test("an entry costs a unit when it comes, changes or goes, two when it moves, and nothing otherwise", () => {
  const meter = createIndexMeter()
  const raisedAt = { N: "5" }
  expect(meter(call())).toBe(0)
  expect(meter(call({ ...due(1), raisedAt }))).toBe(2)
  expect(meter(call({ ...due(1), raisedAt }))).toBe(0)
  expect(meter(call({ ...due(1, 2), raisedAt }))).toBe(1)
  expect(meter(call({ ...due(3, 2), raisedAt }))).toBe(2)
  expect(meter(call({ raisedAt }))).toBe(1)
  expect(meter({ Key: {} })).toBe(0)
})
