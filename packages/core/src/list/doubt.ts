/**
 * What is wrong about a page that could be read: it says that there are calls and shows none, or nothing of a kind that
 * every call has could be understood. Then nobody knows what was missed, and the poll must not look as if all were well.
 */
import type { Call, Listing } from "@earshot/calls-api/call"

/**
 * - `hollow`: no rows, though the vendor counts some.
 * - `no-ids`: most rows have no id that can be read.
 * - `wrong-types`: none of these fields could be understood in any row.
 */
export type Doubt = { kind: "hollow" | "no-ids" } | { kind: "wrong-types"; fields: readonly (keyof Call)[] }

/** Without them rules do not match, calls have no place in the list, or nobody sees that they are over. */
const NEEDED = ["score", "flagged", "createdAt", "endedAt"] as const satisfies readonly (keyof Call)[]

/** Null if the page can be trusted. `page`: its number; behind the last one there are no rows. */
export function doubtOf({ calls, unreadable, odd, pagination }: Listing, page: number): Doubt | null {
  if (unreadable > calls.length) return { kind: "no-ids" }
  if (calls.length === 0) {
    return page === 1 && (pagination?.totalCount ?? 0) > 0 ? { kind: "hollow" } : null
  }
  const fields = NEEDED.filter(
    (field) => (odd[field] ?? 0) > 0 && calls.every((call) => call[field] === null),
  )
  return fields.length > 0 ? { kind: "wrong-types", fields } : null
}
