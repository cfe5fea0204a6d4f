/**
 * The vendor's recent calls, for a preview while none are stored yet. The requests come out of what polls leave of the hour's lists, and
 * are charged in the poller's state before they are made, as a turn between two polls: limits are never exceeded, and no poll
 * waits.
 */
import type { PreviewRouteSetup, RecentCalls } from "@earshot/api/route/preview"
import { type CallsApi, type ListQuery, listCalls } from "@earshot/calls-api/client"
import type { CallRecord } from "@earshot/core/alert/call-record"
import { hasEnded } from "@earshot/core/call/end"
import { observeRow } from "@earshot/core/call/facts"
import { type Instant, SECOND, isoOf } from "@earshot/core/instant"
import { type Limits, charge, gateOf, countPolls, spareLists } from "@earshot/core/turn/budget"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import type { ApiConfig } from "./settings.ts"

const PAGES_MAX = 3

const PAGE_ROWS_MAX = 100

/** A poll that began this long ago has listed, and holds the lease if it has more to do. */
const BEGINNING_MS = 5 * SECOND

/** Of three requests and the wait before them, so that the API's function, which has twenty seconds, still answers. */
const LIST_TIMEOUT_MS = 3 * SECOND

/** How previews of this API ask the vendor; without a key they do not. */
export function previewSetup(
  world: World,
  store: Store,
  {
    vendor,
    intervalMs,
    listPerHour,
    detailPerHour,
  }: Pick<ApiConfig, "vendor" | "intervalMs" | "listPerHour" | "detailPerHour">,
): PreviewRouteSetup {
  if (!vendor) return { recentCalls: null }
  const limits = { listPerHour, detailPerHour, gateMs: gateOf(intervalMs, listPerHour) }
  const api = { ...vendor, timeoutMs: LIST_TIMEOUT_MS }
  return { recentCalls: createRecentCalls(world, store, { api, limits }) }
}

export function createRecentCalls(
  world: World,
  store: Store,
  { api, limits }: { api: CallsApi; limits: Limits },
): (since: Instant) => Promise<RecentCalls> {
  return async (since) => {
    const granted = await chargeLists(world, store, limits)
    if (typeof granted === "string") return { ok: false, note: granted }
    const rows = new Map<string, CallRecord>()
    for (let page = 1; page <= granted; page++) {
      const query: ListQuery = {
        page,
        limit: PAGE_ROWS_MAX,
        dateFrom: isoOf(since),
        sortBy: "createdAt",
        sortOrder: "desc",
      }
      const answer = await listCalls(world, api, query)
      if (!answer.ok) {
        if (rows.size > 0) break
        return {
          ok: false,
          note: "The vendor was asked for its recent calls, and its answer could not be used.",
        }
      }
      const { calls } = answer.value
      for (const row of calls) rows.set(row.id, unstored(row, world.now()))
      if (calls.length < PAGE_ROWS_MAX) break
    }
    const note =
      `These are the ${rows.size} newest calls that the vendor's list shows now, by what it shows now. ` +
      "It has no details, and nobody kept what was known when."
    return { ok: true, records: [...rows.values()], note }
  }
}

/** How many lists may be requested, which are charged then; or why none may. */
async function chargeLists(world: World, store: Store, limits: Limits): Promise<number | string> {
  const first = await store.readControl()
  if (!first || first.fence === 0) return "No poll has run yet; ask again once one has."
  const youngMs = first.polledAt + BEGINNING_MS - world.now()
  if (youngMs > 0) await world.sleep(Math.min(youngMs, BEGINNING_MS))
  const control = youngMs > 0 ? ((await store.readControl()) ?? first) : first
  const now = world.now()
  if (control.listBlockedUntil > now) return "The vendor has asked for no requests for now; ask again later."
  const ring = countPolls(control.ring, control.fence, limits, now)
  const pages = Math.min(PAGES_MAX, spareLists(ring, limits))
  if (pages < 1) return "The polls need all list requests of this hour; ask again later."
  // Its number must not be counted as a poll that lists.
  const charged = { ...charge(ring, "list", pages), fence: control.fence + 1 }
  const begun = await store.beginLook(control, { now, change: { ring: charged } })
  return begun ? pages : "A poll is at work; ask again in a minute."
}

/** A row as if it had been kept just now. */
function unstored(row: Parameters<typeof observeRow>[1], now: Instant): CallRecord {
  const facts = observeRow(null, row, now)
  return { callId: row.id, facts, verdicts: [], isOpen: !hasEnded(row), alert: null, deliveries: [] }
}
