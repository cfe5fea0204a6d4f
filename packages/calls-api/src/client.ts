/** The two requests that the Calls API answers: a page of the list, and one call. */
import { unreadable, type Answer } from "./answer.ts"
import { ID_CHARACTERS_MAX, type CallDetail, type Listing } from "./call.ts"
import { readDetail, readListing, type Odd } from "./reading.ts"
import { requestJson, type CallsApi, type ClientWorld } from "./request.ts"

export type { Listing } from "./call.ts"
export type { CallsApi, ClientWorld } from "./request.ts"

/** What the list can be asked for [seed]; the vendor decides what is left out. */
export type ListQuery = {
  /** From 1, which is the default. */
  page?: number | undefined
  /** Rows per page, 1 to 100; 20 by default. */
  limit?: number | undefined
  /** Searched for in `from`, `to`, the transcript and the summary. */
  search?: string | undefined
  callType?: "all" | "incoming" | "outgoing" | undefined
  agentId?: string | undefined
  /** Whole seconds. */
  minDuration?: number | undefined
  /** Whole seconds. */
  maxDuration?: number | undefined
  /** ISO 8601; of `createdAt`, inclusive, presumably. [unknown] */
  dateFrom?: string | undefined
  /** ISO 8601; of `createdAt`, inclusive, presumably. [unknown] */
  dateTo?: string | undefined
  /** `createdAt` by default. */
  sortBy?: "createdAt" | "duration" | "endedAt" | undefined
  /** `desc` by default. */
  sortOrder?: "asc" | "desc" | undefined
}

/** Every parameter of the list, in the order of the vendor's page. */
export const LIST_PARAMETERS = [
  "page",
  "limit",
  "search",
  "callType",
  "agentId",
  "minDuration",
  "maxDuration",
  "dateFrom",
  "dateTo",
  "sortBy",
  "sortOrder",
] as const satisfies readonly (keyof ListQuery)[]

/** A page of calls. An unreadable row is counted and does not lose the others. */
export async function listCalls(
  world: ClientWorld,
  api: CallsApi,
  query: ListQuery,
): Promise<Answer<Listing>> {
  const parameters: string[] = []
  for (const name of LIST_PARAMETERS) {
    const value = query[name]
    if (value !== undefined) parameters.push(`${name}=${encodeURIComponent(String(value).toWellFormed())}`)
  }
  const path = parameters.length === 0 ? "calls" : `calls?${parameters.join("&")}`
  const answer = await requestJson(world, api, { path, secrets: [query.search ?? ""] })
  if (!answer.ok) return answer
  const listing = readListing(answer.value)
  const { allowance, servedAt = null } = answer
  if (listing) return { ok: true, value: listing, allowance, servedAt }
  const trouble = unreadable("wrong-shape", "The answer has no list of calls.", true)
  return { ok: false, trouble, allowance, servedAt }
}

/** Everything about one call. An id that no address can carry is not found, and no request is made. */
export async function getCall(
  world: ClientWorld,
  api: CallsApi,
  id: string,
): Promise<Answer<{ call: CallDetail; odd: Odd }>> {
  if (!isAskable(id)) {
    const message = "No call can have this id."
    return { ok: false, trouble: { kind: "not-found", message, retryable: false }, allowance: null }
  }
  const answer = await requestJson(world, api, { path: `calls/${encodeURIComponent(id)}`, secrets: [id] })
  if (!answer.ok) return answer
  const detail = readDetail(answer.value, id)
  if (detail) return { ok: true, value: detail, allowance: answer.allowance }
  const trouble = unreadable("wrong-shape", "The answer is not the call that was asked for.", true)
  return { ok: false, trouble, allowance: answer.allowance }
}

/** Half a surrogate pair cannot be encoded; `.` and `..` count as steps in the path, even encoded. */
const UNASKABLE = /^\.{1,2}$|\p{Cs}/u

function isAskable(id: string): boolean {
  return id.length > 0 && id.length <= ID_CHARACTERS_MAX && !UNASKABLE.test(id)
}
