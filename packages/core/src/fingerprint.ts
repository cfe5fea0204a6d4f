/** Short texts that stand for long ones: what tells that a row has changed, and what a call is remembered by. */
import type { Call } from "@earshot/calls-api/call"

/** Stands for null, which `join` would make the same as an empty text. */
const NOTHING = "\u0001"

/**
 * A short text that differs when a list row differs in anything that a rule could read, or in its end. Transcripts
 * count by their number of turns and characters: reading them all at each poll would cost more than all the rest. A
 * recording counts by its address without the query.
 * 41 bits: used to notice a change of one call, never to tell calls apart.
 */
export function fingerprint(row: Call): string {
  const turns = row.transcript ?? []
  let characters = 0
  for (const turn of turns) characters += turn.text?.length ?? 0
  const values = [
    row.from,
    row.to,
    row.type,
    row.status,
    row.duration,
    row.endedAt,
    row.summary,
    row.score,
    row.flagged ?? false,
    row.favorite ?? false,
    row.spam ?? false,
    row.agent?.id,
    row.agent?.name,
    // What comes behind may be a signature, which some make anew at each request.
    row.recordingUrl?.split(/[?#]/, 1)[0],
    row.transcript?.length,
    characters,
  ]
  return shortHash(values.map((value) => value ?? NOTHING).join("\u0000"))
}

/** 41 bits in at most eight characters of base 36: two 32-bit FNV-1a runs with different offsets. */
export function shortHash(text: string): string {
  let low = 0x811c9dc5
  let high = 0xc9dc5811
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ (code + index), 0x01000193)
  }
  return ((high >>> 0) * 0x200 + (low >>> 23)).toString(36)
}
