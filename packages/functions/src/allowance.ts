/** What the vendor's headers say of the requests that are left. They can forbid requests, never allow more. */
import type { Allowance } from "@earshot/calls-api/allowance"
import { HOUR, type Instant } from "@earshot/core/instant"

/** Until when nothing is left, at most an hour from now; 0: something is, or the vendor does not say. */
export function pausedUntil(allowance: Allowance | null, now: Instant): Instant {
  if (allowance?.remaining !== 0 || allowance.resetAt === null || allowance.resetAt <= now) return 0
  return Math.min(allowance.resetAt, now + HOUR)
}
