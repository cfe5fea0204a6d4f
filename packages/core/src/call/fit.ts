/**
 * Makes the facts of a call small enough for its record: DynamoDB takes 400 KB an item, and hours of talk exceed that.
 * Judging happens first, on everything; the cut only affects what is stored and shown.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import { jsonBytesMax } from "../json.ts"
import { shorten } from "../text.ts"
import type { Facts } from "./facts.ts"

/** Half of what an item may hold: the alert, its reasons and its deliveries need room too. */
export const FACTS_BYTES_MAX = 200_000

/** How much of each text and each list to keep at first; both limits are halved until the facts fit. */
const CHARACTERS_MAX = 16_000

const ENTRIES_MAX = 4_000

/**
 * The same facts if they fit. Otherwise shortens texts and keeps the beginning and end of lists. Ids and dates are
 * short already and are kept whole.
 */
export function fitFacts(facts: Facts): Facts {
  if (jsonBytesMax(facts) <= FACTS_BYTES_MAX) return facts
  let fitted = facts
  for (let part = 1; part < CHARACTERS_MAX && bytesOf(fitted) > FACTS_BYTES_MAX; part *= 2) {
    const limits = { characters: Math.ceil(CHARACTERS_MAX / part), entries: Math.ceil(ENTRIES_MAX / part) }
    fitted = { ...facts, call: cutCall(facts.call, limits) }
  }
  return fitted
}

type Limits = { characters: number; entries: number }

function cutCall(call: CallDetail, limits: Limits): CallDetail {
  const cut = (text: string | null) => (text === null ? null : shorten(text, limits.characters))
  return {
    ...call,
    from: cut(call.from),
    to: cut(call.to),
    type: cut(call.type),
    status: cut(call.status),
    summary: cut(call.summary),
    recordingUrl: cut(call.recordingUrl),
    memory: cut(call.memory),
    agent: call.agent && { id: cut(call.agent.id), name: cut(call.agent.name) },
    transcript:
      call.transcript &&
      ends(call.transcript, limits).map((turn) => ({
        speaker: cut(turn.speaker),
        text: cut(turn.text),
        timestamp: cut(turn.timestamp),
      })),
    activityTimeline:
      call.activityTimeline &&
      ends(call.activityTimeline, limits).map((activity) => ({
        id: cut(activity.id),
        type: cut(activity.type),
        sender: cut(activity.sender),
        data: cut(activity.data),
        toolData: null,
        timestamp: cut(activity.timestamp),
      })),
    metadata: call.metadata && {
      ...call.metadata,
      callQuality: cut(call.metadata.callQuality),
      technicalIssues: null,
    },
  }
}

/** The beginning and the end of a call say more than its middle. */
function ends<T>(entries: readonly T[], { entries: max }: Limits): T[] {
  if (entries.length <= max) return [...entries]
  const first = Math.floor(max / 2)
  return [...entries.slice(0, first), ...entries.slice(entries.length - (max - first))]
}

function bytesOf(facts: Facts): number {
  return Buffer.byteLength(JSON.stringify(facts))
}
