/** How the simulated vendor writes a call down: its row of the list, and its detail. */
import type { Instant } from "@earshot/core/instant"
import { agentOf } from "../truth/agent.ts"
import { CALLER, MEMORY, RECORDING_URL, SAID } from "../truth/secret.ts"
import { EMPTY_MS, type Row, type SimulatedCall } from "../truth/call.ts"

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

/** What was said in every seventh call besides, so that a rule can ask for it. */
const LAWYER = { speaker: "caller", text: "I will call my lawyer.", timestamp: null }

const OTHER_SPEAKERS: Record<string, string> = { agent: "Assistant", caller: "CUSTOMER" }

function turnsOf({ seconds, look: { values } }: SimulatedCall): object[] {
  const turns = seconds % 7 === 0 ? [...TURNS, LAWYER] : TURNS
  return turns.map(({ speaker, ...turn }) => {
    const other = values.hasOtherWords ? (OTHER_SPEAKERS[speaker] ?? speaker) : speaker
    return { speaker: values.hasOneSpeaker ? "agent" : other, ...turn }
  })
}

export function detailOf(call: SimulatedCall, now: Instant): Row {
  const { look } = call
  const { values } = look
  const types = ["CALL_ANSWERED"]
  if (look.activity !== null) types.push(look.activity)
  if (call.transferredAt <= now) types.push(values.hasOtherWords ? "Call Transferred" : "TRANSFER")
  const isEmpty = values.isEmptyFirst && now < call.endedAt + EMPTY_MS
  const more = {
    transcript: look.isShortened ? turnsOf(call) : [],
    memory: MEMORY,
    activityTimeline: isEmpty
      ? []
      : types.map((type) => ({ id: type, type, sender: null, data: null, toolData: null })),
    metadata:
      call.sentimentAt <= now
        ? { sentiment: moodOf(call), callQuality: null }
        : values.isEmptyFirst
          ? { sentiment: { happy: 0, sad: 0, angry: 0, neutral: 0 }, callQuality: "" }
          : null,
  }
  return written(call, Object.assign(factsAt(call, now), more))
}

/** Shares of 1, one of them rounded a little too high, or of a hundred. */
function moodOf({ angry, look: { values } }: SimulatedCall): object {
  const rest = 1 - angry
  if (values.isPercent) return { happy: 0, sad: 0, angry: angry * 100, neutral: rest * 100 }
  const neutral = values.isEmptyFirst && rest > 0.9 ? rest + 1e-7 : rest
  return { happy: 0, sad: 0, angry, neutral }
}

function factsAt(call: SimulatedCall, now: Instant): Row {
  const facts = rightFactsAt(call, now)
  const { values } = call.look
  if (!values.isText && !values.hasOtherWords && !values.isEmptyFirst) return facts
  const { score, flagged, duration, status, type, summary } = facts
  return {
    ...facts,
    ...(values.isEmptyFirst && { summary: summary ?? "" }),
    ...(values.hasOtherWords && {
      status: status === "completed" ? "COMPLETED" : status,
      type: type === "INCOMING" ? "inbound" : type,
    }),
    ...(values.isText && {
      score: score === null ? null : String(score),
      duration: duration === null ? null : String(duration),
      flagged: flagged ? 1 : 0,
    }),
  }
}

function rightFactsAt(call: SimulatedCall, now: Instant) {
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
    endedAt: hasEnded && !look.hidesEnd ? (look.values.end ?? call.texts.endedAt) : null,
    summary: call.summaryAt <= now ? summaryOf(call) : null,
    score: call.revisedAt <= now ? call.revisedScore : call.scoreAt <= now ? call.score : null,
    flagged: call.flaggedAt <= now,
    favorite: false,
    spam: false,
    agent: agentOf(call),
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
