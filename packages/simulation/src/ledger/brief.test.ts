/** What the oracle of daily briefs notices. */
import { HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import { NO_BRIEF } from "@earshot/core/receipt/brief-state"
import { expect, test } from "vitest"
import { briefIn } from "../process/brief-text.ts"
import { createProcess, kill } from "../process/process.ts"
import { START } from "../scenario.ts"
import { testCall } from "../test-call.ts"
import { recordOf, watchBriefs } from "./test-ledger.ts"

const PROCESS = createProcess(1, 0)

const textOf = (said: string, span: string) => briefIn(`Daily brief: ${said}. ${span} `)

const NOTHING = "0 of 0 calls checked, no alerts, nothing waiting"

const DAY_BEFORE = "2026-01-04 07:00 UTC to 2026-01-05 07:00 UTC"

/** Slack wants its brief at eight by UTC; it comes at this time. */
function tell(
  { ledger, clock }: ReturnType<typeof watchBriefs>,
  { afterMs = 8 * HOUR, said = NOTHING, span = DAY_BEFORE, mayRepeat = false, process = PROCESS },
): void {
  clock.now = START + afterMs
  const brief = textOf(said, span)
  if (!brief) throw new Error("This is no brief.")
  ledger.briefSent("slack", process)
  ledger.briefArrived("slack", brief, mayRepeat)
}

const SENT = { ...NO_BRIEF, day: "2026-01-05", isSent: true }

test("one at its time, once, is as it should be", () => {
  const watched = watchBriefs()
  tell(watched, {})
  watched.ledger.briefNoted("slack", SENT, PROCESS)
  watched.clock.now = START + 23 * HOUR
  watched.close()
  expect(watched.ledger.violations).toEqual([])
})

test.each([
  ["before its time", { afterMs: 8 * HOUR - 10 * MINUTE }, "wants it at 08:00"],
  ["of other hours", { span: "2026-01-04 06:00 UTC to 2026-01-05 07:00 UTC" }, "tells of 2026-01-04 06:00"],
  ["of more than there was", { said: "1 of 1 calls checked, no alerts, nothing waiting" }, "says 1 checked"],
  [
    "whose numbers do not add up",
    { said: "0 of 1 calls checked, no alerts, nothing waiting" },
    "accounts for others",
  ],
  [
    "of alerts that nobody raised",
    { said: "0 of 0 calls checked, 1 alert, nothing waiting" },
    "says 1 alerted",
  ],
])("one %s is noticed", (_, told, noticed) => {
  const watched = watchBriefs()
  tell(watched, told)
  expect(watched.ledger.violations.join("\n")).toContain(noticed)
})

/** What is wrong with a brief that counts a call as checked whose record was closed now and then, and that was marked as unexamined. */
function saidOfMarked({ closedAt, markedAt }: { closedAt: readonly Instant[]; markedAt: Instant }): string {
  const watched = watchBriefs(testCall({ arrived: {} }))
  for (const at of closedAt) {
    watched.clock.now = at
    watched.ledger.kept({ ...recordOf("sent", [], at), alert: null }, PROCESS)
  }
  watched.ledger.marked("call", markedAt)
  tell(watched, { said: "1 of 1 calls checked, no alerts, nothing waiting" })
  return watched.ledger.violations.join("\n")
}

test("a call that was closed unexamined must not count as checked, unless it had been decided before", () => {
  const [early, late] = [START + HOUR, START + 5 * HOUR]
  expect(saidOfMarked({ closedAt: [late], markedAt: late })).toContain("says 1 checked, and 0 to 0 were")
  // A rule that came later could not judge it, and whoever was to write that down died.
  expect(saidOfMarked({ closedAt: [early, late], markedAt: late })).toBe("")
})

test("a second one is noticed, unless nobody can know of the first, and it says so", () => {
  const twice = (mayRepeat: boolean, process = createProcess(2, 0)) => {
    const watched = watchBriefs()
    tell(watched, { process })
    if (process.id === 3) kill(process)
    tell(watched, { afterMs: 8 * HOUR + 5 * MINUTE, mayRepeat })
    return watched.ledger.violations.join("\n")
  }
  expect(twice(true)).toContain("arrived 2 times")
  expect(twice(false, createProcess(3, 0))).toContain("without saying so")
  expect(twice(true, createProcess(3, 0))).toBe("")
})

test("one that never comes is noticed, and so is one that is noted and never came", () => {
  const watched = watchBriefs()
  watched.clock.now = START + 23 * HOUR
  watched.ledger.briefNoted("slack", SENT, PROCESS)
  watched.close()
  expect(watched.ledger.violations.join("\n")).toMatch(/has not arrived[^]*no brief on 2026-01-05/)
})
