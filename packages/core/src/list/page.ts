/** What a page of a scan tells by the starts of its calls: whether it is in order, and where the next one begins. */
import { type Instant, SECOND } from "../instant.ts"

/** Rows in a page, the vendor's maximum. */
export const PAGE_ROWS = 100

/** Starts that differ by less may come in any order: who sorts them as texts may write some with fewer digits. */
const SAME_START_MS = SECOND

/** Whether a page comes as a scan asks for it, oldest first, so that what follows it does not start before its newest. */
export function isInOrder(starts: readonly Instant[]): boolean {
  let newest = Number.NEGATIVE_INFINITY
  for (const at of starts) {
    if (at <= newest - SAME_START_MS) return false
    newest = Math.max(newest, at)
  }
  return true
}

/**
 * Where a page begins that follows one from `from` on: with the last second of that one, of which it need not show all calls,
 * or with its newest call if it shows none from before that second. Null if all start at `from`.
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
