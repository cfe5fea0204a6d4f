/**
 * Which addresses a request may go to whose URL somebody wrote: those of the public internet. A name that leads into our own
 * network, or a cloud's, would let whoever may write a channel speak to what only we should reach.
 */
import { isValid, parse } from "ipaddr.js"

/** Public by its range, and answered by the cloud itself from within. */
const OF_A_CLOUD = new Set(["168.63.129.16"])

/**
 * Whether this is a public address. One that has another inside, as an IPv4 address may stand in an IPv6 one, never is: what
 * becomes of it depends on the network.
 */
export function isPublicAddress(address: string): boolean {
  return isValid(address) && parse(address).range() === "unicast" && !OF_A_CLOUD.has(address)
}

/** The address that a URL's host is, without the brackets of IPv6; null if it is a name. */
export function addressIn(hostname: string): string | null {
  const bare = hostname.replace(/^\[(.*)\]$/, "$1")
  return isValid(bare) ? bare : null
}
