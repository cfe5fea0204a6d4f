/**
 * Reads the stored calls of the last days, a few pages at a time, and hands each on at once: ten thousand of them with all that was
 * said take fifty megabytes. Bounded in pages, bytes and time; what does not fit is left out, and the answer says so.
 */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { type Instant, SECOND } from "@earshot/core/instant"
import type { Store } from "./store/store.ts"
import type { World } from "./world.ts"

/** A function has twenty seconds for an answer. */
const READING_MAX_MS = 12 * SECOND

/** A page has twenty calls at most, those that are older included. */
const PAGES_MAX = 8000

const CHARACTERS_MAX = 200_000_000

/** The vendor's ids are UUIDs, so that each of these ranges holds about as many calls; any other id is in one of them too. */
const BOUNDS = "123456789abcdef".split("")

/** Pages in memory at once: the others are asked for while one is judged. */
const LANES = 4

export type ReadCalls = {
  /** Not all were read. */
  isTruncated: boolean
  unreadable: number
}

/** Calls that were first seen at `since` or later, in no order. */
export async function readStoredCalls(
  world: World,
  store: Store,
  since: Instant,
  visit: (record: CallRecord) => void,
): Promise<ReadCalls> {
  const until = world.now() + READING_MAX_MS
  const read: ReadCalls = { isTruncated: false, unreadable: 0 }
  const spans = ["", ...BOUNDS].map((after, index) => ({ since, after, before: BOUNDS[index] ?? null }))
  let pages = 0
  let characters = 0
  const readSpan = async (span: { since: Instant; after: string; before: string | null }) => {
    for (let after: string | null = span.after; after !== null;) {
      if (pages >= PAGES_MAX || characters >= CHARACTERS_MAX || world.now() >= until) {
        read.isTruncated = true
        return
      }
      pages++
      const page: Awaited<ReturnType<Store["readRecords"]>> = await store.readRecords({ ...span, after })
      characters += page.size
      read.unreadable += page.unreadable
      page.records.forEach(visit)
      after = page.next
    }
  }
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (let span = spans.shift(); span; span = spans.shift()) await readSpan(span)
    }),
  )
  return read
}
