/** Silence is said if calls ended, and not while nudges come or while nobody calls. */
import { expect, test } from "vitest"
import { DAY, HOUR, MINUTE } from "../instant.ts"
import { NO_COVERAGE } from "./hour.ts"
import { callsOver, nudgeSilence } from "./nudge-silence.ts"

const NOW = 1000 * DAY

test.each([
  { what: "none has ever come", lastAt: 0, ended: 60, isSaid: true },
  { what: "the last is more than a day ago", lastAt: NOW - DAY - MINUTE, ended: 5, isSaid: true },
  { what: "one has come today", lastAt: NOW - DAY + MINUTE, ended: 60, isSaid: false },
  { what: "hardly anybody has called", lastAt: 0, ended: 4, isSaid: false },
  { what: "only a clock that was ahead has seen one", lastAt: NOW + 9 * DAY, ended: 60, isSaid: true },
])("where $what and $ended calls ended: $isSaid", ({ lastAt, ended, isSaid }) => {
  const said = isSaid ? `No nudge has come in the last 24 hours, though ${ended} calls ended.` : null
  expect(nudgeSilence(lastAt, ended, NOW)).toBe(said)
})

test("calls are counted once, whether they were examined or not", () => {
  const hours = new Map([
    [NOW, { ...NO_COVERAGE, checked: new Set(["a", "b"]), unexamined: new Set(["b", "c"]) }],
    [NOW - HOUR, { ...NO_COVERAGE, checked: new Set(["d"]), deleted: new Set(["e", "f"]) }],
  ])
  expect(callsOver({ hours })).toBe(4)
})
