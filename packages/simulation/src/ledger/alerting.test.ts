/** What the ledger takes for a false, early, repeated or unkept alert, by examples: it must not be blind. */
import { DAY, MINUTE } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { createProcess, kill } from "../process/process.ts"
import { START } from "../scenario.ts"
import { END, testCall } from "../test-call.ts"
import { planRules } from "../truth/rule.ts"
import { flagged, recordOf, sendAlert, toBoth, watch, watchBy } from "./test-ledger.ts"

test("an alert that is kept, sent to both channels and marked as sent breaks nothing", () => {
  const watched = watch(flagged())
  const process = createProcess(1, 0)
  watched.clock.now = END + MINUTE
  for (const channel of toBoth) sendAlert(watched, process, channel)
  watched.ledger.kept(recordOf("sent", toBoth, watched.clock.now), process)
  expect(watched.ledger.violations).toEqual([])
  expect(watched.close()).toEqual([])
  expect(watched.ledger).toMatchObject({ alerts: 1, duplicates: 0 })
  expect([...watched.ledger.latencies.live.values()]).toEqual([MINUTE])
})

test("the time until people know is that of the worst news, from its own fact on", () => {
  const watched = watch(testCall({ flaggedAt: END, angry: 1, sentimentAt: END + 10 * MINUTE }))
  const process = createProcess(1, 0)
  watched.clock.now = END + MINUTE
  sendAlert(watched, process, "slack")
  watched.clock.now = END + 13 * MINUTE
  sendAlert(watched, process, "slack", false, ["flagged@1", "angry-caller@1"])
  expect([...watched.ledger.latencies.live.values()]).toEqual([3 * MINUTE])
  watched.clock.now = END + 20 * MINUTE
  sendAlert(watched, process, "slack", true, ["flagged@1"])
  expect([...watched.ledger.latencies.live.values()]).toEqual([3 * MINUTE])
  expect(watched.ledger.alerts).toBe(1)
})

test("an alert that arrives before its fact is there is noticed, and so is its reason", () => {
  const early = watch(flagged())
  early.clock.now = END - MINUTE
  sendAlert(early, createProcess(1, 0), "slack")
  expect(early.ledger.falseAlerts).toBe(2)
})

test("a channel that no matching rule alerts is owed nothing, and must receive nothing", () => {
  const [rule] = planRules({ seed: 1, profile: "calm", start: START, end: START + DAY })
  if (!rule) throw new Error("There are default rules.")
  const versions = [{ ...rule, named: ["email"] }]
  const watched = watchBy(versions, {}, flagged())
  watched.clock.now = END + MINUTE
  sendAlert(watched, createProcess(1, 0), "email")
  expect(watched.close()).toEqual([])
  expect(watched.ledger.violations).toEqual([])
  sendAlert(watched, createProcess(1, 0), "slack")
  expect(watched.ledger.violations).toMatchObject([
    expect.stringContaining("and no rule that goes there matches"),
  ])
})

test("a message that is sent before its claim is kept is noticed", () => {
  const { ledger } = watch(flagged())
  ledger.sent({ callId: "call", channel: "slack", reasons: [], isUnknown: false }, createProcess(1, 0))
  expect(ledger.violations).toMatchObject([expect.stringContaining("before that is kept")])
})

test("a message that gives other reasons than the record had when it was claimed is noticed", () => {
  const watched = watch(flagged())
  watched.clock.now = END
  sendAlert(watched, createProcess(1, 0), "slack", false, ["flagged@1", "low-score@1"])
  sendAlert(watched, createProcess(1, 0), "email", false, [])
  expect(watched.ledger.violations).toMatchObject([
    expect.stringContaining('sent to slack for "flagged@1 low-score@1", not for "flagged@1"'),
    expect.stringContaining('sent to email for ""'),
    expect.stringContaining('told in email for "", and no rule that goes there matches'),
  ])
})

test("a message is repeated only if nobody could know whether the first arrived, and says so", () => {
  const knowing = watch(flagged())
  knowing.clock.now = END
  const process = createProcess(1, 0)
  sendAlert(knowing, process, "slack")
  sendAlert(knowing, process, "slack", true)
  expect(knowing.ledger.violations).toMatchObject([expect.stringContaining("arrived 2 times in slack")])

  // Nobody can know whether a claim that was made by a wrong clock has run out.
  const mistimed = watch(flagged())
  mistimed.clock.now = END
  mistimed.clock.isWrong = true
  sendAlert(mistimed, process, "slack")
  sendAlert(mistimed, process, "slack", true)
  expect(mistimed.ledger.violations).toEqual([])
  sendAlert(mistimed, process, "slack")
  expect(mistimed.ledger.violations).toMatchObject([expect.stringContaining("without saying so")])

  const unknowing = watch(flagged())
  unknowing.clock.now = END
  sendAlert(unknowing, process, "slack")
  kill(process)
  sendAlert(unknowing, createProcess(2, 0), "slack", true)
  expect(unknowing.ledger).toMatchObject({ violations: [], duplicates: 1 })
  sendAlert(unknowing, createProcess(3, 0), "slack")
  expect(unknowing.ledger.violations).toHaveLength(2)
})
