/**
 * Which addresses a request may go to whose URL somebody wrote: those of the public internet. A name that leads into our own
 * network, or a cloud's, would let whoever may write a channel speak to what only we should reach.
 */
import ipaddr from "ipaddr.js"

// Of a module in the old form, Node knows no names.
const { IPv6, isValid, parse } = ipaddr

/** Public by its range, and answered by the cloud itself from within. */
const OF_A_CLOUD = new Set(["168.63.129.16"])

/**
 * Whether this is a public address. One that has another inside, as an IPv4 address may stand in an IPv6 one, never is: what
 * becomes of it depends on the network.
 */
export function isPublicAddress(address: string): boolean {
  if (!isValid(address) || OF_A_CLOUD.has(address)) return false
  const parsed = parse(address)
  return parsed.range() === "unicast" && (!(parsed instanceof IPv6) || parsed.match(GIVEN_OUT))
}

/** All of IPv6 that is given out to anybody. The rest has no range of its own to the library where it has no use. */
const GIVEN_OUT = IPv6.parseCIDR("2000::/3")

/** The address that a URL's host is, without the brackets of IPv6; null if it is a name. */
export function addressIn(hostname: string): string | null {
  const bare = hostname.replace(/^\[(.*)\]$/, "$1")
  return isValid(bare) ? bare : null
}
