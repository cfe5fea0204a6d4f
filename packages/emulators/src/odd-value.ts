/**
 * Writes a call's facts as some systems do: empty before they are known, in another type, or in other words. Each is behind a switch of its own, and a call's id and the seed decide which calls are hit.
 */
import type { EmulatedCall } from "./call.ts"
import type { Oddities, ValueOddities } from "./oddity.ts"
import { share } from "./random.ts"

type Fields = Record<string, unknown>

/** The fields of a call, of the list or of the detail, as they are written. `now` is in epoch milliseconds. */
export function oddFields(oddities: Oddities, call: EmulatedCall, fields: object, now: number): object {
  const { values, seed = 0 } = oddities
  if (!values) return fields
  const isHit = (name: keyof ValueOddities) => share(seed, call.id, name) < (values[name] ?? 0)
  let odd: Fields = { ...fields }
  if (isHit("emptyFirst")) odd = emptyFirst(odd, call, now)
  if (isHit("percentages")) odd = withMood(odd, (part) => Math.round(part * 10_000) / 100)
  if (isHit("roundedMoods")) odd = withMood(odd, (part) => (part > 0.5 ? part + 1e-7 : part))
  if (isHit("oneSpeaker")) odd = withSpeakers(odd, () => "agent")
  if (isHit("otherWords")) odd = inOtherWords(odd)
  if (isHit("numbersAsText")) odd = asText(odd)
  if (isHit("timesWithoutZone")) odd = withoutZones(odd)
  return odd
}

function emptyFirst(fields: Fields, call: EmulatedCall, now: number): Fields {
  const odd = { ...fields, summary: call.summary ?? "" }
  if (!("activityTimeline" in fields)) return odd
  const isNew = now < (call.emptyUntil ?? 0)
  const zeros = { happy: 0, sad: 0, angry: 0, neutral: 0 }
  const metadata = call.metadata && { ...call.metadata, sentiment: call.metadata.sentiment ?? zeros }
  return {
    ...odd,
    memory: call.memory ?? "",
    metadata: metadata ?? {},
    ...(isNew && { activityTimeline: [], transcript: [] }),
  }
}

function withMood(fields: Fields, write: (part: number) => number): Fields {
  const { metadata } = fields
  if (!isFields(metadata) || !isFields(metadata["sentiment"])) return fields
  const parts = Object.entries(metadata["sentiment"])
  const sentiment = Object.fromEntries(parts.map(([name, part]) => [name, write(Number(part))]))
  return { ...fields, metadata: { ...metadata, sentiment } }
}

function withSpeakers(fields: Fields, write: (speaker: string) => string): Fields {
  const { transcript } = fields
  if (!Array.isArray(transcript)) return fields
  return { ...fields, transcript: transcript.map((turn) => ({ ...turn, speaker: write(turn.speaker) })) }
}

const WORDS: Readonly<Record<string, string>> = {
  completed: "COMPLETED",
  INCOMING: "inbound",
  OUTGOING: "Outbound",
  TRANSFER: "Call Transferred",
  agent: "Assistant",
  caller: "CUSTOMER",
}

function inOtherWords(fields: Fields): Fields {
  const other = (word: unknown) => WORDS[String(word)] ?? word
  const said = withSpeakers(fields, (speaker) => String(other(speaker)))
  const { activityTimeline: timeline } = fields
  return {
    ...said,
    type: other(fields["type"]),
    status: other(fields["status"]),
    ...(Array.isArray(timeline) && {
      activityTimeline: timeline.map((activity) => ({ ...activity, type: other(activity.type) })),
    }),
  }
}

function asText(fields: Fields): Fields {
  const text = (value: unknown) => (typeof value === "number" ? String(value) : value)
  const { score, duration, flagged } = fields
  return { ...fields, score: text(score), duration: text(duration), flagged: flagged === true ? 1 : 0 }
}

function withoutZones(fields: Fields): Fields {
  const plain = (time: unknown) => (typeof time === "string" ? time.replace(/Z$/, "") : time)
  return { ...fields, createdAt: plain(fields["createdAt"]), endedAt: plain(fields["endedAt"]) }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null
}
