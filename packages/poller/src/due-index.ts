/** What the index says is due, a page at a time, for all channels of one turn: each page is asked for once, by whoever needs it first. */
import { REST_MAX_MS } from "@earshot/core/alert/delivery"
import { hasCome } from "@earshot/core/clock"
import type { Instant } from "@earshot/core/instant"
import type { DueCall, Store } from "@earshot/io/store/store"

export type DueIndex = {
  /** The ids on a page that are due, the first with those that this turn has made due; null if there is no such page. */
  page: (page: number) => Promise<readonly string[] | null>
  /** The calls on a page that are not due yet; null if there is no such page. */
  later: (page: number) => Promise<readonly DueCall[] | null>
  /** Has made these due since, which the index may not show yet. Before any page is asked for. */
  add: (ids: Iterable<string>) => void
  /** All that was read, whether there may be more that is due, and whether the index shows no more, due or not. */
  read: () => Promise<{ calls: readonly DueCall[]; mayGoOn: boolean; isAll: boolean }>
}

/** At most this many calls are asked of the index at once; the others come with the next pages, or polls. */
const DUE_MAX = 200

/**
 * A channel that is through with them goes on to the next ones, at most this often: what it owes must not wait behind
 * another channel that hangs, and all that is owed there. Looking at a call costs a read.
 */
const DUE_PAGES_MAX = 10

/** `owingIds`: calls that the index may not show yet. */
export function createDueIndex(store: Store, owingIds: readonly string[], now: Instant): DueIndex {
  const pages: Promise<DueCall[]>[] = []
  const owing = new Set(owingIds)

  const pageAt = (page: number): Promise<DueCall[]> =>
    (pages[page] ??= page === 0 ? store.dueCalls(DUE_MAX) : after(page - 1))

  async function after(page: number): Promise<DueCall[]> {
    const calls = await pageAt(page)
    const last = calls.at(-1)
    return last && mayHaveNext(calls) ? store.dueCalls(DUE_MAX, last) : []
  }

  /** Whether or not it is due. */
  async function following(page: number): Promise<DueCall[]> {
    const before = await pageAt(page - 1)
    const last = before.at(-1)
    if (!last || before.length < DUE_MAX) return []
    return (pages[page] ??= store.dueCalls(DUE_MAX, last))
  }

  /** If it was full and all of it due. */
  function mayHaveNext(calls: readonly DueCall[]): boolean {
    const last = calls.at(-1)
    return last !== undefined && calls.length === DUE_MAX && isTimeFor(last, now)
  }

  return {
    page: async (page) => {
      if (page >= DUE_PAGES_MAX || (page > 0 && !mayHaveNext(await pageAt(page - 1)))) return null
      const ids = (await pageAt(page)).filter((due) => isTimeFor(due, now)).map(({ callId }) => callId)
      return page === 0 ? [...new Set([...owing, ...ids])] : ids.filter((id) => !owing.has(id))
    },
    later: async (page) => {
      if (page >= DUE_PAGES_MAX) return null
      const calls = page === 0 ? await pageAt(0) : await following(page)
      return calls.length === 0 ? null : calls.filter((due) => !isTimeFor(due, now))
    },
    add: (ids) => {
      for (const id of ids) owing.add(id)
    },
    read: async () => {
      const read = await Promise.all(pages)
      const last = read.at(-1) ?? []
      return { calls: read.flat(), mayGoOn: mayHaveNext(last), isAll: last.length < DUE_MAX }
    },
  }
}

/** The index may have been written by a clock that is wrong. */
export function isTimeFor({ dueAt }: DueCall, now: Instant): boolean {
  return hasCome(dueAt, { waitMaxMs: REST_MAX_MS, now })
}
