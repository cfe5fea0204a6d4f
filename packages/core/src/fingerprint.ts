/**
 * Short texts that stand for long ones: fingerprints show that a row has changed, hashes identify a set of rules or a
 * call.
 */
import type { Call } from "@earshot/calls-api/call"
import { something } from "./nothing.ts"

/** Stands for null, and for an empty text, which says as little. */
const NOTHING = "\u0001"

/**
 * A short text that changes when a list row changes in anything a rule could read, or in its end. A transcript counts
 * by its number of turns and characters: reading all transcripts at each poll would cost more than everything else
 * together. A recording counts by its address without the query.
 * 41 bits: enough to notice a change to one call, too few to tell calls apart.
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
    // The query may hold a signature, which some servers renew at each request.
    row.recordingUrl?.split(/[?#]/, 1)[0],
    row.transcript?.length,
    characters,
  ]
  return shortHash(values.map((value) => something(value) ?? NOTHING).join("\u0000"))
}

/** 41 bits in at most eight base-36 characters: two 32-bit FNV-1a runs with different offsets. */
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
