/** A caller as a keyed hash, so that what is stored of who called names nobody, and only who has the key can look for somebody. */
import { createHmac } from "node:crypto"

/** Of 27 characters, 160 bits. `secret`: the vendor's key; with another one, counting begins anew. */
export function partyHash(secret: string, caller: string): string {
  const key = createHmac("sha256", secret).update("earshot party 1").digest()
  return createHmac("sha256", key).update(caller).digest("base64url").slice(0, 27)
}
