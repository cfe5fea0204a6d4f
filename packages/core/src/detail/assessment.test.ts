/** What a turn decides about one call, with a reason that a person would accept. */
import type { Call } from "@earshot/calls-api/call"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type CallRecord, recordJudgement } from "../alert/call-record.ts"
import type { Facts } from "../call/facts.ts"
import { OLD_MAX_MS, OPEN_MAX_MS } from "../horizon.ts"
import { DAY, HOUR, type Instant, MINUTE, isoOf } from "../instant.ts"
import type { Candidate } from "../list/candidate.ts"
import { judge } from "../rule/judgement.ts"
import {
  START,
  anyDetail,
  anyRow,
  anyWhen,
  detailOf,
  factsOf,
  listedFactsOf,
  rowOf,
  ruleOf,
  watchedOf,
} from "../test-example.ts"
import type { OpenState } from "../watch/open-state.ts"
import { assess, isAnswered, isWorthKeeping, knownAlready, lookFor, recordOf } from "./assessment.ts"
import type { DetailAnswer, Subject } from "./subject.ts"

const NOW = START + 10 * MINUTE

const FLAGGED = ruleOf({ flagged: true }, { id: "flagged" })

const ANGRY = ruleOf({ "sentiment.angry": { gte: 0.5 } }, { id: "angry" })

const LOW = ruleOf({ score: { lte: 2 } }, { id: "low" })

const NOT_ASKED: DetailAnswer = { kind: "not-asked" }

const ended = { createdAt: isoOf(START - 5 * MINUTE), endedAt: isoOf(START), status: "completed" }

const going = { createdAt: isoOf(START), endedAt: null, status: "in_progress", score: null, duration: null }

function subjectOf(candidate: Candidate, more: Partial<Subject> = {}): Subject {
  return { candidate, record: null, answer: NOT_ASKED, mayReopen: false, ...more }
}

function listed(kind: "new" | "old" | "changed", row: Partial<Call>, startedAt: Instant = START): Candidate {
  return { id: "call-1", call: watchedOf("call-1", startedAt), row: rowOf(row), kind }
}

function unlisted(open: Partial<OpenState>, startedAt: Instant = START): Candidate {
  const call = watchedOf("call-1", startedAt, { open })
  return { id: "call-1", call, row: null, kind: "due", isListed: false }
}

function recordWith(facts: Facts, rules = [FLAGGED, ANGRY], at = START): CallRecord {
  return { ...recordJudgement(null, facts, judge(rules, facts, at), ["slack"], at), fingerprint: "f" }
}

