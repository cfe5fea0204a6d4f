/** Fetches the details of calls, a few at a time, until the vendor says that it is enough. */
import type { CallDetail } from "@earshot/calls-api/call"
import { type CallsApi, getCall } from "@earshot/calls-api/client"
import type { World } from "@earshot/io/world"
import type { Trouble } from "@earshot/calls-api/answer"
import type { Instant } from "@earshot/core/instant"
import { pausedUntil } from "./allowance.ts"
import { inParallel } from "./parallel.ts"

/** So many at once: quick enough for a poll, and no burst that would bother the vendor. */
const LANES = 4

export type Details = {
  /** By call id. `gone`: the vendor does not know the call any more. Absent: not fetched, try again later. */
  found: Map<string, CallDetail | "gone">
  /** The calls that were asked for, each in one request. */
  asked: Set<string>
  /** Until when the vendor asks not to be asked; 0: it does not. */
  blockedUntil: Instant
  trouble: Trouble | null
}

export async function fetchDetails(
  world: World,
  api: CallsApi,
  ids: readonly string[],
  isTooLate: () => boolean,
): Promise<Details> {
  const details: Details = { found: new Map(), asked: new Set(), blockedUntil: 0, trouble: null }
  await inParallel(ids, LANES, async (id) => {
    if (details.blockedUntil > 0 || details.trouble?.kind === "unauthorized" || isTooLate()) return
    details.asked.add(id)
    const answer = await getCall(world, api, id)
    details.blockedUntil = Math.max(details.blockedUntil, pausedUntil(answer.allowance, world.now()))
    if (answer.ok) {
      details.found.set(id, answer.value.call)
      return
    }
    const { trouble } = answer
    if (trouble.kind === "not-found") {
      details.found.set(id, "gone")
      return
    }
    if (trouble.kind === "rate-limited") details.blockedUntil = Math.max(details.blockedUntil, trouble.until)
    details.trouble = trouble
    world.log({ level: "warn", event: "detail.failed", callId: id, why: trouble.message })
  })
  return details
}
