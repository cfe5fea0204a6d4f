/** What the ledger takes for wrong of what is said to be unexamined, by examples: it must not be blind. */
import { HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import type { OpenState } from "@earshot/core/watch/open-state"
import { callKey } from "@earshot/core/watch/call-key"
import { EMPTY_WATCH, type Watch } from "@earshot/core/watch/watch"
import { expect, test } from "vitest"
import { createProcess } from "../process/process.ts"
import { START } from "../scenario.ts"
import { END, testCall } from "../test-call.ts"
import { recordOf, watch } from "./test-ledger.ts"

/** A call that is angry by its detail only, and was listed. */
const angry = () => testCall({ angry: 0.9, arrived: {} })

const LATE: Instant = END + 3 * HOUR

const OPEN: OpenState = {
  id: "call",
  firstSeenAt: START,
  heldMs: 0,
  endedAt: END,
  wantsDetail: true,
  isAnalysed: true,
  scoredAt: null,
  looks: 0,
  nextLookAt: START,
  settlesAt: null,
  isKept: false,
  isAlerted: false,
}

function knowing(open: OpenState | null): Watch {
  const key = callKey("call")
  return { ...EMPTY_WATCH, calls: new Map([[key, { key, startedAt: START, fingerprint: "", open }]]) }
}

/** What is said of the call while this is the watch. */
function saidOf(open: OpenState | null, marked = false): string[] {
  const { ledger, clock } = watch(angry())
  clock.now = LATE
  ledger.remembered(knowing(open))
  if (marked) ledger.marked("call", LATE)
  ledger.checkWaiting()
  return ledger.violations.map((violation) => violation.slice(25))
}

test("a call that should long have been found waits, or is counted as closed", () => {
  expect(saidOf(OPEN)).toEqual([])
  expect(saidOf(null, true)).toEqual([])
  const unsaid = "of call call nothing was found, and nothing says that it was not examined"
  expect(saidOf(null)).toEqual([unsaid])
  expect(saidOf({ ...OPEN, wantsDetail: false })).toEqual([unsaid])
  expect(saidOf({ ...OPEN, settlesAt: LATE + MINUTE })).toEqual([
    "1 calls wait for a detail, and the gauge says 0",
  ])
})

/** A record whose detail was fetched after every rule had settled. */
function examined() {
  const record = recordOf("sent", [], LATE)
  const facts = { ...record.facts, detailIsFinal: true, detailedAt: LATE }
  return { ...record, alert: null, facts }
}

test("a call that was decided by its detail waits for none", () => {
  const { ledger, clock } = watch(testCall({}))
  clock.now = LATE
  ledger.kept(examined(), createProcess(1, 0))
  ledger.remembered(knowing(null))
  ledger.checkWaiting()
  ledger.remembered(knowing(OPEN))
  ledger.checkWaiting()
  expect(ledger.violations).toMatchObject([
    expect.stringContaining("said to wait for a detail that was kept"),
  ])
})

test("the count is that of the marks, and none of them is of a call that was examined", () => {
  const { ledger, clock } = watch(testCall({}))
  clock.now = LATE
  ledger.marked("call", LATE)
  ledger.checkCount(1, START)
  expect(ledger.violations).toEqual([])
  ledger.checkCount(2, START)
  ledger.kept(examined(), createProcess(1, 0))
  ledger.checkCount(1, START)
  ledger.marked("call", null)
  ledger.checkCount(0, START)
  expect(ledger.violations.map((violation) => violation.slice(25))).toEqual([
    "1 calls are marked as closed unexamined, and 2 are counted",
    "call call is counted as closed unexamined, and its detail was kept",
  ])
})
