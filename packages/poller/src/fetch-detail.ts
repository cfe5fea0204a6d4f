/** Fetches the details of calls, one request each, until the vendor says that it is enough. */
import { pausedUntil } from "@earshot/calls-api/allowance"
import { type CallsApi, getCall } from "@earshot/calls-api/client"
import type { DetailAnswer } from "@earshot/core/detail/subject"
import type { Instant } from "@earshot/core/instant"
import type { World } from "@earshot/io/world"

/** What one poll has asked for, and whether it may go on asking. */
export type Inquiry = {
  requests: number
  /** Until when the vendor asks not to be asked; 0: it does not. */
  blockedUntil: Instant
  isKeyRejected: boolean
}

/** Asks for one detail, unless the vendor wants to be left alone or it is too late in the turn. */
export async function fetchDetail(
  world: World,
  api: CallsApi,
  inquiry: Inquiry,
  id: string,
  mayAsk: () => boolean,
): Promise<DetailAnswer> {
  if (inquiry.blockedUntil > 0 || inquiry.isKeyRejected || !mayAsk()) return { kind: "not-asked" }
  inquiry.requests++
  const answer = await getCall(world, api, id)
  inquiry.blockedUntil = Math.max(inquiry.blockedUntil, pausedUntil(answer.allowance, world.now()))
  if (answer.ok) return { kind: "found", detail: answer.value.call }
  const { trouble } = answer
  if (trouble.kind === "not-found") return { kind: "gone" }
  if (trouble.kind === "rate-limited") inquiry.blockedUntil = Math.max(inquiry.blockedUntil, trouble.until)
  if (trouble.kind === "unauthorized") inquiry.isKeyRejected = true
  world.log({ level: "warn", event: "detail.failed", callId: id, why: trouble.message })
  return { kind: "failed" }
}
