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

/** Without I, L, O and U: nobody takes one sign for another. */
const SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const REFERENCE_SIGNS = 8

/**
 * Eight characters that stand for a call where its id must not be shown: nobody finds the id by them who does not know it, and
 * of the calls of a month hardly two have the same.
 */
export function callReference(id: string): string {
  let number = BigInt(Number.parseInt(shortHash(`call ${id}`), 36))
  let reference = ""
  for (let sign = 0; sign < REFERENCE_SIGNS; sign++) {
    reference = (SIGNS[Number(number % 32n)] ?? "") + reference
    number /= 32n
  }
  return reference
}
