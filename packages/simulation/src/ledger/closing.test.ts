/** What the ledger takes for missed or late, by examples: it must not be blind. */
import { HOUR, MINUTE } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { createProcess } from "../process/process.ts"
import { END, testCall } from "../test-call.ts"
import { flagged, recordOf, sendAlert, toBoth, watch } from "./test-ledger.ts"

test("a matching call that raises no alert is missed, and so is one whose alert reaches one channel of two", () => {
  expect(watch(flagged()).close()).toMatchObject([expect.stringContaining("flagged by list")])
  const watched = watch(flagged())
  watched.clock.now = END + MINUTE
  sendAlert(watched, createProcess(1, 0), "slack")
  expect(watched.close()).toMatchObject([expect.stringContaining("did not arrive in email")])
})

test("an alert that arrives late is noticed", () => {
  const late = watch(flagged())
  late.clock.now = END + 2 * HOUR
  for (const channel of toBoth) sendAlert(late, createProcess(1, 0), channel)
  late.close()
  expect(late.ledger.violations).toMatchObject([
    expect.stringContaining("arrived 3600 s late in slack"),
    expect.stringContaining("late in email"),
    expect.stringContaining("flagged was found 3600 s late"),
  ])
})

test("a reason that is found late is noticed, even if another one raised the alert in time", () => {
  const watched = watch(testCall({ flaggedAt: END, score: 1 }))
  watched.clock.now = END + MINUTE
  const process = createProcess(1, 0)
  for (const channel of toBoth) sendAlert(watched, process, channel)
  expect(watched.close()).toMatchObject([expect.stringContaining("low-score by list")])
  watched.clock.now = END + 2 * HOUR
  watched.ledger.kept(recordOf("sent", toBoth, END, ["flagged", "low-score"]), process)
  expect(watched.close()).toEqual([])
  expect(watched.ledger.violations).toMatchObject([
    expect.stringContaining("low-score was found 3540 s late (list)"),
  ])
})

test("what is owed, or has raised no alert, long after the last fault is noticed", () => {
  const owing = watch(flagged())
  owing.clock.now = END
  owing.ledger.kept(recordOf("claimed", toBoth, END), createProcess(1, 0))
  owing.ledger.checkBacklog(END + MINUTE)
  expect(owing.ledger.violations).toHaveLength(2)
  const silent = watch(flagged())
  silent.clock.now = END + 50 * MINUTE
  silent.ledger.checkBacklog(END)
  expect(silent.ledger.violations).toMatchObject([
    expect.stringContaining("has raised no alert after 3000 s"),
  ])
  const half = watch(flagged())
  half.clock.now = END
  sendAlert(half, createProcess(1, 0), "slack")
  half.clock.now = END + 50 * MINUTE
  half.ledger.checkBacklog(0)
  expect(half.ledger.violations).toHaveLength(1)
})
