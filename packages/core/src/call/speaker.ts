/**
 * Who said what. In some teams every turn of a transcript is said to be the agent's, the caller's words too: then nobody
 * knows who spoke, and what either said may be anywhere in it.
 */
import type { Call, TranscriptEntry } from "@earshot/calls-api/call"
import { something } from "../nothing.ts"
import { speakerMeant } from "./word.ts"

/** Whether the turns name both sides. Of a single turn there is no doubt. */
export function areSpeakersKnown(transcript: readonly Pick<TranscriptEntry, "speaker" | "text">[]): boolean {
  let turns = 0
  let byAgent = 0
  let byCaller = 0
  for (const { speaker, text } of transcript) {
    if (something(text) === null) continue
    const side = speakerMeant(speaker)
    turns++
    if (side === "agent") byAgent++
    else if (side === "caller") byCaller++
  }
  return turns < 2 || (byAgent > 0 && byCaller > 0)
}

/** What one side said by the names of the turns, or what everybody did; null if there is no transcript. */
export function spokenBy(
  { transcript }: Pick<Call, "transcript">,
  side: "agent" | "caller" | null,
): string | null {
  if (transcript === null) return null
  let said: string | null = null
  for (const { speaker, text } of transcript) {
    if (side !== null && speakerMeant(speaker) !== side) continue
    said = said === null ? (text ?? "") : `${said}\n${text ?? ""}`
  }
  return said ?? ""
}
