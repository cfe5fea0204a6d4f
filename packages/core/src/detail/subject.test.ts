/** What a detail may change of what the list has shown, when the list itself was not read. */
import { expect, test } from "vitest"
import { recordJudgement } from "../alert/call-record.ts"
import { MINUTE, isoOf } from "../instant.ts"
import { judge } from "../rule/judgement.ts"
import { START, detailOf, factsOf, watchedOf } from "../test-example.ts"
import { observe } from "./subject.ts"

const NOW = START + 10 * MINUTE

const ended = { createdAt: isoOf(START - 5 * MINUTE), endedAt: isoOf(START), status: "completed" }

/** The facts after a look without the list, of a call that is known to be so and whose detail now says so. */
function lookedAt(known: Parameters<typeof detailOf>[0], seen: Parameters<typeof detailOf>[0]) {
  const facts = factsOf(known, { firstSeenAt: START })
  const record = recordJudgement(null, facts, judge([], facts, START), [], START)
  const call = watchedOf("call-1", START, { open: {} })
  const candidate = { id: "call-1", call, row: null, kind: "due", isListed: false } as const
  const answer = { kind: "found", detail: detailOf(seen) } as const
  return observe({ candidate, record, answer, mayReopen: false }, NOW)?.call
}

test("a detail that is behind does not undo the score, the summary or the flag that the list has shown", () => {
  const listed = { ...ended, score: 1.5, summary: "The deposit is gone.", flagged: true, spam: true }
  const behind = { ...ended, score: 3.5, summary: "A call.", flagged: false, spam: false }
  expect(lookedAt(listed, behind)).toMatchObject({
    score: 1.5,
    summary: "The deposit is gone.",
    flagged: true,
    spam: true,
  })
})

test("a detail that is ahead fills what was not known, and its flag counts at once", () => {
  const listed = { ...ended, score: null, summary: "", flagged: false }
  const ahead = { ...ended, score: 1, summary: "The deposit is gone.", flagged: true }
  expect(lookedAt(listed, ahead)).toMatchObject({ score: 1, summary: "The deposit is gone.", flagged: true })
})

test("a detail of a call in progress says all that is new of it", () => {
  const going = {
    ...ended,
    endedAt: null,
    status: "in_progress",
    duration: null,
    score: null,
    summary: "It rings.",
  }
  expect(lookedAt(going, { ...ended, score: 2, summary: "They spoke." })).toMatchObject({
    status: "completed",
    score: 2,
    summary: "They spoke.",
  })
})
