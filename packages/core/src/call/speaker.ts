/**
 * Who said what. In some teams every turn of a transcript is said to be the agent's, the caller's words too: then nobody
 * knows who spoke, and what either said may be anywhere in it.
 */
import type { Call, TranscriptEntry } from "@earshot/calls-api/call"
import { speakerMeant } from "./word.ts"

/** Whether the turns name both sides. Of a single turn there is no doubt. */
export function areSpeakersKnown(transcript: readonly Pick<TranscriptEntry, "speaker" | "text">[]): boolean {
  const speakers = transcript.flatMap(({ speaker, text }) =>
    text === null || text.trim() === "" ? [] : [speakerMeant(speaker)],
  )
  return speakers.length < 2 || (speakers.includes("agent") && speakers.includes("caller"))
}

/** What one side said by the names of the turns, or what everybody did; null if there is no transcript. */
export function spokenBy(
  { transcript }: Pick<Call, "transcript">,
  side: "agent" | "caller" | null,
): string | null {
  if (transcript === null) return null
  return transcript
    .filter(({ speaker }) => side === null || speakerMeant(speaker) === side)
    .map(({ text }) => text ?? "")
    .join("\n")
}
