/** The tick queue of `npm start`, in this process: what a nudge sends comes at once, and what was put back in its time. */
import type { Nudge } from "@earshot/core/turn/nudge"

export type LocalQueue = {
  send: (nudges: readonly Nudge[], afterMs: number) => void
  /** What has come since it was last asked. */
  take: () => Nudge[]
  /** Until something has come, or this long, or until it is stopped. */
  wait: (milliseconds: number, stopped: AbortSignal) => Promise<void>
}

export function createLocalQueue(
  sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>,
): LocalQueue {
  let arrived: Nudge[] = []
  let woken = new AbortController()
  const add = (nudges: readonly Nudge[]) => {
    arrived.push(...nudges)
    woken.abort()
  }
  return {
    send(nudges, afterMs) {
      if (afterMs <= 0) add(nudges)
      else void sleep(afterMs, new AbortController().signal).then(() => add(nudges))
    },
    take() {
      const taken = arrived
      arrived = []
      return taken
    },
    async wait(milliseconds, stopped) {
      woken = new AbortController()
      if (arrived.length > 0) return
      await sleep(milliseconds, AbortSignal.any([woken.signal, stopped]))
    },
  }
}
