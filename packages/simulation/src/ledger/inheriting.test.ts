/** What the oracle of deleted channels notices. */
import { DAY, HOUR } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { createProcess } from "../process/process.ts"
import { START } from "../scenario.ts"
import { END } from "../test-call.ts"
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
