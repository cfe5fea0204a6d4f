/** What the starts on a page of a scan show: whether the page is in order, and where the next one begins. */
import { type Instant, SECOND } from "../instant.ts"

/** Rows in a page, the vendor's maximum. */
export const PAGE_ROWS = 100

/**
 * Starts closer than this may come in any order: a vendor that sorts them as texts may write some with fewer digits.
 */
const SAME_START_MS = SECOND

/**
 * Whether a page comes oldest first, as a scan asks for it, so that the next page starts no earlier than its newest
 * call.
 */
export function isInOrder(starts: readonly Instant[]): boolean {
  let newest = Number.NEGATIVE_INFINITY
  for (const at of starts) {
    if (at <= newest - SAME_START_MS) return false
    newest = Math.max(newest, at)
  }
  return true
}

/**
 * Where the page begins that follows one from `from` on: with that page's last second, because it need not show all
 * calls of that second; or with its newest call, if it shows none from before that second. Null if all start at `from`.
 */
export function goesOnAt(from: Instant, starts: readonly Instant[]): Instant | null {
  let [oldest, newest] = [Number.POSITIVE_INFINITY, from]
  for (const at of starts) {
    oldest = Math.min(oldest, at)
    newest = Math.max(newest, at)
  }
  const sure = newest - SAME_START_MS + 1
  if (sure > from && sure > oldest) return sure
  return newest > from ? newest : null
}
