/** Whatever a call holds, its facts fit into a record, and short facts are left alone. */
import type { CallDetail } from "@earshot/calls-api/call"
import fc from "fast-check"
import { expect, test } from "vitest"
import type { Facts } from "./facts.ts"
import { FACTS_BYTES_MAX, fitFacts } from "./fit.ts"

const bytes = (facts: Facts) => Buffer.byteLength(JSON.stringify(facts))

function factsOf(facts: Partial<CallDetail>): Facts {
  const call: CallDetail = {
    id: "call-1",
    from: "+15550100",
    to: null,
    type: "INCOMING",
    status: "completed",
    duration: 7200,
    createdAt: "2026-01-05T09:00:00.000Z",
    endedAt: "2026-01-05T11:00:00.000Z",
    summary: "A very long call.",
    score: 1,
    flagged: true,
    favorite: false,
    spam: false,
    agent: null,
    transcript: null,
    recordingUrl: null,
    memory: null,
    activityTimeline: null,
    metadata: null,
    ...facts,
  }
  return { call, firstSeenAt: 0, detailedAt: 0, detailIsFinal: true, overAt: null }
}

test("facts that fit are kept to the letter", () => {
  const facts = factsOf({ summary: "x".repeat(100_000) })
  expect(fitFacts(facts)).toBe(facts)
})

test("a transcript of hours keeps how the call began and how it ended", () => {
  const text = "Well, as I said before, and I will say it again. ".repeat(4)
  const transcript = Array.from({ length: 5000 }, (_, turn) => ({
    speaker: turn % 2 === 0 ? "agent" : "caller",
    text: `${turn} ${text}`,
    timestamp: null,
  }))
  const { call } = fitFacts(factsOf({ transcript }))
  expect(call.transcript?.[0]).toEqual(transcript[0])
  expect(call.transcript?.at(-1)).toEqual(transcript.at(-1))
  expect(call).toMatchObject({ id: "call-1", score: 1, flagged: true, summary: "A very long call." })
})

test("what nothing can be cut of is left as it is, and the rest is cut", () => {
  const facts = factsOf({ id: "i".repeat(300_000), summary: "x".repeat(100_000) })
  const { call } = fitFacts(facts)
  expect(call.id).toBe(facts.call.id)
  expect(call.summary?.length).toBeLessThan(100)
})

test("however large each part is, the facts fit", () => {
  const huge = fc.nat(700_000).map((length) => "ü\u0001".repeat(length / 2))
  const activity = fc.record({ data: huge, toolData: fc.constant({ tool: "x".repeat(300_000) }) })
  fc.assert(
    fc.property(
      huge,
      huge,
      fc.array(activity, { maxLength: 5 }),
      fc.nat(30_000),
      (summary, name, activities, turns) => {
        const none = { id: null, type: null, sender: null, timestamp: null }
        const facts = factsOf({
          summary,
          agent: { id: name, name },
          transcript: Array.from({ length: turns }, () => ({
            speaker: "caller",
            text: "No.",
            timestamp: null,
          })),
          activityTimeline: activities.map((one) => ({ ...none, ...one })),
        })
        const fitted = fitFacts(facts)
        expect(bytes(fitted)).toBeLessThanOrEqual(FACTS_BYTES_MAX)
        expect(fitFacts(fitted)).toBe(fitted)
      },
    ),
    { numRuns: 30 },
  )
})
