/** What the ledger of a simulation takes for a broken promise, by examples: it must not be blind. */
import type { Reason } from "@earshot/core/alert/alert"
import type { CallRecord } from "@earshot/core/alert/call-record"
import { CLAIM_MS, type Delivery } from "@earshot/core/alert/delivery"
import { DAY, HOUR, type Instant, MINUTE, SECOND } from "@earshot/core/instant"
import { FIRST_CONTROL } from "@earshot/core/turn/control"
import { expect, test } from "vitest"
import { type Process, type Send, createProcess, kill } from "../process/process.ts"
import { END, START, testCall } from "../test-call.ts"
import { PLAIN } from "../truth/oddity.ts"
import { type RuleVersion, planRules } from "../truth/rule.ts"
import type { SimulatedCall } from "../truth/traffic.ts"
import { createLedger } from "./ledger.ts"

/** A ledger that watches these calls, and a clock. */
function watch(...calls: SimulatedCall[]) {
  return watchBy(planRules({ seed: 1, profile: "calm", start: START, end: START + DAY }), ...calls)
}

function watchBy(versions: readonly RuleVersion[], ...calls: SimulatedCall[]) {
  const clock = { now: START, isWrong: false }
  const made = { list: 0, detail: 0 }
  const ledger = createLedger({
    traffic: {
      callsAt: () => calls,
      byEnd: () => calls,
      call: (id) => calls.find((call) => call.id === id),
    },
    promising: { versions, oddities: PLAIN, rate: 60, downtime: () => 0, isCalm: false },
    now: () => clock.now,
    limits: { listPerHour: 200, detailPerHour: 500, gateMs: 19 * SECOND },
    usedInHour: (kind) => made[kind],
    hadChannel: () => true,
    mayBeMistimed: () => clock.isWrong,
    triggerMs: 10 * SECOND,
    scarceAt: [],
    measuredUntil: START + DAY,
  })
  const close = () =>
    ledger.close({ since: 0, unexamined: 0, callsUntil: START + DAY, end: START + DAY }).missed
  return { ledger, clock, made, close }
}

const flagged = () => testCall({ flaggedAt: END })

const toBoth = ["slack", "email"] as const

/** A record whose alert is owed to these channels. */
function recordOf(
  state: "claimed" | "sent",
  channels: readonly ("slack" | "email")[],
  at: Instant,
  ruleIds: readonly string[] = ["flagged"],
): CallRecord {
  const base = { attempts: 1, owedAt: at, mayRepeat: false }
  const deliveries = channels.map((channel): Delivery =>
    state === "sent"
      ? { ...base, channel, state, sentAt: at }
      : { ...base, channel, state, claimedUntil: at + 90 * SECOND },
  )
  const reasonOf = (ruleId: string): Reason => ({
    ruleId,
    version: 1,
    name: "Flagged",
    severity: "warning",
    because: [],
    becauseLeftOut: 0,
    at,
  })
  const facts = { firstSeenAt: START, detailedAt: null, detailIsFinal: false }
  return {
    callId: "call",
    facts: { ...facts, call: { ...NOTHING, id: "call" } },
    verdicts: [],
    isOpen: false,
    alert: { raisedAt: at, reasons: ruleIds.map(reasonOf) },
    deliveries,
  }
}

const NOTHING = {
  from: null,
  to: null,
  type: null,
  status: null,
  duration: null,
  createdAt: null,
  endedAt: null,
  summary: null,
  score: null,
  flagged: null,
  favorite: null,
  spam: null,
  agent: null,
  transcript: null,
  recordingUrl: null,
  memory: null,
  activityTimeline: null,
  metadata: null,
}

/** Sends the claimed message, and it arrives. */
function tell(
  { ledger, clock }: ReturnType<typeof watch>,
  process: Process,
  channel: "slack" | "email",
  mayRepeat = false,
  reasons = ["flagged@1"],
): Send {
  ledger.kept(recordOf("claimed", toBoth, clock.now), process)
  const send: Send = { callId: "call", channel, reasons, isUnknown: false }
  ledger.sent(send, process)
  ledger.told({ callId: "call", channel, mayRepeat })
  return send
}

test("an alert that is kept, told to both channels and noted breaks nothing", () => {
  const watched = watch(flagged())
  const process = createProcess(1, 0)
  watched.clock.now = END + MINUTE
  for (const channel of toBoth) tell(watched, process, channel)
  watched.ledger.kept(recordOf("sent", toBoth, watched.clock.now), process)
  expect(watched.ledger.violations).toEqual([])
  expect(watched.close()).toEqual([])
  expect(watched.ledger).toMatchObject({ alerts: 1, duplicates: 0, latencies: { live: [MINUTE], old: [] } })
})

