/**
 * The vendor's rate limits, counted for each key.
 *
 * A request counts in every bucket it belongs to, or in none of them if one is full. Refused requests are not counted,
 * so waiting for `Retry-After` is always enough.
 */

export type KeyLimits = {
  /** "sliding": any stretch of an hour or a minute. "fixed": each hour and minute of the clock. */
  readonly window: "sliding" | "fixed"
  readonly listsPerHour: number
  readonly detailsPerHour: number
  /** All GET requests together. */
  readonly requestsPerMinute: number
  /** Lists that search or filter; they count as lists and as requests too. */
  readonly filteredListsPerMinute: number
}

/**
 * The hourly numbers are from the vendor's Calls page, the per-minute ones from its authentication page. Neither says
 * what kind of window it means; sliding is the stricter reading.
 */
export const DOCUMENTED_LIMITS: KeyLimits = {
  window: "sliding",
  listsPerHour: 200,
  detailsPerHour: 500,
  requestsPerMinute: 100,
  filteredListsPerMinute: 30,
}

export type Use = "list" | "filteredList" | "detail"

/** What one bucket says about itself after a request; the API's `X-RateLimit-*` headers repeat it. */
export type BucketState = {
  readonly limit: number
  readonly remaining: number
  /** When the next room opens, in epoch milliseconds. */
  readonly resetAt: number
}

/** `hour` is the endpoint's hourly bucket, `tightest` the one with the least left. */
export type Admission =
  | { readonly accepted: true; readonly hour: BucketState; readonly tightest: BucketState }
  | { readonly accepted: false; readonly full: BucketState }

export type Limiter = { take(key: string, use: Use, now: number): Admission }

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** Remembers at most as many instants for each key as the limits allow requests. */
export function createLimiter(limits: KeyLimits): Limiter {
  const buckets = new Map<string, Bucket>()
  const bucket = (key: string, name: string, limit: number, windowMs: number): Bucket => {
    const id = `${name} ${key}`
    const found = buckets.get(id)
    if (found) return found
    const create = limits.window === "sliding" ? createSlidingBucket : createFixedBucket
    const created = create(limit, windowMs)
    buckets.set(id, created)
    return created
  }
  return {
    take(key, use, now) {
      const hour =
        use === "detail"
          ? bucket(key, "details", limits.detailsPerHour, HOUR_MS)
          : bucket(key, "lists", limits.listsPerHour, HOUR_MS)
      const counted = [hour, bucket(key, "requests", limits.requestsPerMinute, MINUTE_MS)]
      if (use === "filteredList") {
        counted.push(bucket(key, "filtered", limits.filteredListsPerMinute, MINUTE_MS))
      }
      const full = counted.map((one) => one.state(now)).filter((state) => state.remaining === 0)
      if (full.length > 0) return { accepted: false, full: full.reduce(laterReset) }
      for (const one of counted) one.add(now)
      const states = counted.map((one) => one.state(now))
      return { accepted: true, hour: hour.state(now), tightest: states.reduce(fewerRemaining) }
    },
  }
}

function laterReset(a: BucketState, b: BucketState): BucketState {
  return b.resetAt > a.resetAt ? b : a
}

function fewerRemaining(a: BucketState, b: BucketState): BucketState {
  return b.remaining < a.remaining ? b : a
}

type Bucket = { state(now: number): BucketState; add(now: number): void }

/** Keeps the time of every accepted request of the last window: at most `limit` numbers. */
function createSlidingBucket(limit: number, windowMs: number): Bucket {
  const times: number[] = []
  return {
    state(now) {
      while (times[0] !== undefined && times[0] <= now - windowMs) times.shift()
      return { limit, remaining: limit - times.length, resetAt: (times[0] ?? now) + windowMs }
    },
    add: (now) => void times.push(now),
  }
}

function createFixedBucket(limit: number, windowMs: number): Bucket {
  let start = 0
  let used = 0
  return {
    state(now) {
      const current = Math.floor(now / windowMs) * windowMs
      if (current !== start) {
        start = current
        used = 0
      }
      return { limit, remaining: limit - used, resetAt: start + windowMs }
    },
    add() {
      used += 1
    },
  }
}