describe("a call is", () => {
  const whyOf = (subject: Subject, rules = [FLAGGED, ANGRY], now = NOW) => {
    const { kind, why } = assess(subject, rules, now)
    return `${kind}: ${why}`
  }

  test("open while it lasts, and while a rule waits for what may still come", () => {
    expect(whyOf(subjectOf(listed("new", going)))).toBe("open: in-progress")
    expect(whyOf(subjectOf(listed("new", { ...ended, score: null })), [LOW])).toBe("open: undecided")
  })

  test("closed once every rule is decided, when it is gone, and when it is too old", () => {
    expect(whyOf(subjectOf(listed("new", { ...ended, score: 4 })), [LOW])).toBe("closed: decided")
    const record = recordWith(listedFactsOf(going))
    const open = { firstSeenAt: START }
    expect(whyOf(subjectOf(unlisted(open), { record, answer: { kind: "gone" } }))).toBe("closed: gone")
    const late = START + OPEN_MAX_MS
    expect(whyOf(subjectOf(listed("new", going)), [LOW], late)).toBe("open: in-progress")
    const old = recordWith(listedFactsOf({ ...going, createdAt: isoOf(START - DAY) }), [LOW])
    expect(whyOf(subjectOf(unlisted(open), { record: old }), [LOW], late)).toBe("closed: too-old")
    expect(whyOf(subjectOf(unlisted(open), { record: old }), [FLAGGED], late)).toBe("closed: decided")
    const undecided = recordWith(listedFactsOf({ ...ended, endedAt: isoOf(late), score: null }), [LOW])
    expect(whyOf(subjectOf(unlisted(open), { record: undecided }), [LOW], late)).toBe("closed: too-old")
  })

  test("unexamined if a rule needed a detail that nobody could fetch in six hours", () => {
    const record = recordWith(listedFactsOf({ ...ended, score: 4 }))
    const subject = subjectOf(unlisted({ firstSeenAt: START }), { record })
    expect(whyOf(subject, [ANGRY], START + OPEN_MAX_MS - 1)).toBe("open: undecided")
    expect(whyOf(subject, [ANGRY], START + OPEN_MAX_MS)).toBe("closed: unexamined")
  })

  test("unexamined if what nobody has looked for in time, list or detail, would make a rule match", () => {
    const unscored = ruleOf({ score: { exists: false } }, { id: "unscored" })
    const facts = listedFactsOf({ ...ended, score: null })
    const record = recordWith(facts, [unscored])
    const subject = subjectOf(unlisted({ firstSeenAt: START }), { record })
    expect(whyOf(subject, [unscored], START + OPEN_MAX_MS)).toBe("closed: unexamined")
    expect(whyOf(subject, [LOW], START + OPEN_MAX_MS)).toBe("closed: decided")
    // Found again, it is judged after all.
    const old = listed("old", { ...ended, score: null })
    const kept = { ...record, isOpen: false, fingerprint: old.call.fingerprint }
    expect(
      knownAlready(subjectOf(old, { record: kept, mayReopen: true }), [unscored], START + DAY),
    ).toBeNull()
  })

  test("reopened for six hours once details are plentiful, for a week", () => {
    const record = recordWith(listedFactsOf({ ...ended, score: 4 }))
    const at = (now: Instant) => {
      const subject = subjectOf(unlisted({ firstSeenAt: START }), { record, mayReopen: true })
      return assess(subject, [ANGRY], now)
    }
    const late = START + OPEN_MAX_MS
    expect(at(late)).toMatchObject({ kind: "open", why: "reopened", facts: { firstSeenAt: late } })
    expect(at(START + OLD_MAX_MS - 1).why).toBe("reopened")
    expect(at(START + OLD_MAX_MS).why).toBe("unexamined")
  })

  test("reopened, whatever details there are, if it has only just ended", () => {
    const old = listed("old", { ...ended, createdAt: isoOf(START - 2 * DAY), score: 4 }, START - 2 * DAY)
    expect(whyOf(subjectOf(old), [ANGRY], START + HOUR - 1)).toBe("open: undecided")
    expect(whyOf(subjectOf(old), [ANGRY], START + HOUR)).toBe("closed: unexamined")
  })

  test("blank if nothing is known of it but its place in the list: awaited, gone, or unexamined after six hours", () => {
    const open = { firstSeenAt: START, looks: 2, nextLookAt: START }
    const failed: DetailAnswer = { kind: "failed" }
    expect(assess(subjectOf(unlisted(open)), [], NOW)).toMatchObject({ why: "awaited", open })
    expect(assess(subjectOf(unlisted(open), { answer: failed }), [], NOW)).toMatchObject({
      why: "awaited",
      open: { ...open, looks: 3, nextLookAt: NOW + 3 * MINUTE },
    })
    expect(whyOf(subjectOf(unlisted(open), { answer: { kind: "gone" } }))).toBe("blank: gone")
    expect(whyOf(subjectOf(unlisted(open)), [], START + OPEN_MAX_MS)).toBe("blank: unexamined")
  })
})

describe("a detail that is not found", () => {
  const answer: DetailAnswer = { kind: "gone" }
  const record = recordWith(listedFactsOf(going))

  test("of a call that the list shows is only late", () => {
    const shown = { ...listed("changed", going), call: watchedOf("call-1", START, { open: {} }) }
    expect(assess(subjectOf(shown, { record, answer }), [FLAGGED], START + DAY).why).not.toBe("gone")
  })

  test("of a call that a later list may show is believed five minutes after it was first seen", () => {
    const call = watchedOf("call-1", START, { open: { firstSeenAt: START } })
    const probe: Candidate = { id: "call-1", call, row: null, kind: "probe" }
    const why = (now: Instant) => assess(subjectOf(probe, { record, answer }), [FLAGGED], now).why
    expect([why(START + 5 * MINUTE - 1), why(START + 5 * MINUTE)]).toEqual(["in-progress", "gone"])
  })
})

