/** What a poll has no time to judge is named, so that the cursor waits for it. */
import { EMPTY_RING } from "@earshot/core/budget"
import type { Candidate } from "@earshot/core/candidate"
import { FIRST_CONTROL, UNTIL_MS } from "@earshot/core/control"
import { compileRules, DEFAULT_RULES } from "@earshot/core/rule"
import { callKey } from "@earshot/core/watch"
import { expect, test } from "vitest"
import { examine } from "./examine.ts"
import { createMemory } from "./memory.ts"
import { createTestWorld, START } from "./test-world.ts"

function candidateAt(at: number, hasChanged: boolean): Candidate {
  const id = `call-${at}`
  const call = { key: callKey(id), at, fingerprint: "f", open: null }
  return {
    id,
    call,
    row: null,
    hasChanged,
    isNew: hasChanged,
    isOld: false,
    isListed: true,
    isOnlyLook: false,
  }
}

test("of the calls that are left over, the earliest that is new holds the cursor", async () => {
  const { world, store, setup } = createTestWorld()
  const startedAt = START - UNTIL_MS.keep
  const { limits } = setup
  const turn = {
    control: FIRST_CONTROL,
    limits,
    ring: EMPTY_RING,
    startedAt,
    hasLease: false,
    isBetween: false,
  }
  const rules = compileRules(DEFAULT_RULES)
  const memory = createMemory()
  const setting = { api: setup.api, rules, channels: [], memory, turn, isUninterrupted: false }
  const candidates = [candidateAt(100, false), candidateAt(200, true), candidateAt(300, true)]
  expect(await examine(world, store, setting, candidates)).toMatchObject({ leftOverFrom: 200, calls: [] })
})
