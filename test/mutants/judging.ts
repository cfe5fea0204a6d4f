/** Bugs in how calls are judged, looked at and remembered. */
import { type Mutant, runs } from "./mutant.ts"

const ASSESSMENT = "packages/core/src/detail/assessment.ts"
const FOLD = "packages/core/src/fold.ts"
const FINGERPRINT = "packages/core/src/fingerprint.ts"
const JUDGEMENT = "packages/core/src/rule/judgement.ts"
const LOOK = "packages/core/src/detail/look.ts"
const WATCH = "packages/core/src/watch/watch.ts"
const PACKED = "packages/core/src/watch/packed-watch.ts"
const DETAIL = "packages/poller/src/fetch-detail.ts"

export const JUDGING: readonly Mutant[] = [
  {
    name: "the clocks of a whole day are those of its beginning",
    why: "A rule about times of day goes by the clocks of that very moment, on the days on which they change as well.",
    edits: [
      {
        file: "packages/core/src/wall-clock.ts",
        from: "tzOffset(timeZone, new Date(at))",
        to: "tzOffset(timeZone, new Date(at - (at % 86_400_000)))",
      },
    ],
    caughtBy: "packages/core/src/rule/oracle.test.ts",
  },
  {
    name: "a text that looks alike is another",
    why: "A rule finds its words however they are typeset.",
    edits: [
      {
        file: FOLD,
        from: 'return (PLAIN.test(text) ? text.toLowerCase() : foldSigns(text)).replace(SPACE, " ")',
        to: "return text.toLowerCase()",
      },
    ],
    caughtBy: runs("default", 30, 24, 12),
  },
  {
    name: "a flag goes unnoticed",
    why: "A list row that changes in anything a rule may read is judged again.",
    edits: [{ file: FINGERPRINT, from: "    row.flagged ?? false,\n", to: "" }],
    caughtBy: runs("default", 60, 12, 1),
  },
  {
    name: "no last look",
    why: "A rule that needs a detail settles only after a look when its time is over.",
    edits: [
      {
        file: JUDGEMENT,
        from: "(wants && !hasLastLook(facts, rule, end))",
        to: "(wants && rule === null)",
      },
    ],
    caughtBy: "packages/core/src/rule/judgement.test.ts",
  },
  {
    name: "no second look",
    why: "A call whose analysis is not in the first detail is looked at again soon.",
    edits: [
      {
        file: LOOK,
        from: 'if (open.isAnalysed || (isDueByAge && notice === "never")) return { id, rank, urgency: "again" }',
        to: "if (open.isAnalysed || isDueByAge) return null",
      },
    ],
    caughtBy: "packages/core/src/detail/look.test.ts",
  },
  {
    name: "a call that is gone stays open",
    why: "A call that was deleted is not asked for again.",
    edits: [{ file: DETAIL, from: 'if (trouble.kind === "not-found") return { kind: "gone" }', to: "" }],
    caughtBy: "packages/poller/src/poll.test.ts",
  },
  {
    name: "open calls are closed from the wrong end",
    why: "With too many open calls, those that ended longest ago are given up.",
    edits: [{ file: WATCH, from: ".slice(0, tooMany)", to: ".slice(-tooMany)" }],
    caughtBy: "packages/core/src/watch/watch.test.ts",
  },
  {
    name: "a kept call is forgotten to be kept",
    why: "What is known of a call from its record is not lost when a process starts anew.",
    edits: [{ file: PACKED, from: " + (open.isKept ? 4 : 0)", to: "" }],
    caughtBy: "packages/core/src/watch/packed-watch.test.ts",
  },
  {
    name: "a new rule replays history",
    why: "A changed rule tells of no call that was decided before it.",
    edits: [
      {
        file: ASSESSMENT,
        from: "unknown.some((verdict) => verdict.ruleId === id && verdict.version === version)",
        to: "unknown.length > 0 && id !== String(version)",
      },
    ],
    caughtBy: "packages/poller/src/review.test.ts",
  },
  {
    name: "what is not known is told",
    why: "An alert is true: its rule holds by what was seen.",
    edits: [{ file: JUDGEMENT, from: 'verdict.truth === "true" &&', to: 'verdict.truth !== "false" &&' }],
    caughtBy: runs("calm", 60, 4, 1),
  },
  {
    name: "not there, without a last look",
    why: "What only the detail has is said not to be there only after a look when the rule's time is over.",
    edits: [{ file: JUDGEMENT, from: "detail: isLast }", to: "detail: facts.detailIsFinal }" }],
    caughtBy: runs("stress", 60, 12, 202),
  },
  {
    name: "not there, and not looked for",
    why: "What the list does not show any more is not said to lack something.",
    edits: [{ file: JUDGEMENT, from: "list: isSeen || isLast", to: "list: true" }],
    caughtBy: "packages/core/src/rule/judgement.test.ts",
  },
  {
    name: "every rule settles after half an hour",
    why: "A rule waits for what it needs for as long as it says.",
    edits: [{ file: JUDGEMENT, from: "now >= end + rule.settleMs", to: "now >= end + 30 * 60_000" }],
    caughtBy: runs("stress", 60, 12, 222),
  },
  {
    name: "no first look",
    why: "A call that has ended is looked at if a rule needs its detail.",
    edits: [
      {
        file: LOOK,
        from: "if (open.looks === 0 && !isFresh && open.isAnalysed) return {",
        to: "if (open.looks === 0) return null && {",
      },
    ],
    caughtBy: runs("calm", 60, 4, 1),
  },
  {
    name: "a number as a text is no number",
    why: "A value of a wrong type that can mean only one thing is read as that.",
    edits: [
      {
        file: "packages/calls-api/src/reading.ts",
        from: "return isNumber ? understood(Number(value), field, odd) : missing(value, field, odd)",
        to: "return isNumber ? null : missing(value, field, odd)",
      },
    ],
    caughtBy: runs("default", 60, 6, 10, 11),
  },
  {
    name: "calls that are dated hours off",
    why: "Where all calls are dated hours behind, that is noticed, and none is missed.",
    edits: [
      {
        file: "packages/core/src/list/vendor-clock.ts",
        from: "return Math.abs(middle) < STAMPS_OFF_MS ? 0 : toNearest(middle, QUARTER_MS)",
        to: "return Math.abs(middle) < STAMPS_OFF_MS ? 0 : null",
      },
    ],
    caughtBy: runs("default", 60, 12, 18, 23),
  },
]
