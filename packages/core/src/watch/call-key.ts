/** What a call is remembered by: twelve characters, because there may be thousands of calls in one item. */
import * as z from "zod"
import { shortHash } from "../fingerprint.ts"

export const KEY_CHARACTERS = 12

/** What a call is remembered by. */
export const CallKey = z.string().length(KEY_CHARACTERS).brand<"CallKey">()

export type CallKey = z.infer<typeof CallKey>

/** Any version, as it is usually written. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The versions that end at random; others may end with the address of a machine, and be all alike. */
const RANDOM_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * Twelve characters that stand for an id: the last 48 bits of a random UUID, a hash of 41 bits of any other id. Two of a
 * thousand calls share a key in one window of five hundred million, or of four million; and then each is taken for a
 * change of the other, and is judged.
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
