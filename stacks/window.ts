/**
 * How long an alarm waits, in data points. That follows from how often polls come: a window with no poll in it can tell nothing.
 */

export const MINUTE = 60

/** It rings when `bad` of the last `of` data points are bad. */
export function points(periodSeconds: number, bad: number, of: number) {
  return { periodSeconds, bad, of }
}

/** A data point in which a poll comes at least, or of so many seconds if that is longer. */
export function pointOf(gateMs: number, secondsMin: number): number {
  // A trigger can be some seconds late.
  const apart = gateMs <= MINUTE * 1000 ? 0 : Math.ceil(gateMs / 1000 / MINUTE + 0.5) * MINUTE
  return Math.max(secondsMin, apart)
}

/** Bad for so many seconds, and for two polls at least, among so many times as many. */
export function lasting(gateMs: number, seconds: number, times: number) {
  const periodSeconds = pointOf(gateMs, MINUTE)
  const bad = Math.max(2, Math.ceil(seconds / periodSeconds))
  return { periodSeconds, bad, of: times * bad }
}