test("a call of which nobody hears is missed, and so is one of which one channel does not", () => {
  expect(watch(flagged()).close()).toMatchObject([expect.stringContaining("flagged by list")])
  const watched = watch(flagged())
  watched.clock.now = END + MINUTE
  tell(watched, createProcess(1, 0), "slack")
  expect(watched.close()).toMatchObject([expect.stringContaining("not told to email")])
})

test("what is told late, too early or without cause is noticed", () => {
  const late = watch(flagged())
  late.clock.now = END + 2 * HOUR
  for (const channel of toBoth) tell(late, createProcess(1, 0), channel)
  late.close()
  expect(late.ledger.violations).toMatchObject([
    expect.stringContaining("3600 s late to slack"),
    expect.stringContaining("late to email"),
    expect.stringContaining("flagged was found 3600 s late"),
  ])
  const early = watch(flagged())
  early.clock.now = END - MINUTE
  tell(early, createProcess(1, 0), "slack")
  expect(early.ledger.falseAlerts).toBe(2)
})

test("a reason that is found late is noticed, although the call was told in time for another one", () => {
  const watched = watch(testCall({ flaggedAt: END, score: 1 }))
  watched.clock.now = END + MINUTE
  const process = createProcess(1, 0)
  for (const channel of toBoth) tell(watched, process, channel)
  expect(watched.close()).toMatchObject([expect.stringContaining("low-score by list")])
  watched.clock.now = END + 2 * HOUR
  watched.ledger.kept(recordOf("sent", toBoth, END, ["flagged", "low-score"]), process)
  expect(watched.close()).toEqual([])
  expect(watched.ledger.violations).toMatchObject([
    expect.stringContaining("low-score was found 3540 s late (list)"),
  ])
})

test("a channel that no matching rule tells is owed nothing, and hears nothing", () => {
  const [rule] = planRules({ seed: 1, profile: "calm", start: START, end: START + DAY })
  if (!rule) throw new Error("There are rules from the start.")
  const versions = [{ ...rule, channels: ["email" as const] }]
  const watched = watchBy(versions, flagged())
  watched.clock.now = END + MINUTE
  tell(watched, createProcess(1, 0), "email")
  expect(watched.close()).toEqual([])
  expect(watched.ledger.violations).toEqual([])
  tell(watched, createProcess(1, 0), "slack")
  expect(watched.ledger.violations).toMatchObject([
    expect.stringContaining("no rule matches that tells slack"),
  ])
})

test("a message that is sent before that is kept is noticed", () => {
  const { ledger } = watch(flagged())
  ledger.sent({ callId: "call", channel: "slack", reasons: [], isUnknown: false }, createProcess(1, 0))
  expect(ledger.violations).toMatchObject([expect.stringContaining("before that is kept")])
})

test("a message that gives other reasons than the record had when it was claimed is noticed", () => {
  const watched = watch(flagged())
  watched.clock.now = END
  tell(watched, createProcess(1, 0), "slack", false, ["flagged@1", "low-score@1"])
  tell(watched, createProcess(1, 0), "email", false, [])
  expect(watched.ledger.violations).toMatchObject([
    expect.stringContaining('told for "flagged@1 low-score@1" to slack, not for "flagged@1"'),
    expect.stringContaining('told for "" to email'),
  ])
})

test("a message is told again only if nobody could know of the first, and says so", () => {
  const knowing = watch(flagged())
  knowing.clock.now = END
  const process = createProcess(1, 0)
  tell(knowing, process, "slack")
  tell(knowing, process, "slack", true)
  expect(knowing.ledger.violations).toMatchObject([expect.stringContaining("told 2 times to slack")])

  // Nobody can tell whether a claim has run out that was made by a clock that is wrong.
  const mistimed = watch(flagged())
  mistimed.clock.now = END
  mistimed.clock.isWrong = true
  tell(mistimed, process, "slack")
  tell(mistimed, process, "slack", true)
  expect(mistimed.ledger.violations).toEqual([])
  tell(mistimed, process, "slack")
  expect(mistimed.ledger.violations).toMatchObject([expect.stringContaining("without saying so")])

  const unknowing = watch(flagged())
  unknowing.clock.now = END
  tell(unknowing, process, "slack")
  kill(process)
  tell(unknowing, createProcess(2, 0), "slack", true)
  expect(unknowing.ledger).toMatchObject({ violations: [], duplicates: 1 })
  tell(unknowing, createProcess(3, 0), "slack")
  expect(unknowing.ledger.violations).toHaveLength(2)
})

test("a word that somebody must not read is noticed in what they can read, and in the log", () => {
  const { ledger } = watch()
  ledger.wrote("A call from …0001 about a zeppelin, held by Juniper", "slack")
  expect(ledger.violations).toEqual([])
  ledger.wrote("A call from +15550100001", "slack")
  ledger.wrote("A call from …0001", "email")
  ledger.wrote("About a teapot.", "log")
  ledger.wrote("ew_simulated was not accepted", "slack")
  expect(ledger.violations.map((violation) => violation.slice(25))).toEqual([
    "5550100001 is told to slack, which must not know it",
    "…0001 is told to email, which must not know it",
    "teapot is told to log, which must not know it",
    "ew_simulated is told to slack, which must not know it",
  ])
})