describe("a detail", () => {
  const detail = detailOf({ ...ended, score: 4 })

  test("decides what waited for it", () => {
    const before = subjectOf(listed("changed", { ...ended, score: 4 }))
    expect(assess(before, [ANGRY], NOW)).toMatchObject({ kind: "open", why: "undecided" })
    const after = assess({ ...before, answer: { kind: "found", detail } }, [ANGRY], NOW)
    expect([isAnswered(assess(before, [ANGRY], NOW)), isAnswered(after)]).toEqual([false, true])
  })

  test("that is some moments behind the list undoes nothing that the list has shown", () => {
    const row = { ...ended, flagged: true, score: 1 }
    const behind = detailOf({ ...ended, flagged: false, score: 5 })
    const subject = subjectOf(listed("changed", row), { answer: { kind: "found", detail: behind } })
    expect(assess(subject, [FLAGGED], NOW)).toMatchObject({ facts: { call: { flagged: true, score: 1 } } })
  })

  test("that shows an end which the list does not show yet is ahead of it", () => {
    const found = subjectOf(listed("changed", { ...going, flagged: false }), {
      answer: { kind: "found", detail: detailOf({ ...ended, flagged: true }) },
    })
    expect(assess(found, [FLAGGED], NOW)).toMatchObject({ facts: { call: { flagged: true } } })
  })

  test("is asked for before an alert that none was fetched for, at once for a call that may need it, and not for others", () => {
    const lookOf = (candidate: Candidate, rules = [FLAGGED, ANGRY], record: CallRecord | null = null) => {
      const subject = subjectOf(candidate, { record })
      return lookFor(subject, assess(subject, rules, NOW), NOW)?.urgency ?? null
    }
    expect(lookOf(listed("new", { ...ended, flagged: true }))).toBe("alert")
    expect(lookOf(listed("new", { ...ended, score: 4 }))).toBe("early")
    expect(lookOf(listed("new", { ...ended, score: 4 }), [FLAGGED])).toBeNull()
    expect(lookOf(listed("new", going))).toBeNull()
    const settled = { endedAt: START, wantsDetail: true, isAnalysed: true, nextLookAt: NOW }
    const look: Candidate = { ...unlisted(settled), row: null, kind: "look", isListed: true }
    expect(lookOf(look)).toBe("decides")
    const probe: Candidate = { id: "call-1", call: unlisted({}).call, row: null, kind: "probe" }
    expect(lookOf(probe)).toBe("probe")
  })
})

describe("a call from before the window", () => {
  const row = { ...ended, score: 4 }
  const old = listed("old", row)
  const noteOf = (facts: Facts, more: Partial<Subject> = {}, rules = [FLAGGED, ANGRY]) =>
    knownAlready(subjectOf(old, { record: recordWith(facts), ...more }), rules, START + DAY)

  test("needs nothing while its row is the one that was judged", () => {
    expect(noteOf(factsOf(row))).toEqual({ isExamined: true })
    expect(knownAlready(subjectOf(old), [FLAGGED], NOW)).toBeNull()
    const changed = { ...recordWith(factsOf(row)), fingerprint: "other" }
    expect(noteOf(factsOf(row), { record: changed })).toBeNull()
    expect(noteOf(factsOf(row), { candidate: listed("changed", row) })).toBeNull()
  })

  test("that nobody has examined needs a look once details are plentiful, by the rules that it was judged by", () => {
    expect(noteOf(listedFactsOf(row))).toEqual({ isExamined: false })
    expect(noteOf(listedFactsOf(row), { mayReopen: true })).toBeNull()
    const newer = { ...ANGRY, version: 2 }
    expect(noteOf(listedFactsOf(row), { mayReopen: true }, [newer])).toEqual({ isExamined: true })
  })
})

test("every subject has an assessment, which gives a record and a decision on its detail", () => {
  const kinds = fc.constantFrom("new", "old", "changed", "due", "look", "probe" as const)
  const answers = fc.oneof(
    fc.constantFrom<DetailAnswer>(NOT_ASKED, { kind: "gone" }, { kind: "failed" }),
    anyDetail.map((detail): DetailAnswer => ({ kind: "found", detail })),
  )
  const given = fc.record({
    kind: kinds,
    row: anyRow,
    isShown: fc.boolean(),
    answer: answers,
    when: anyWhen({ depth: 3, exists: true }),
    known: fc.option(anyRow, { nil: null }),
    open: fc.option(fc.constant({}), { nil: null }),
    mayReopen: fc.boolean(),
    agoMs: fc.integer({ min: 0, max: 10 * DAY }),
  })
  fc.assert(
    fc.property(given, ({ kind, row, isShown, answer, when, known, open, mayReopen, agoMs }) => {
      const call = watchedOf("call-1", START, { open })
      const candidate: Candidate =
        kind === "probe"
          ? { id: "call-1", call, row: null, kind }
          : kind === "due" || kind === "look"
            ? { id: "call-1", call, row: isShown ? row : null, kind, isListed: isShown }
            : { id: "call-1", call, row, kind }
      const rules = [ruleOf({ ...when })]
      const now = START + agoMs
      const record = known && recordWith(listedFactsOf(known), rules)
      const subject = { candidate, record, answer, mayReopen }
      const assessment = assess(subject, rules, now)
      expect(lookFor(subject, assessment, now)?.id ?? "call-1").toBe("call-1")
      isWorthKeeping(subject, assessment)
      if (assessment.kind === "blank") {
        expect([candidate.row, record, answer.kind === "found"]).toEqual([null, null, false])
        return
      }
      const made = recordOf(subject, assessment, ["slack"], now)
      expect(made.isOpen).toBe(assessment.kind === "open")
      expect(made.deliveries.length > 0).toBe(made.alert !== null)
    }),
    { numRuns: 2000 },
  )
})
