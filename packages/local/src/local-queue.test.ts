/** A nudge ends a wait, and what was put back comes in its time. */
import type { Nudge } from "@earshot/core/turn/nudge"
import { expect, test } from "vitest"
import { createLocalQueue } from "./local-queue.ts"

const nudge: Nudge = { id: "one", party: null, tries: 0 }

/** Sleeps end when they are told to, or aborted. */
function createSleeps() {
  const ends: { milliseconds: number; end: () => void }[] = []
  const sleep = (milliseconds: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      ends.push({ milliseconds, end: resolve })
      signal.addEventListener("abort", () => resolve(), { once: true })
    })
  return { ends, sleep }
}

test("a nudge ends the wait, and is taken once", async () => {
  const queue = createLocalQueue(createSleeps().sleep)
  const waited = queue.wait(10_000, new AbortController().signal)
  queue.send([nudge], 0)
  await waited
  expect([queue.take(), queue.take()]).toEqual([
    { nudges: [nudge], hasTick: false },
    { nudges: [], hasTick: false },
  ])
})

test("one that came during a poll is not waited for", async () => {
  const queue = createLocalQueue(createSleeps().sleep)
  queue.send([nudge], 0)
  await queue.wait(10_000, new AbortController().signal)
  expect(queue.take().nudges).toEqual([nudge])
})

test("what is put back comes later", async () => {
  const { ends, sleep } = createSleeps()
  const queue = createLocalQueue(sleep)
  queue.send([nudge], 2000)
  expect([ends[0]?.milliseconds, queue.take().nudges]).toEqual([2000, []])
  const waited = queue.wait(10_000, new AbortController().signal)
  ends[0]?.end()
  await waited
  expect(queue.take().nudges).toEqual([nudge])
})

test("a tick that a turn asked for ends the wait in its time, and is taken once", async () => {
  const { ends, sleep } = createSleeps()
  const queue = createLocalQueue(sleep)
  queue.sendTick(3000)
  const waited = queue.wait(10_000, new AbortController().signal)
  expect([ends[0]?.milliseconds, queue.take().hasTick]).toEqual([3000, false])
  ends[0]?.end()
  await waited
  expect([queue.take().hasTick, queue.take().hasTick]).toEqual([true, false])
})
