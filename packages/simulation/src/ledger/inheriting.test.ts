/** What the oracle of deleted channels notices. */
import { DAY, HOUR } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { createProcess } from "../process/process.ts"
import { START } from "../scenario.ts"
import { END, testCall } from "../test-call.ts"
import { planRules } from "../truth/rule.ts"
import { flagged, recordOf, watchBy } from "./test-ledger.ts"

/** Rules name these channels, e-mail is owed the alert of a flagged call, and is deleted; nobody is told. */
function deleted(...named: readonly ("slack" | "email")[]) {
  const planned = planRules({ seed: 1, profile: "calm", start: START, end: START + DAY })
  const gone = new Map([["email", END + HOUR]])
  const watched = watchBy(
    planned.map((version) => ({ ...version, named })),
    { gone },
    flagged(),
  )
  watched.clock.now = END
  watched.ledger.kept(recordOf("claimed", ["email"], END), createProcess(1, 0))
  return watched.close().join("\n")
}

test("what only a deleted channel was owed, and nobody was told, is noticed", () => {
  expect(deleted("email")).toContain("told nowhere: flagged@1, which only email was owed")
})

test("what another one is owed as well is missed there, and nowhere else", () => {
  expect(deleted("email", "slack")).not.toContain("told nowhere")
})

test("of a follow-up too, which is owed only if it is worse than what was told there", () => {
  const planned = planRules({ seed: 1, profile: "calm", start: START, end: START + DAY })
  const first = planned.find(({ ruleId }) => ruleId === "transferred")
  const flagging = planned.find(({ ruleId }) => ruleId === "flagged")
  const follow = (severity: "info" | "critical") => {
    const versions = [first, flagging].flatMap((one) =>
      one ? { ...one, named: ["email"], severity: one === first ? ("warning" as const) : severity } : [],
    )
    const call = testCall({ flaggedAt: END, transferredAt: START })
    const watched = watchBy(versions, { gone: new Map([["email", END + HOUR]]) }, call)
    const process = createProcess(1, 0)
    watched.clock.now = END
    watched.ledger.kept(recordOf("claimed", ["email"], END, ["transferred"]), process)
    watched.ledger.sent(
      { callId: "call", channel: "email", reasons: ["transferred@1"], isUnknown: false },
      process,
    )
    watched.ledger.arrived({ callId: "call", channel: "email", reasons: ["transferred@1"], mayRepeat: false })
    watched.ledger.kept(recordOf("sent", ["email"], END, ["transferred", "flagged"]), process)
    return watched.close().join("\n")
  }
  expect(follow("critical")).toContain("told nowhere: flagged@1, which only email was owed")
  expect(follow("info")).not.toContain("told nowhere")
})
