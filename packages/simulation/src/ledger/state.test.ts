/** Which of the poller's own states the ledger takes for wrong, by examples: it must not be blind. */
import { CLAIM_MS, type Delivery } from "@earshot/core/alert/delivery"
import type { ChannelId } from "@earshot/core/channel/channel"
import { HOUR, type Instant, MINUTE, SECOND } from "@earshot/core/instant"
import { FIRST_CONTROL } from "@earshot/core/turn/control"
import { expect, test } from "vitest"
import { createProcess } from "../process/process.ts"
import { START } from "../scenario.ts"
import { END, testCall } from "../test-call.ts"
import { flagged, recordOf, toBoth, watch } from "./test-ledger.ts"

function owed(channel: ChannelId, attempts: number, dueAt: Instant): Delivery {
  return { channel, state: "due", attempts, owedAt: END, mayRepeat: false, dueAt }
}

test("the fence rises, polls keep the gate, and the watermark goes forward, past known calls only", () => {
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

test("a time without polls although there are triggers is noticed", () => {
  const { ledger, clock } = watch()
  for (const [fence, waitedMs] of [10 * MINUTE, 20 * MINUTE].entries()) {
    clock.now += waitedMs
    const control = { ...FIRST_CONTROL, fence: fence + 1, polledAt: clock.now }
    ledger.acquired({ kind: "acquired", control })
  }
  expect(ledger.violations).toMatchObject([expect.stringContaining("no poll began within 1200 s")])
})

test("the watermark waits for a call that goes on, and for one that is not shown yet", () => {
  const going = watch(testCall({}))
  going.clock.now = END - MINUTE
  going.ledger.moved(START + 1)
  expect(going.ledger.violations).toMatchObject([expect.stringContaining("which goes on")])
  const late = watch(testCall({ visibleAt: END + 3 * MINUTE }))
  late.clock.now = END + MINUTE
  late.ledger.moved(START + 1)
  expect(late.ledger.violations).toMatchObject([expect.stringContaining("not shown yet")])
})

test("a request that is made without being counted is noticed long before a limit is exceeded", () => {
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

test("a delivery that is due and not marked as due is noticed when the next poll begins", () => {
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

test("what waits behind others for a channel that fails is marked for when that is asked again, and what waits for another is not", () => {
  const violationsOf = (waitsFor: ChannelId, marked: Instant) => {
    const { ledger, clock } = watch(flagged())
    clock.now = END
    const tried = owed("slack", 1, END + 8 * MINUTE)
    const untried = owed(waitsFor, 0, END)
    ledger.kept(
      { ...recordOf("claimed", [], END), callId: "tried", alert: null, deliveries: [tried] },
      createProcess(1, 0),
    )
    ledger.kept({ ...recordOf("claimed", [], END), deliveries: [untried] }, createProcess(1, 0))
    clock.now = END + 3 * MINUTE
    const control = { ...FIRST_CONTROL, fence: 1, polledAt: clock.now, dueAt: marked }
    ledger.acquired({ kind: "acquired", control })
    return ledger.violations.length
  }
  expect(violationsOf("slack", END + 8 * MINUTE)).toBe(0)
  expect(violationsOf("slack", END + 10 * MINUTE)).toBe(1)
  expect(violationsOf("email", END + 8 * MINUTE)).toBe(1)
})