test("the fence rises, polls keep the gate, and the watermark goes forward, past nothing unknown", () => {
  const { ledger, clock } = watch(testCall({ createdAt: START, visibleAt: START }))
  const control = (fence: number, polledAt: Instant) => ({
    kind: "acquired" as const,
    control: { ...FIRST_CONTROL, fence, polledAt },
  })
  ledger.acquired(control(1, START))
  ledger.acquired(control(2, START + 19 * SECOND))
  expect(ledger.violations).toEqual([])
  ledger.acquired(control(2, START + HOUR))
  ledger.acquired(control(3, START + HOUR + 18 * SECOND))
  clock.now = END + MINUTE
  ledger.moved(START)
  ledger.moved(START + MINUTE)
  ledger.moved(START)
  expect(ledger.violations.map((violation) => violation.slice(25))).toEqual([
    "the fence did not rise",
    "two polls began within 18000 ms",
    "the watermark passed call call, of which nothing is known",
    "the watermark went back by 60000 ms",
  ])
})

test("that nobody polls although there are triggers is noticed", () => {
  const { ledger, clock } = watch()
  for (const [fence, waitedMs] of [10 * MINUTE, 20 * MINUTE].entries()) {
    clock.now += waitedMs
    const control = { ...FIRST_CONTROL, fence: fence + 1, polledAt: clock.now }
    ledger.acquired({ kind: "acquired", control })
  }
  expect(ledger.violations).toMatchObject([expect.stringContaining("no poll began within 1200 s")])
})

test("the watermark waits for a call that goes on, and for one that is not to be seen yet", () => {
  const going = watch(testCall({}))
  going.clock.now = END - MINUTE
  going.ledger.moved(START + 1)
  expect(going.ledger.violations).toMatchObject([expect.stringContaining("which goes on")])
  const late = watch(testCall({ visibleAt: END + 3 * MINUTE }))
  late.clock.now = END + MINUTE
  late.ledger.moved(START + 1)
  expect(late.ledger.violations).toMatchObject([expect.stringContaining("not to be seen yet")])
})

test("a request that is made and not counted is noticed long before a limit is exceeded", () => {
  const { ledger, made } = watch()
  const minute = Math.floor(START / MINUTE)
  const ring = { minute, fence: 0, list: [3], detail: [2] }
  const begins = (fence: number) =>
    ledger.acquired({
      kind: "acquired",
      control: { ...FIRST_CONTROL, ring, fence, polledAt: START + fence * 19 * SECOND },
    })
  Object.assign(made, { list: 3, detail: 2 })
  begins(1)
  expect(ledger.violations).toEqual([])
  Object.assign(made, { list: 5, detail: 3 })
  begins(2)
  expect(ledger.violations.map((violation) => violation.slice(25))).toEqual([
    "5 list requests were made within the hour, and 4 counted",
    "3 detail requests were made within the hour, and 2 counted",
  ])
})

test("what is due and not marked as due is noticed when the next poll begins", () => {
  const dueAt = (at: Instant | null) => ({
    kind: "acquired" as const,
    control: { ...FIRST_CONTROL, fence: 1, polledAt: START, dueAt: at },
  })
  const violationsOf = (marked: Instant | null, waitedMs: number) => {
    const { ledger, clock } = watch(flagged())
    clock.now = END
    ledger.kept(recordOf("claimed", toBoth, END), createProcess(1, 0))
    clock.now = END + CLAIM_MS + waitedMs
    ledger.acquired(dueAt(marked))
    return ledger.violations.length
  }
  expect(violationsOf(null, MINUTE)).toBe(0)
  expect(violationsOf(null, 3 * MINUTE)).toBe(1)
  expect(violationsOf(END + 2 * CLAIM_MS, 3 * MINUTE)).toBe(0)
  expect(violationsOf(END + HOUR, 3 * MINUTE)).toBe(1)
})

test("what is owed or untold long after the last fault is noticed", () => {
  const owing = watch(flagged())
  owing.clock.now = END
  owing.ledger.kept(recordOf("claimed", toBoth, END), createProcess(1, 0))
  owing.ledger.checkBacklog(END + MINUTE)
  expect(owing.ledger.violations).toHaveLength(2)
  const untold = watch(flagged())
  untold.clock.now = END + 50 * MINUTE
  untold.ledger.checkBacklog(END)
  expect(untold.ledger.violations).toMatchObject([expect.stringContaining("is not told after 3000 s")])
  const half = watch(flagged())
  half.clock.now = END
  tell(half, createProcess(1, 0), "slack")
  half.clock.now = END + 50 * MINUTE
  half.ledger.checkBacklog(0)
  expect(half.ledger.violations).toHaveLength(1)
})
