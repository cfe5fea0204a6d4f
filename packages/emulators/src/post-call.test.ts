/** When post-call workflows call, and what they say. */
import { expect, test } from "vitest"
import { POST_CALL_AHEAD_MS, USUAL_HABITS, planPostCall, postCallBody } from "./post-call.ts"
import { createRandom } from "./random.ts"

const CALLS = 20_000

const plans = (() => {
  const random = createRandom("post-call test")
  return Array.from({ length: CALLS }, () => planPostCall(random, USUAL_HABITS))
})()

test("nine of ten calls are followed by a request, between half a second and ten seconds later", () => {
  const sent = plans.filter((plan) => plan.length > 0)
  expect(sent.length / CALLS).toBeCloseTo(0.9, 2)
  const late = sent.flatMap(([first = 0]) => (first >= 0 ? [first] : [])).sort((a, b) => a - b)
  expect(late[0]).toBeGreaterThanOrEqual(500)
  expect(late.at(-1)).toBeLessThanOrEqual(10_000)
  expect(late[Math.floor(late.length / 2)]).toBeGreaterThan(1000)
  expect(late[Math.floor(late.length / 2)]).toBeLessThan(1400)
  expect(late[Math.floor(late.length * 0.99)]).toBeGreaterThan(3500)
})

test("some come twice, and some before the end is shown", () => {
  expect(plans.filter((plan) => plan.length === 2).length / CALLS).toBeCloseTo(0.045, 2)
  const early = plans.filter(([first = 0]) => first < 0)
  expect(early.length / CALLS).toBeCloseTo(0.045, 2)
  for (const [first = 0] of early) expect(first).toBeGreaterThanOrEqual(-POST_CALL_AHEAD_MS)
})

test("most name the call, and some nothing that anybody understands", () => {
  const random = createRandom("post-call body")
  const bodies = Array.from({ length: 1000 }, () =>
    postCallBody(random, { id: "c-1", from: "+4930123456" }, USUAL_HABITS),
  )
  expect(bodies.filter((body) => body["call_id"] === "c-1").length).toBeGreaterThan(900)
  expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(4)
})
