/** How a call is identified in the watch: by twelve characters, because one item may hold thousands of calls. */
import * as z from "zod"
import { shortHash } from "../fingerprint.ts"

export const KEY_CHARACTERS = 12

/** A call's identifier in the watch. */
export const CallKey = z.string().length(KEY_CHARACTERS).brand<"CallKey">()

export type CallKey = z.infer<typeof CallKey>

/** A UUID of any version, as it is usually written. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The versions that end at random. Others may end with a machine's address, which would make them all alike. */
const RANDOM_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * Twelve characters that stand for an id: the last 48 bits of a random UUID, or a 41-bit hash of any other id. With a
 * thousand calls, two share a key in one window out of five hundred million (out of four million for hashes). Each is
 * then taken for a change of the other, and is judged.
 */
export function callKey(id: string): CallKey {
  return CallKey.parse(
    RANDOM_UUID.test(id) ? id.slice(-KEY_CHARACTERS) : shortHash(id).padStart(KEY_CHARACTERS, "~"),
  )
}

/** `$` and 22 characters for a UUID; anything else as a JSON string without spaces. */
export function packId(id: string): string {
  if (!UUID.test(id)) return JSON.stringify(id).replaceAll(" ", "\\u0020")
  return `$${Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url")}`
}

/** Throws on text that is neither. */
export function unpackId(packed: string): string {
  if (!packed.startsWith("$")) return z.string().parse(JSON.parse(packed))
  const hex = Buffer.from(packed.slice(1), "base64url").toString("hex")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}
