/** What a subscription of an address is called, in the deploy's program and so in SST's state. */
import { createHash } from "node:crypto"

/** What the address is subscribed for. */
export type Prefix = "AlertEmail" | "OperationsEmail"

/** Named after the address and not its place in the list, so that reordering the list recreates nothing. */
export function subscriptionName(prefix: Prefix, email: string): string {
  return `${prefix}${shortHash(email)}`
}

/** A hash, because the names of resources are shown in logs and consoles where an address has no place. */
function shortHash(email: string) {
  return createHash("sha256").update(email).digest("hex").slice(0, 8)
}
