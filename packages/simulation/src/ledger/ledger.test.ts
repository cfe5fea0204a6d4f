/** What the ledger takes for a secret that leaked, by examples: it must not be blind. */
import { expect, test } from "vitest"
import { watch } from "./test-ledger.ts"

test("a word that its readers must not see is noticed, in a channel and in the log", () => {
  const { ledger } = watch()
  ledger.showed("A call from …0001 about a zeppelin, held by Juniper", "slack")
  expect(ledger.violations).toEqual([])
  ledger.showed("A call from +15550100001", "slack")
  ledger.showed("A call from …0001", "email")
  ledger.wrote("About a teapot.", "log")
  ledger.showed("ew_simulated was not accepted", "slack")
  expect(ledger.violations.map((violation) => violation.slice(25))).toEqual([
    "slack can read 5550100001, which it must not",
    "email can read …0001, which it must not",
    "log can read teapot, which it must not",
    "slack can read ew_simulated, which it must not",
  ])
})
