/** The bearer token of the HTTP API. */
import { createHash, timingSafeEqual } from "node:crypto"

/**
 * Whether an Authorization header carries the token, in a time that says nothing about how much of it was right.
 * A header without a token never does, whatever the token is.
 */
export function isAuthorized(header: string | undefined, token: string): boolean {
  const given = /^Bearer +([^\s]+)\s*$/i.exec(header ?? "")?.[1]
  return given !== undefined && timingSafeEqual(digest(given), digest(token))
}

/** Digests have one length, which comparing in constant time asks for. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest()
}
