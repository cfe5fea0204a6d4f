/** Tokens of the HTTP API as text: how one is read from a request, made, and compared by its hash. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"

/** The token that an Authorization header carries; undefined if it carries none. */
export function tokenIn(header: string | undefined): string | undefined {
  return /^Bearer +([^\s]+)\s*$/i.exec(header ?? "")?.[1]
}

/** Hashes have one length, which comparing in constant time asks for. */
export function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex")
}

/** In a time that says nothing about how much was right. */
export function isSame(hash: string, other: string): boolean {
  return hash.length === other.length && timingSafeEqual(Buffer.from(hash), Buffer.from(other))
}

/** 256 random bits. What it begins with is for those who find one in a log and wonder what it is. */
export function newToken(): string {
  return `earshot_${randomBytes(32).toString("base64url")}`
}
