/** The records of open calls, as this process left them in its last turn. A stale one only costs a failed write. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import type { Versioned } from "@earshot/io/store/store"

/** By call id, the oldest first. */
export type RecordMemory = { records: Map<string, Versioned<CallRecord>> }

/** Each is at most 400 KB, and usually twenty. Those that do not fit are read again. */
const RECORDS_MAX = 100

export function recallRecord({ records }: RecordMemory, callId: string): Versioned<CallRecord> | null {
  return records.get(callId) ?? null
}

/** Remembers the record of an open call; null: forgets it. */
export function rememberRecord(
  { records }: RecordMemory,
  callId: string,
  record: Versioned<CallRecord> | null,
): void {
  records.delete(callId)
  if (!record) return
  records.set(callId, record)
  for (const oldest of records.keys()) {
    if (records.size <= RECORDS_MAX) return
    records.delete(oldest)
  }
}

/** Once another process has had a turn, all of them may be stale. */
export function forgetRecords({ records }: RecordMemory): void {
  records.clear()
}
