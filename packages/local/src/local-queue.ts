/**
 * The tick queue of `npm start`, in this process: what a nudge sends comes at once, and what was put back, or a tick that a turn asked
 * for, in its time.
 */
import type { Nudge } from "@earshot/core/turn/nudge"

export type LocalQueue = {
  send: (nudges: readonly Nudge[], afterMs: number) => void
  /** One more tick. */
  sendTick: (afterMs: number) => void
  /** What has come since it was last asked. */
  take: () => { nudges: Nudge[]; hasTick: boolean }
  /** Until something has come, or this long, or until it is stopped. */
  wait: (milliseconds: number, stopped: AbortSignal) => Promise<void>
}

export function createLocalQueue(
  sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>,
): LocalQueue {
  let arrived: Nudge[] = []
  let hasTick = false
  let woken = new AbortController()
  const later = (afterMs: number, arrive: () => void) =>
    void sleep(afterMs, new AbortController().signal).then(arrive)
  const add = (nudges: readonly Nudge[]) => {
    arrived.push(...nudges)
    woken.abort()
  }
  return {
    send(nudges, afterMs) {
      if (afterMs <= 0) add(nudges)
      else later(afterMs, () => add(nudges))
    },
    sendTick(afterMs) {
      later(afterMs, () => {
        hasTick = true
        woken.abort()
      })
    },
    take() {
      const taken = { nudges: arrived, hasTick }
      arrived = []
      hasTick = false
      return taken
    },
    async wait(milliseconds, stopped) {
      woken = new AbortController()
      if (arrived.length > 0 || hasTick) return
      await sleep(milliseconds, AbortSignal.any([woken.signal, stopped]))
    },
  }
}
