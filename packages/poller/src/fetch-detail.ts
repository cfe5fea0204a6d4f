/** Fetches the details of calls, one request each, until the vendor says that it is enough. */
import { pausedUntil } from "@earshot/calls-api/allowance"
import type { CallDetail } from "@earshot/calls-api/call"
import { type CallsApi, getCall } from "@earshot/calls-api/client"
import type { Instant } from "@earshot/core/instant"
import type { World } from "@earshot/io/world"

/** What one poll has asked for, and whether it may go on asking. */
export type Inquiry = {
  requests: number
  /** Until when the vendor asks not to be asked; 0: it does not. */
  blockedUntil: Instant
  isKeyRejected: boolean
}

/**
 * `gone`: the vendor does not know the call any more. `failed`: there was no answer that could be read, try again later.
 * Null: not asked.
 */
export type Looked = { kind: "found"; detail: CallDetail } | { kind: "gone" } | { kind: "failed" } | null

export async function fetchDetail(
  world: World,
  api: CallsApi,
  inquiry: Inquiry,
  id: string,
  isTooLate: () => boolean,
): Promise<Looked> {
  if (inquiry.blockedUntil > 0 || inquiry.isKeyRejected || isTooLate()) return null
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
