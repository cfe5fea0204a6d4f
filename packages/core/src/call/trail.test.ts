/** What the trail promises: what was known at each time is known again, or said to be lost. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { MINUTE } from "../instant.ts"
import { START, detailOf, factsOf, rowOf } from "../test-example.ts"
import { type Facts, observeDetail, observeRow } from "./facts.ts"
import { Trail, knownAtEach, trailAfter } from "./trail.ts"

type Kept = { facts: Facts; trail?: Trail | undefined }

/** Records as they follow each other, each written as JSON and read again. */
function follow(course: readonly Facts[]): { kept: Kept; bytes: number } {
  let kept: Kept | null = null
  course.forEach((facts, index) => {
    const trail = trailAfter(kept, facts, { now: START + index * MINUTE, isSeen: true })
    kept = JSON.parse(JSON.stringify({ facts, trail }))
  })
  if (!kept) throw new Error("Nothing was kept.")
  const { trail }: Kept = kept
  return {
    kept: { facts: course.at(-1) ?? factsOf(), trail: Trail.parse(trail) },
    bytes: JSON.stringify(trail).length,
  }
}

describe("the trail of a call", () => {
  test("leads back to what was known before the score, the detail and the mood came", () => {
    const listed = observeRow(null, rowOf({ score: null, summary: null }), START)
    const bare = detailOf({
      score: null,
      summary: null,
      memory: null,
      metadata: null,
      activityTimeline: null,
    })
    const detailed = observeDetail(listed, bare, START + MINUTE)
    const scored = observeRow(detailed, rowOf({ score: 2 }), START + 2 * MINUTE)
    const whole = observeDetail(scored, detailOf({ score: 2 }), START + 3 * MINUTE)
    const course = [listed, detailed, scored, whole]
    const { kept, bytes } = follow(course)
    const known = knownAtEach(kept) ?? []
    expect(known.map(({ facts }) => facts)).toEqual(course)
    expect(known.map(({ at }) => at)).toEqual(course.map((_, index) => START + index * MINUTE))
    expect(known.every(({ lost, isSeen }) => lost.size === 0 && isSeen)).toBe(true)
    expect(bytes).toBeLessThan(300)
  })

  test("leads back to a mark that was taken back, a mood that changed and what had been said by then", () => {
    const turns = rowOf().transcript ?? []
    const mood = { happy: 0, sad: 0, angry: 0.9, neutral: 0.1 }
    const first = detailOf({ flagged: true, transcript: turns.slice(0, 1) })
    const angry = { ...first, metadata: first.metadata && { ...first.metadata, sentiment: mood } }
    const course = [factsOf(angry), factsOf({ ...detailOf(), flagged: false })]
    const known = knownAtEach(follow(course).kept) ?? []
    expect(known[0]?.facts.call).toEqual(course[0]?.call)
    expect(known[0]?.lost.size).toBe(0)
  })

  test("says what is lost: a long text that was replaced by another", () => {
    const course = [factsOf({ summary: "A".repeat(300) }), factsOf({ summary: "B".repeat(300) })]
    const known = knownAtEach(follow(course).kept) ?? []
    expect([...(known[0]?.lost ?? [])]).toEqual(["summary"])
    expect(known[1]?.lost.size).toBe(0)
  })

  test("stays small however often somebody marks a call, and keeps its beginning", () => {
    const course = Array.from({ length: 60 }, (_, index) =>
      factsOf({ flagged: index % 2 === 0, score: index }),
    )
    const { kept, bytes } = follow(course)
    expect(bytes).toBeLessThan(700)
    const known = knownAtEach(kept) ?? []
    expect(known[0]?.at).toBe(START)
    expect(known[0]?.facts).toEqual(course[0])
    expect(known.at(-1)?.facts).toEqual(course.at(-1))
    expect(kept.trail?.left).toBeGreaterThan(0)
  })

  test("is none for a record that began without one", () => {
    expect(trailAfter({ facts: factsOf() }, factsOf(), { now: START, isSeen: true })).toBeUndefined()
    expect(knownAtEach({ facts: factsOf() })).toBeNull()
  })

  test("never says something that was not: each time's facts are the true ones, but for what is lost", () => {
    const text = fc.option(fc.constantFrom("a", "ab", "b", "x".repeat(50), "x".repeat(60), "y".repeat(70)))
    const change = fc.record({
      summary: text,
      score: fc.option(fc.integer({ min: 0, max: 5 })),
      flagged: fc.option(fc.boolean()),
      memory: text,
      turns: fc.option(fc.integer({ min: 0, max: 2 })),
      callQuality: text,
      metadata: fc.boolean(),
      detailedAt: fc.option(fc.constantFrom(START, START + MINUTE)),
    })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const course = changes.map(({ turns, callQuality, metadata, detailedAt, ...rest }): Facts => {
          const whole = detailOf(rest)
          const call = {
            ...whole,
            transcript: turns === null ? null : (whole.transcript ?? []).slice(0, turns),
            metadata: metadata && whole.metadata ? { ...whole.metadata, callQuality } : null,
          }
          return { ...factsOf(), call, detailedAt }
        })
        const known = knownAtEach(follow(course).kept) ?? []
        expect(known).toHaveLength(course.length)
        known.forEach(({ facts, lost }, index) => {
          const truth = course[index]
          if (!truth) throw new Error("There is one.")
          const blank = Object.fromEntries([...lost].map((name) => [name, null]))
          expect({ ...facts, call: { ...facts.call, ...blank } }).toEqual({
            ...truth,
            call: { ...truth.call, ...blank },
          })
        })
      }),
    )
  })
})
