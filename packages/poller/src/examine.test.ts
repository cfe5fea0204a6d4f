/** What a poll has no time to judge is named, so that the cursor waits for it. */
import { HOUR, MINUTE, SECOND, isoOf } from "@earshot/core/instant"
import type { Candidate } from "@earshot/core/list/candidate"
import { rowOf } from "@earshot/core/test-example"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { compileRules } from "@earshot/core/rule/rule"
import { EMPTY_RING } from "@earshot/core/turn/budget"
import { FIRST_CONTROL } from "@earshot/core/turn/control"
import { OVER_MS, UNTIL_MS } from "@earshot/core/turn/gate"
import { callKey } from "@earshot/core/watch/call-key"
import { expect, test } from "vitest"
import { examine } from "./examine.ts"
import { createMemory } from "./memory/memory.ts"
import { type Appetite, FULL_APPETITE, SMALL_APPETITE } from "./setup.ts"
import { GOING, START, type TestWorld, callAt, createTestWorld } from "./test-world.ts"
import type { Turn } from "./turn.ts"

function candidateAt(at: number, hasChanged: boolean): Candidate {
  const id = `call-${at}`
  const call = { key: callKey(id), startedAt: at, fingerprint: "f", open: null }
  const row = rowOf({ ...GOING, id, createdAt: isoOf(at) })
  return hasChanged
    ? { id, call, row, kind: "changed" }
    : { id, call, row: null, kind: "due", isListed: true }
}

/** A turn that began so many milliseconds ago, and can take no lease: there was no poll before it. */
function settingOf({ setup }: TestWorld, ageMs: number) {
  const turn: Turn = {
    kind: "poll",
    nudge: "none",
    control: FIRST_CONTROL,
    limits: setup.limits,
    ring: EMPTY_RING,
    startedAt: START - ageMs,
    overAt: START - ageMs + OVER_MS,
  }
  const rules = compileRules(DEFAULT_RULES)
  const memory = createMemory()
  return {
    api: setup.api,
    rules,
    channels: [],
    memory,
    turn,
    isUninterrupted: false,
    appetite: FULL_APPETITE,
  }
}

test("of the calls that are deferred, the earliest that is new holds the cursor", async () => {
  const test = createTestWorld()
  const candidates = [candidateAt(100, false), candidateAt(200, true), candidateAt(300, true)]
  const setting = settingOf(test, UNTIL_MS.keep)
  expect(await examine(test.world, test.store, setting, candidates)).toMatchObject({
    deferredFrom: 200,
    calls: [],
  })
})

test("calls that there is no time to judge are deferred, and those that were judged are kept", async () => {
  const test = createTestWorld()
  let now = START
  const candidates = Array.from({ length: 40 }, (_, call): Candidate => {
    const { id, call: watched } = candidateAt(100 + call, true)
    // Each glance at it takes a second.
    const summary = { enumerable: true, get: () => ((now += SECOND), "Long.") }
    const row = Object.defineProperty(rowOf({ id, flagged: true }), "summary", summary)
    return { id, call: watched, row, kind: "changed" }
  })
  const world = { ...test.world, now: () => now }
  const { turn, ...others } = settingOf(test, 0)
  const acquired = await test.store.acquire({ now: START, gateMs: 0, since: 0 })
  if (acquired.kind !== "acquired") throw new Error("There is another poll.")
  const setting = { ...others, turn: { ...turn, control: acquired.control } }
  const { calls, deferredFrom } = await examine(world, test.store, setting, candidates)
  expect(calls.length).toBeGreaterThan(0)
  expect(deferredFrom).toBe(100 + calls.length)
  for (const { startedAt } of calls) expect(await test.store.readCall(`call-${startedAt}`)).not.toBeNull()
})

test("after a poll that vanished a hundred and forty calls are judged, and the others deferred", async () => {
  const test = createTestWorld()
  const candidates = Array.from({ length: 150 }, (_, call) => candidateAt(100 + call, true))
  const judgedWith = async (appetite: Appetite) => {
    const setting = { ...settingOf(test, 0), appetite }
    const { calls, deferredFrom } = await examine(test.world, test.store, setting, candidates)
    return [calls.length, deferredFrom]
  }
  expect(await judgedWith(FULL_APPETITE)).toEqual([150, null])
  expect(await judgedWith(SMALL_APPETITE)).toEqual([140, 240])
})

test("a call that was not asked for, because the vendor wants a pause, is asked for when that is over and no later", async () => {
  const test = createTestWorld()
  const { turn, ...setting } = settingOf(test, 0)
  const control = { ...turn.control, detailBlockedUntil: START + 5 * MINUTE }
  const open = {
    id: "going",
    firstSeenAt: START - 2 * HOUR,
    heldMs: 0,
    endedAt: null,
    wantsDetail: true,
    isAnalysed: false,
    scoredAt: null,
    looks: 3,
    nextLookAt: START - 1,
    settlesAt: START - 1,
    isKept: false,
    isAlerted: false,
  }
  const { call } = candidateAt(START - 2 * HOUR, false)
  const going: Candidate = { id: "going", call: { ...call, open }, row: null, kind: "due", isListed: false }
  const { calls } = await examine(test.world, test.store, { ...setting, turn: { ...turn, control } }, [going])
  expect(calls.map((call) => call.open)).toEqual([open])
})

test.each([
  { channels: ["slack", "email"], told: [true, false, false] },
  { channels: ["slack"], told: [true, true, false] },
])("a call is told once each of the channels $channels knows of it", async ({ channels, told }) => {
  const test = createTestWorld()
  test.setup.channels = test.setup.channels.filter(({ id }) => channels.includes(id))
  for (const rule of DEFAULT_RULES) {
    // Anger would be worse news than a flag, and each channel would be told of it.
    if (rule.id === "angry-caller") await test.store.writeRule({ ...rule, severity: "warning", version: 2 })
    if (rule.id === "low-score") await test.store.writeRule({ ...rule, channels: ["slack"], version: 2 })
  }
  const analysed = { metadata: null }
  test.book.add(callAt("to-both", 70_000, { ...analysed, score: null, flagged: true }))
  test.book.add(callAt("to-slack", 80_000, { ...analysed, score: 1 }))
  test.book.add(callAt("to-nobody", 90_000, { ...analysed, score: null }))
  await test.pollAfter(0)
  const { calls } = await test.store.readWatch()
  const isAlerted = (id: string) => calls.get(callKey(id))?.open?.isAlerted
  expect(["to-both", "to-slack", "to-nobody"].map(isAlerted)).toEqual(told)
})
