/** What the oracle says of records that cannot be read, by examples. */
import { HOUR, MINUTE } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { createProcess, kill } from "../process/process.ts"
import { START } from "../scenario.ts"
import { watch } from "./test-ledger.ts"

/** What is said of a record that a process comes upon, if it then ends this many turns, and dies or says so. */
function saidOf({ turns = 0, isKilled = false, isNamed = false }): string[] {
  const { ledger, clock } = watch()
  const process = createProcess(1, 0)
  ledger.met("call")
  ledger.took(["call"], process)
  for (let turn = 0; turn < turns; turn++) ledger.took([], process)
  if (isNamed) ledger.named(["call call"])
  if (isKilled) kill(process)
  clock.now = START + HOUR + MINUTE
  ledger.checkNamed()
  return ledger.violations
}

test("a record that cannot be read must be named, unless whoever came upon it died soon after", () => {
  expect(saidOf({ isNamed: true })).toEqual([])
  expect(saidOf({ isKilled: true })).toEqual([])
  const unnamed = [expect.stringContaining("the record of call call cannot be read, and nobody is told")]
  expect(saidOf({})).toEqual(unnamed)
  expect(saidOf({ turns: 9, isKilled: true })).toEqual(unnamed)
})
