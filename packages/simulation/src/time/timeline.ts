/** Virtual time: events run in the order of their times, and those of one instant in the order they were made. */
import type { Instant } from "@earshot/core/instant"

/** True if it may have woken code that must finish before the next event. */
export type Event = () => boolean

export type Timeline = {
  now: () => Instant
  /** A time that has passed counts as now. */
  at: (time: Instant, event: Event) => void
  /** Moves to the next event and runs it; null if none is left, or the next is later than `end`. */
  step: (end: Instant) => boolean | null
  /** Time stands still while a holder holds: for work that goes on outside of it. */
  holder: () => Holder
  isHeld: () => boolean
}

/** Holding or releasing twice does no harm. */
export type Holder = { hold: () => void; release: () => void }

type Entry = { time: Instant; order: number; event: Event }

export function createTimeline(start: Instant): Timeline {
  const heap: Entry[] = []
  let now = start
  let made = 0
  let held = 0

  return {
    now: () => now,
    at(time, event) {
      // Clocks show whole milliseconds.
      push(heap, { time: time > now ? Math.ceil(time) : now, order: made++, event })
    },
    step(end) {
      const next = heap[0]
      if (!next || next.time > end) return null
      pop(heap)
      now = next.time
      return next.event()
    },
    holder() {
      let isHolding = false
      const set = (holds: boolean) => {
        if (holds !== isHolding) held += holds ? 1 : -1
        isHolding = holds
      }
      return { hold: () => set(true), release: () => set(false) }
    },
    isHeld: () => held > 0,
  }
}

/** Turns requested from the event loop at once. Requesting each by itself takes five times as long. */
const TURNS = 64

/**
 * Runs events until none is left, the next is later than `end`, or `isOver` says so after one. Everything that an event
 * wakes finishes before the next event: between two immediates Node runs every microtask, however long their chain.
 */
export function runEvents(timeline: Timeline, end: Instant, isOver: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let isDone = false
    const turn = () => {
      while (!isDone && !timeline.isHeld()) {
        const isAwake = timeline.step(end)
        isDone = isAwake === null || isOver()
        if (isAwake) return
      }
    }
    const safely = () => {
      try {
        turn()
      } catch (error) {
        isDone = true
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    const ask = () => {
      if (isDone) return resolve()
      for (let count = 0; count < TURNS; count++) setImmediate(safely)
      setImmediate(ask)
    }
    ask()
  })
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.time === b.time ? a.order < b.order : a.time < b.time
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.push(entry) - 1
  while (index > 0) {
    const above = (index - 1) >> 1
    const parent = heap[above]
    if (!parent || !isBefore(entry, parent)) break
    heap[index] = parent
    index = above
  }
  heap[index] = entry
}

function pop(heap: Entry[]): void {
  const last = heap.pop()
  if (!last || heap.length === 0) return
  let index = 0
  for (;;) {
    const left = heap[2 * index + 1]
    if (!left) break
    const right = heap[2 * index + 2]
    const isRight = right !== undefined && isBefore(right, left)
    const child = isRight ? right : left
    if (!isBefore(child, last)) break
    heap[index] = child
    index = 2 * index + (isRight ? 2 : 1)
  }
  heap[index] = last
}
