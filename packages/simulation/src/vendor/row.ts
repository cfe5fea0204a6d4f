/** How the simulated vendor writes a call down: its row of the list, and its detail. */
import type { Instant } from "@earshot/core/instant"
import { AGENT, CALLER, MEMORY, RECORDING_URL, SAID } from "../truth/secret.ts"
import type { Row, SimulatedCall } from "../truth/call.ts"

/** The call's row at `now`: the same object as long as nothing changes. */
export function rowOf(call: SimulatedCall, now: Instant): Row {
  if (now < call.rowUntil) return call.row
  call.row = call.look.isUnreadable ? UNREADABLE : Object.freeze(written(call, factsAt(call, now)))
  call.rowUntil = nextChange(call, now)
  return call.row
}

const UNREADABLE: Row = Object.freeze({ id: null, error: "row" })

const TURNS = [
  { speaker: "agent", text: "How can I help you?", timestamp: null },
  { speaker: "caller", text: SAID, timestamp: null },
  { speaker: "supervisor", text: "I am listening in.", timestamp: null },
]

export function detailOf(call: SimulatedCall, now: Instant): Row {
  const types = ["CALL_ANSWERED"]
  if (call.look.activity !== null) types.push(call.look.activity)
  if (call.transferredAt <= now) types.push("TRANSFER")
  const more = {
    transcript: call.look.isShortened ? TURNS : [],
    memory: MEMORY,
    activityTimeline: types.map((type) => ({ id: type, type, sender: null, data: null, toolData: null })),
    metadata:
      call.sentimentAt <= now
        ? { sentiment: { happy: 0, sad: 0, angry: call.angry, neutral: 1 - call.angry }, callQuality: null }
        : null,
  }
  return written(call, Object.assign(factsAt(call, now), more))
}

function factsAt(call: SimulatedCall, now: Instant): Row {
  const { look } = call
  const hasEnded = call.endedAt <= now
  return {
    id: call.id,
    from: look.number ?? CALLER,
    to: "+15550100002",
    type: look.activity === null ? "INCOMING" : "CONFERENCE",
    status: look.status ?? (hasEnded ? "completed" : "in_progress"),
    duration: hasEnded ? call.seconds : look.hasZeroDuration ? 0 : null,
    createdAt: call.texts.createdAt,
    endedAt: hasEnded && !look.hidesEnd ? call.texts.endedAt : null,
    summary: call.summaryAt <= now ? summaryOf(call) : null,
    score: call.revisedAt <= now ? call.revisedScore : call.scoreAt <= now ? call.score : null,
    flagged: call.flaggedAt <= now,
    favorite: false,
    spam: false,
    agent: AGENT,
    transcript: [],
    recordingUrl: hasEnded ? RECORDING_URL : null,
  }
}

/** What a call is about follows from its length, so that a rule can ask for it. */
export function summaryOf({ seconds, look }: SimulatedCall): string {
  const summary = seconds % 3 === 0 ? "About a teapot." : "About a zeppelin."
  return look.isTypeset ? summary.replaceAll(" ", "\u00a0") : summary
}

function written(call: SimulatedCall, facts: Row): Row {
  if (!call.look.hidesNulls) return facts
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null))
}

/** When the row changes next; Infinity: never. */
export function nextChange(call: SimulatedCall, now: Instant): Instant {
  let next = Number.POSITIVE_INFINITY
  if (call.endedAt > now) next = Math.min(next, call.endedAt)
  if (call.summaryAt > now) next = Math.min(next, call.summaryAt)
  if (call.scoreAt > now) next = Math.min(next, call.scoreAt)
  if (call.revisedAt > now) next = Math.min(next, call.revisedAt)
  if (call.flaggedAt > now) next = Math.min(next, call.flaggedAt)
  return next
}
