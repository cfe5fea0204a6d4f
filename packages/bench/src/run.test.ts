/** That the benchmarks measure what they say, on runs of a few hours. */
import { expect, test } from "vitest"
import { summarizeSamples } from "./latency.ts"
import { OURS, runOne } from "./run.ts"

test("people who use Earshot hear of everything that a rule matches, and sooner than from a cron job", async () => {
  const { latency, problems } = await runOne({ kind: "latency", rate: 60, seed: 1, hours: 2 })
  const soon = (poller: string) =>
    summarizeSamples((latency?.samples[poller] ?? []).filter(({ kind }) => kind !== "later"))
  expect(problems).toEqual([])
  expect(soon(OURS)).toMatchObject({ recall: 1 })
  expect(soon(OURS).matching).toBeGreaterThan(20)
  expect(soon(OURS).matching).toBe(soon("cron").matching)
  expect(soon(OURS).p50).toBeLessThan(soon("cron").p50)
})

test("an overload counts the details that the vendor gave, and the calls without any", async () => {
  const { overload } = await runOne({ kind: "overload", rate: 900, seed: 1, hours: 1 })
  expect(overload?.details).toBeGreaterThan(300)
  expect(overload?.details).toBeLessThanOrEqual(500)
  expect(overload?.neverExamined).toBeLessThanOrEqual(overload?.unexamined ?? -1)
  expect(overload?.youngDetails).toBeGreaterThan(0)
  expect(overload?.youngDetails).toBeLessThanOrEqual(overload?.details ?? 0)
})

test("after an outage requests are counted until all that was missed has been listed", async () => {
  const { outage } = await runOne({ kind: "outage", rate: 200, seed: 1, hours: 2 })
  expect(outage?.calls).toBeGreaterThan(330)
  expect(outage?.calls).toBeLessThan(470)
  expect(outage?.scanRequests).toBeGreaterThanOrEqual(Math.ceil((outage?.calls ?? 0) / 100))
  expect(outage?.scanRequests).toBeLessThan(20)
  expect(outage?.minutes).toBeLessThan(20)
})
