/** What is kept of the last polls: a few, in the order of time, in the room that a failure leaves. */
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { DAY, HOUR, MINUTE } from "../instant.ts"
import { START } from "../test-example.ts"
import { FAILURE_BYTES_MAX, failureAfter } from "./failure.ts"
import { type PastPoll, packPolls, pollsBeside, unpackPolls, withPoll } from "./past-poll.ts"

const pollAt = (at: number, changes: Partial<PastPoll> = {}): PastPoll => {
  return { at, outcome: "complete", listed: 80, alerts: 1, ...changes }
}

const ten = Array.from({ length: 12 }, (_, index) => pollAt(START + index * MINUTE)).reduce(withPoll, [])

test("the newest ten are kept, by the second", () => {
  expect(ten.map(({ at }) => (at - START) / MINUTE)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2])
  expect(withPoll([], pollAt(START + 999))).toEqual([pollAt(START)])
})

test("counts stop at what there is room for", () => {
  const [kept] = unpackPolls(packPolls(withPoll([], pollAt(START, { listed: 5000, alerts: 2000 }))))
  expect(kept).toMatchObject({ listed: 1295, alerts: 1295 })
})

test("what a clock that was ahead has noted goes with the next one", () => {
  expect(withPoll([pollAt(START + DAY), pollAt(START)], pollAt(START + MINUTE))).toEqual([
    pollAt(START + MINUTE),
    pollAt(START),
  ])
})

test("one of long before the next is forgotten", () => {
  const polls = [pollAt(START), pollAt(START - HOUR), pollAt(START - DAY)]
  expect(unpackPolls(packPolls(polls))).toEqual(polls.slice(0, 2))
})

test("a failure leaves room for as many as its message is short", () => {
  const left = (message: string) => pollsBeside(ten, failureAfter(null, "server", message, START)).length
  expect(pollsBeside(ten, null)).toHaveLength(10)
  expect([left("x".repeat(48)), left("x".repeat(98)), left("x".repeat(FAILURE_BYTES_MAX))]).toEqual([
    10, 4, 0,
  ])
})

test("what cannot be read is none, whatever it is, and an outcome that is not known is left out", () => {
  expect(unpackPolls(packPolls([pollAt(START)]).replace("c", "z"))).toEqual([])
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-z]{7}([0-9a-z]{8})*$/)), (text) => {
      for (const { at } of unpackPolls(text)) expect(Number.isFinite(at)).toBe(true)
    }),
  )
})
