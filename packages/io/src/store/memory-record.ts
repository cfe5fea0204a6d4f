/** Records in memory, a page at a time. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import type { RecordPage, RecordSpan, Versioned } from "./store.ts"

/** As many as a megabyte may hold. */
const PAGE_RECORDS = 200

export function recordPageOf(
  calls: ReadonlyMap<string, Versioned<CallRecord>>,
  { since, after, before }: RecordSpan,
): RecordPage {
  const ids = [...calls.keys()].filter((id) => id > after && (before === null || id <= before)).sort()
  const page = ids.slice(0, PAGE_RECORDS).flatMap((id) => calls.get(id)?.value ?? [])
  const records = page.filter(({ facts }) => facts.firstSeenAt >= since)
  return { records, unreadable: 0, size: 0, next: ids[PAGE_RECORDS] ? (ids[PAGE_RECORDS - 1] ?? null) : null }
}
