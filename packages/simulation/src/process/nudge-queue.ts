/**
 * The tick queue as nudges go through it: a message takes some milliseconds, two invocations take what is there, up to ten messages
 * each, and what a turn puts back comes again in whole seconds. Ticks do not wait for nudges: a deployment's two are enough for both.
 */
import { SECOND } from "@earshot/core/instant"
import type { Nudge } from "@earshot/core/turn/nudge"
import { type Random, between } from "@earshot/emulators/random"
import type { PutBack } from "@earshot/poller/report"
import type { Timeline } from "../time/timeline.ts"

/** From the vendor's request to the function's start. */
const WAY_MS = [30, 200] as const

const AT_ONCE_MAX = 2

const BATCH_MAX = 10

/** Begins a turn, and says when it is over and what it has put back. */
export type NudgedTurn = (nudges: readonly Nudge[], ended: (putBack: PutBack | null) => void) => void

export function createNudgeQueue(
  timeline: Timeline,
  random: Random,
  begin: NudgedTurn,
): { send: (nudges: readonly Nudge[], afterMs: number) => void } {
  const waiting: (readonly Nudge[])[] = []
  let atWork = 0

  function send(nudges: readonly Nudge[], afterMs: number): void {
    const delayMs = Math.ceil(afterMs / SECOND) * SECOND + between(random, ...WAY_MS)
    timeline.at(timeline.now() + delayMs, () => {
      waiting.push(nudges)
      return take()
    })
  }

  function take(): boolean {
    if (atWork >= AT_ONCE_MAX || waiting.length === 0) return false
    atWork++
    begin(waiting.splice(0, BATCH_MAX).flat(), (putBack) => {
      atWork--
      if (putBack) send(putBack.nudges, putBack.afterMs)
      timeline.at(timeline.now(), take)
    })
    return true
  }

  return { send }
}
