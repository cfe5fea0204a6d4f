/**
 * Calls that a test writes by hand.
 *
 * A book has no clock: what was added is visible at once, until it is removed, whatever instant is asked about.
 */
import type { EmulatedCall } from "./call.ts"
import type { CallSource } from "./source.ts"

export type CallBook = CallSource & {
  /** Throws if the id is taken or a time is not written as `toISOString` writes it. */
  add(call: EmulatedCall): void
  /** Sets these facts of a call and leaves the others. Throws if there is no such call. */
  change(id: string, facts: Partial<EmulatedCall>): void
  /** Deletes a call, as a person might. Throws if there is no such call. */
  remove(id: string): void
}

/** Throws as `add` does if one of the calls cannot be added. */
export function createCallBook(calls: readonly EmulatedCall[] = []): CallBook {
  const byId = new Map<string, EmulatedCall>()
  const book: CallBook = {
    callsAt: () => [...byId.values()],
    callAt: (_now, id) => byId.get(id),
    add(call) {
      if (byId.has(call.id)) throw new Error(`The book already has a call ${call.id}.`)
      byId.set(call.id, checked(call))
    },
    change(id, facts) {
      byId.set(id, checked({ ...known(id), ...facts, id }))
    },
    remove(id) {
      byId.delete(known(id).id)
    },
  }
  const known = (id: string): EmulatedCall => {
    const call = byId.get(id)
    if (!call) throw new Error(`The book has no call ${id}.`)
    return call
  }
  for (const call of calls) book.add(call)
  return book
}

/** A completed call without incident, for tests that care about one or two facts of it. */
export function plainCall(facts: Partial<EmulatedCall> & { readonly id: string }): EmulatedCall {
  return {
    from: "+15550100001",
    to: "+15550199999",
    type: "INCOMING",
    status: "completed",
    duration: 60,
    createdAt: "2026-01-05T09:00:00.000Z",
    endedAt: "2026-01-05T09:01:00.000Z",
    summary: "The caller asked for the opening hours and was told them.",
    score: 4.5,
    flagged: false,
    favorite: false,
    spam: false,
    memory: null,
    agent: { id: "5f0c8c0e-6a0b-4a53-9d0e-2f2f3f1d7a10", name: "Juniper" },
    transcript: [
      { speaker: "agent", text: "Good morning, how can I help?", timestamp: "2026-01-05T09:00:02.000Z" },
      { speaker: "caller", text: "Hi, when do you open today?", timestamp: "2026-01-05T09:00:06.000Z" },
    ],
    activityTimeline: [
      activityAt("CALL_ANSWERED", "2026-01-05T09:00:00.000Z"),
      activityAt("HANGUP", "2026-01-05T09:01:00.000Z"),
    ],
    recordingUrl: null,
    metadata: {
      sentiment: { happy: 0.2, sad: 0, angry: 0, neutral: 0.8 },
      callQuality: "good",
      technicalIssues: null,
      usage: { inputTokens: 900, outputTokens: 120, totalTokens: 1020 },
      callCost: 0.08,
    },
    ...facts,
  }
}

function activityAt(type: string, timestamp: string): EmulatedCall["activityTimeline"][number] {
  return { id: type, type, sender: null, data: null, toolData: null, timestamp }
}

function checked(call: EmulatedCall): EmulatedCall {
  for (const time of [call.createdAt, call.endedAt]) {
    if (time !== null && new Date(time).toISOString() !== time) {
      throw new Error(`Call ${call.id}: ${time} is not written as toISOString writes it.`)
    }
  }
  return call
}
