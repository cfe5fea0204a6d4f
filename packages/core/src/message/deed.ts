/**
 * What was done in a call, as its timeline tells: the transfer and the tools that failed, when, and between which turns of
 * the transcript.
 */
import type { CallDetail, TranscriptEntry } from "@earshot/calls-api/call"
import { type DeedOutcome, hasFailed, isTransfer, deedOutcome, toolOf } from "../call/outcome.ts"
import { DAY, SECOND, instantOf } from "../instant.ts"
import { offsetText } from "./time-text.ts"

/** `at`: milliseconds into the call. `turn`: the last turn that was said before it; -1: none, or nobody knows. */
export type Deed = { at: number | null; turn: number; outcome: DeedOutcome }

/** The call's last transfer: what came of it is what matters. */
export function transferOf(call: CallDetail): Deed | null {
  const timeline = call.activityTimeline ?? []
  const index = timeline.findLastIndex(isTransfer)
  return deedAt(call, index)
}

/** The first use of the tool that failed, or of any tool if it is null. */
export function failureOf(call: CallDetail, tool: string | null): Deed | null {
  const index = (call.activityTimeline ?? []).findIndex((activity) => {
    return !isTransfer(activity) && hasFailed(activity) && (tool === null || toolOf(activity) === tool)
  })
  return deedAt(call, index)
}

/** Such as `Transferred at 1:12, nobody answered`, as far as it is known. */
export function transferText(call: CallDetail): string {
  const transfer = transferOf(call)
  if (!transfer) return "Transferred"
  const time = transfer.at === null ? "" : ` at ${offsetText(transfer.at)}`
  return `Transferred${time}${OUTCOME_TEXT[transfer.outcome]}`
}

const OUTCOME_TEXT: Record<DeedOutcome, string> = {
  answered: ", somebody answered",
  unanswered: ", nobody answered",
  busy: ", the line was busy",
  failed: ", which failed",
  unknown: "",
}

/** How far into the call something was; null if the vendor did not say, or cannot mean it. */
export function offsetIn(
  { createdAt }: Pick<CallDetail, "createdAt">,
  timestamp: string | null,
): number | null {
  const [start, at] = [instantOf(createdAt), instantOf(timestamp)]
  if (start === null || at === null) return null
  const offset = at - start
  // Vendors round the start of a call.
  return offset < -SECOND || offset > DAY ? null : Math.max(0, offset)
}

function deedAt(call: CallDetail, index: number): Deed | null {
  const activity = call.activityTimeline?.[index]
  if (!activity) return null
  const at = offsetIn(call, activity.timestamp)
  return { at, turn: turnBefore(call, index, at), outcome: deedOutcome(activity) }
}

/** By the words that stand before it in the timeline or, if the timeline has none, by the times. */
function turnBefore(call: CallDetail, index: number, at: number | null): number {
  const turns = call.transcript ?? []
  const said = (call.activityTimeline ?? []).slice(0, index).findLast(({ data, type }) => isSaid(data, type))
  const isTurn = ({ text }: TranscriptEntry) => text !== null && text === said?.data
  const isSaidAt = (turn: TranscriptEntry) =>
    isTurn(turn) && (said?.timestamp === null || turn.timestamp === said?.timestamp)
  if (said && turns.some(isTurn)) return Math.max(turns.findIndex(isSaidAt), turns.findIndex(isTurn))
  if (at === null) return -1
  return turns.findLastIndex(({ timestamp }) => (offsetIn(call, timestamp) ?? Infinity) <= at)
}

function isSaid(data: string | null, type: string | null): boolean {
  return data !== null && type?.toUpperCase() === "RESPONSE"
}
