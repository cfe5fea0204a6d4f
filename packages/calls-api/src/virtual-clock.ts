/**
 * A clock for tests, on which waiting takes no time.
 *
 * It stands still while there is work to do and jumps to the next end of a `sleep` when there is none, so an hour's
 * pause after a 429 is over at once and every moment is exact.
 */
import { setImmediate } from "node:timers/promises"

export type VirtualClock = {
  /** Epoch milliseconds. */
  now: () => number
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  /** The result of `work`, moving the clock whenever it waits. Throws if it waits for something else. */
  run: <T>(work: Promise<T>) => Promise<T>
  /** How many sleeps have not ended yet. */
  sleepers: () => number
}

/** After this much real time without progress, nothing more will happen: even a file has been read by then. */
const IDLE_MAX_MS = 2_000

/** On a busy machine one long computation may take that time: a process that is idle takes this many turns in it. */
const IDLE_TURNS_MIN = 5_000

export function createVirtualClock(start: number): VirtualClock {
  let time = start
  const sleeps = new Set<{ wake: () => void; at: number }>()

  const jump = (): boolean => {
    const [next] = [...sleeps].sort((a, b) => a.at - b.at)
    if (!next) return false
    sleeps.delete(next)
    time = Math.max(time, next.at)
    next.wake()
    return true
  }

  return {
    now: () => time,
    sleepers: () => sleeps.size,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleep = { wake: resolve, at: time + ms }
        sleeps.add(sleep)
        signal?.addEventListener("abort", () => {
          sleeps.delete(sleep)
          resolve()
        })
      }),
    async run(work) {
      const state = { isOver: false }
      const end = () => void (state.isOver = true)
      work.then(end, end)
      let since = performance.now()
      for (let turns = 0; turns < IDLE_TURNS_MIN || performance.now() - since < IDLE_MAX_MS; turns++) {
        await setImmediate()
        if (state.isOver) return work
        if (!jump()) continue
        since = performance.now()
        turns = 0
      }
      throw new Error("The work waits for something that no clock brings.")
    },
  }
}
