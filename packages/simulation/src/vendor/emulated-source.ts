/**
 * Simulated calls as the emulator's own kind of call, with everything that it can be odd about: words, activities, an
 * agent. The emulator asks for them, and changes them as its oddities say.
 */
import { type Instant, isoOf } from "@earshot/core/instant"
import type { Activity, EmulatedCall, SpokenTurn } from "@earshot/emulators/call"
import { hash } from "@earshot/emulators/random"
import type { CallSource } from "@earshot/emulators/source"
import { agentOf } from "../truth/agent.ts"
import { CALLER, MEMORY, RECORDING_URL, SAID } from "../truth/secret.ts"
import type { SimulatedCall } from "../truth/call.ts"
import { firstFrom } from "../truth/call.ts"
import type { Traffic } from "../truth/traffic.ts"
import { nextChange, summaryOf } from "./row.ts"

/** The calls of a traffic in which nothing is odd. */
export function createEmulatedSource(traffic: Traffic): CallSource {
  const written = new WeakMap<SimulatedCall, { call: EmulatedCall; until: Instant }>()
  const write = (call: SimulatedCall, now: Instant): EmulatedCall => {
    const known = written.get(call)
    if (known && now < known.until) return known.call
    const fresh = emulatedCall(call, now)
    // While it lasts, more is said at every instant.
    const until = now < call.endedAt ? now : Math.min(nextChange(call, now), sentimentFrom(call, now))
    written.set(call, { call: fresh, until })
    return fresh
  }
  return {
    callsAt(now, range = {}) {
      const calls = traffic.callsAt(now)
      const first = range.from === undefined ? 0 : firstFrom(calls, range.from, (call) => call.createdAt)
      return calls.slice(first).map((call) => write(call, now))
    },
    callAt(now, id) {
      traffic.callsAt(now)
      const call = traffic.call(id)
      return call && write(call, now)
    },
  }
}

function sentimentFrom(call: SimulatedCall, now: Instant): Instant {
  return call.sentimentAt > now ? call.sentimentAt : Number.POSITIVE_INFINITY
}

/** The call as it is at `now`, which must not be before its start. */
export function emulatedCall(call: SimulatedCall, now: Instant): EmulatedCall {
  const hasEnded = call.endedAt <= now
  const hasSummary = call.summaryAt <= now
  const isOutgoing = hash(call.id, "direction") % 4 === 0
  const [ours, theirs] = ["+15550100002", CALLER]
  return {
    id: call.id,
    from: isOutgoing ? ours : theirs,
    to: isOutgoing ? theirs : ours,
    type: isOutgoing ? "OUTGOING" : "INCOMING",
    status: hasEnded ? "completed" : "in_progress",
    duration: hasEnded ? call.seconds : null,
    createdAt: isoOf(call.createdAt),
    endedAt: hasEnded ? isoOf(call.endedAt) : null,
    summary: hasSummary ? summaryOf(call) : null,
    score: call.scoreAt <= now ? call.score : null,
    flagged: call.flaggedAt <= now,
    favorite: false,
    spam: false,
    memory: hasSummary ? MEMORY : null,
    agent: agentOf(call),
    transcript: saidBy(call, now),
    activityTimeline: doneBy(call, now),
    recordingUrl: hasSummary ? RECORDING_URL : null,
    metadata: hasEnded
      ? {
          sentiment:
            call.sentimentAt <= now ? { happy: 0, sad: 0, angry: call.angry, neutral: 1 - call.angry } : null,
          callQuality: "good",
          technicalIssues: null,
          usage: null,
          callCost: null,
        }
      : null,
  }
}

const TURNS = [
  ["agent", "How can I help you?"],
  ["caller", SAID],
  ["agent", "Let me see."],
  ["caller", "Thank you."],
] as const

function saidBy(call: SimulatedCall, now: Instant): SpokenTurn[] {
  return TURNS.flatMap(([speaker, text], index) => {
    const at = call.createdAt + Math.round(((call.endedAt - call.createdAt) * index) / TURNS.length)
    return at <= now ? [{ speaker, text, timestamp: isoOf(at) }] : []
  })
}

function doneBy(call: SimulatedCall, now: Instant): Activity[] {
  const activities = [
    ["CALL_ANSWERED", call.createdAt],
    ["TRANSFER", call.transferredAt],
    ["HANGUP", call.endedAt],
  ] as const
  return activities.flatMap(([type, at]) => {
    const activity = { id: `${call.id} ${type}`, type, sender: null, data: null, toolData: null }
    return at <= now ? [{ ...activity, timestamp: isoOf(at) }] : []
  })
}
