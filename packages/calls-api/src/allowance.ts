/** What the vendor's headers say about the request limits: how much is left, and when to come back. */
import { momentOf } from "./moment.ts"

/**
 * What the `X-RateLimit-*` headers said, each null if absent or unusable; any answer may have them. `resetAt` is in
 * epoch milliseconds on our clock, as far as the answer's `Date` says how far the vendor's is off.
 */
export type Allowance = { limit: number | null; remaining: number | null; resetAt: number | null }

/** How long to pause after a 429 that names no usable time: the shortest of the documented windows, a minute. */
const PAUSE_MS = 60_000

/** No documented window is longer than an hour; a longer pause would be a mistake or an attack. */
const PAUSE_MS_MAX = 3_600_000

/** At least this long: a 429 is never answered by asking again at once. */
const PAUSE_MS_MIN = 1000

/** Unix times in seconds are below this until the year 5138, in milliseconds above it since 1973. */
const SECONDS_MAX = 1e11

/** Numbers below this (September 2001 in Unix time) are not times, but perhaps a number of seconds to wait. */
const SECONDS_MIN = 1e9

/** Null if the answer has none of the three headers. */
export function readAllowance(headers: Pick<Headers, "get">, now: number): Allowance | null {
  const limit = parseCount(headers.get("x-ratelimit-limit"))
  const remaining = parseCount(headers.get("x-ratelimit-remaining"))
  const time = parseTime(headers.get("x-ratelimit-reset"))
  const resetAt = time === null ? null : time - clockAheadMs(headers, now)
  return limit === null && remaining === null && resetAt === null ? null : { limit, remaining, resetAt }
}

/**
 * Until when (epoch ms) a 429 forbids further requests, between a second and an hour after `now`. Relative times take
 * precedence over absolute ones, because the vendor's clock may differ from ours by what no `Date` tells. In order: the header `Retry-After`,
 * the body's `retryAfter`, the body's `resetAt`, the header `X-RateLimit-Reset`; if none is usable, a minute.
 */
export function pauseUntil(headers: Pick<Headers, "get">, body: unknown, now: number): number {
  const told = isRecord(body) ? body : {}
  const vendorNow = now + clockAheadMs(headers, now)
  const pauseMs =
    secondsUntil(headers.get("retry-after"), vendorNow) ??
    secondsUntil(told["retryAfter"], vendorNow) ??
    timeUntil(told["resetAt"], vendorNow) ??
    timeUntil(headers.get("x-ratelimit-reset"), vendorNow) ??
    PAUSE_MS
  return now + Math.min(Math.max(pauseMs, PAUSE_MS_MIN), PAUSE_MS_MAX)
}

/**
 * Until when (epoch ms) an answer's headers allow no further request, at most an hour after `now`. 0 if some are left,
 * or if the vendor does not say.
 */
export function pausedUntil(allowance: Allowance | null, now: number): number {
  if (allowance?.remaining !== 0 || allowance.resetAt === null || allowance.resetAt <= now) return 0
  return Math.min(allowance.resetAt, now + PAUSE_MS_MAX)
}

/** An answer is seconds on its way, and its `Date` has no parts of a second. */
const ON_THE_WAY_MS = 60_000

/** How far the vendor's clock is ahead of ours, by the `Date` of an answer; 0 if it is right, or if nothing tells. */
function clockAheadMs(headers: Pick<Headers, "get">, now: number): number {
  const aheadMs = (momentOf(headers.get("date") ?? "") ?? now) - now
  return Math.abs(aheadMs) > ON_THE_WAY_MS ? aheadMs : 0
}

/** In milliseconds. `Retry-After` is a number of seconds as documented, or a date as HTTP allows. */
function secondsUntil(value: unknown, vendorNow: number): number | null {
  const seconds = parseCount(value)
  if (seconds !== null) return Math.ceil(seconds * 1000)
  return timeUntil(value, vendorNow)
}

/** In milliseconds. A time in the past says nothing about how long to wait. */
function timeUntil(value: unknown, vendorNow: number): number | null {
  const time = parseTime(value)
  return time !== null && time > vendorNow ? time - vendorNow : null
}

function parseCount(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value : null
  return typeof value === "string" && /^\d{1,15}(\.\d{1,9})?$/.test(value.trim()) ? Number(value) : null
}

/** An ISO timestamp, an HTTP date, Unix seconds, or Unix milliseconds, as epoch milliseconds. */
function parseTime(value: unknown): number | null {
  const number = parseCount(value)
  if (number !== null && number < SECONDS_MIN) return null
  if (number !== null) return number < SECONDS_MAX ? number * 1000 : number
  return typeof value === "string" ? momentOf(value) : null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null
}
