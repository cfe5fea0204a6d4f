/** The documented limits of the vendor, counted to the millisecond in sliding windows. */
import { HOUR, type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import type { VendorOddities } from "../truth/oddity.ts"

export type RateLimits = {
  /** Counts a request, unless it would exceed a limit: then it returns that limit and counts nothing. */
  take: (kind: "list" | "detail", now: Instant) => Window | null
  /** Requests of this kind within the hour. */
  usedInHour: (kind: "list" | "detail", now: Instant) => number
  /** Whether at least this many details were requested within the hour. */
  hasUsed: (details: number, now: Instant) => boolean
  /** The headers of an answer to a request of this kind. */
  headers: (kind: "list" | "detail", now: Instant) => Record<string, string>
}

export type Window = {
  name: string
  max: number
  isFull: (now: Instant) => boolean
  hasUsed: (count: number, now: Instant) => boolean
  add: (now: Instant) => void
  left: (now: Instant) => number
  freeAt: (now: Instant) => Instant
}

export function createRateLimits({ resetHeader }: Pick<VendorOddities, "resetHeader">): RateLimits {
  const all = createWindow("100 requests a minute", 100, MINUTE)
  const windows = {
    list: [createWindow("200 lists an hour", 200, HOUR), createWindow("30 lists a minute", 30, MINUTE), all],
    detail: [createWindow("500 details an hour", 500, HOUR), all],
  }
  return {
    take(kind, now) {
      const mine = windows[kind]
      for (const window of mine) if (window.isFull(now)) return window
      for (const window of mine) window.add(now)
      return null
    },
    usedInHour: (kind, now) => {
      const [hour = all] = windows[kind]
      return hour.max - hour.left(now)
    },
    hasUsed: (details, now) => windows.detail[0]?.hasUsed(details, now) ?? false,
    headers(kind, now) {
      const [hour = all] = windows[kind]
      const resetAt = hour.freeAt(now)
      return {
        "x-ratelimit-limit": String(hour.max),
        "x-ratelimit-remaining": String(hour.left(now)),
        "x-ratelimit-reset": resetHeader === "iso" ? isoOf(resetAt) : String(Math.ceil(resetAt / 1000)),
      }
    },
  }
}

function createWindow(name: string, max: number, lengthMs: number): Window {
  // A ring of the last `max` requests: the one to be overwritten must have left the window.
  const times = new Float64Array(max).fill(Number.NEGATIVE_INFINITY)
  let next = 0
  const at = (index: number) => times[index] ?? Number.NEGATIVE_INFINITY
  /** How many of them have left the window. They are in order, the oldest first. */
  const goneAt = (now: Instant) => {
    let [low, high] = [0, max]
    while (low < high) {
      const middle = (low + high) >> 1
      if (at((next + middle) % max) > now - lengthMs) high = middle
      else low = middle + 1
    }
    return low
  }
  return {
    name,
    max,
    isFull: (now) => at(next) > now - lengthMs,
    add(now) {
      times[next] = now
      next = (next + 1) % max
    },
    hasUsed: (count, now) => at((next - count + max) % max) > now - lengthMs,
    left: goneAt,
    freeAt(now) {
      const gone = goneAt(now)
      return gone === max ? now : at((next + gone) % max) + lengthMs
    },
  }
}
