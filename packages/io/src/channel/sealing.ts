/**
 * Secrets of channels, sealed: encrypted with AES-256-GCM under a key that is not in the table, and bound to the channel and
 * the field that they were written for, so that one copied elsewhere in the table cannot be read there.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto"
import type { ChannelId } from "@earshot/core/channel/channel"

/** 32 bytes, as `openssl rand -hex 32` prints them. */
export const SEALING_KEY = /^[0-9a-f]{64}$/i

const ALGORITHM = "aes-256-gcm"

const NONCE_BYTES = 12

const TAG_BYTES = 16

/** Where a secret belongs. */
type Place = { id: ChannelId; field: string }

/** `1.<which key>.<nonce, text and tag>`. `keyText`: by `SEALING_KEY`. */
export function seal(keyText: string, place: Place, secret: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, Buffer.from(keyText, "hex"), nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(placeBytes(place))
  const sealed = Buffer.concat([nonce, cipher.update(secret, "utf8"), cipher.final(), cipher.getAuthTag()])
  return `1.${keyMark(keyText)}.${sealed.toString("base64url")}`
}

/** Why a secret could not be read is for people, and repeats nothing of it. */
export type Unsealed = { ok: true; secret: string } | { ok: false; why: string }

export function unseal(keyText: string | null, place: Place, text: string): Unsealed {
  const [version, mark, body = ""] = text.split(".")
  if (keyText === null) return { ok: false, why: "CHANNEL_SECRET_KEY is not set" }
  if (version !== "1") return { ok: false, why: "its secret is damaged, or a newer version sealed it" }
  if (mark !== keyMark(keyText)) {
    return { ok: false, why: "its secret was sealed with another CHANNEL_SECRET_KEY" }
  }
  try {
    const bytes = Buffer.from(body, "base64url")
    const nonce = bytes.subarray(0, NONCE_BYTES)
    const key = Buffer.from(keyText, "hex")
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(placeBytes(place))
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    const secret = Buffer.concat([
      decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)),
      decipher.final(),
    ]).toString("utf8")
    return { ok: true, secret }
  } catch {
    // Node throws for what is too short and for what does not match its tag alike.
    return { ok: false, why: "its secret is damaged" }
  }
}

/** Tells one key from another, and nothing about either. */
function keyMark(keyText: string): string {
  return createHash("sha256")
    .update("earshot key ")
    .update(Buffer.from(keyText, "hex"))
    .digest("hex")
    .slice(0, 8)
}

function placeBytes({ id, field }: Place): Buffer {
  return Buffer.from(`earshot channel ${id} ${field}`)
}

/** A secret that messages can be signed with, as Standard Webhooks writes it. */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`
}
