/** What a URL must be like before anything is sent to it that somebody wrote. What its name leads to is looked at later. */
import { addressIn, isPublicAddress } from "./address.ts"

/** The ports of HTTPS. Any other may be that of something that is no web server. */
const PORTS = ["", "8443"]

/** Names that lead nowhere outside: special use by RFC 6761 and 8375, and what clouds and offices call their insides. */
const INSIDE =
  /(^|\.)(localhost|local|internal|intranet|lan|home|corp|private|test|invalid|onion|home\.arpa)$/

/** What is wrong with it, without repeating it; null if nothing is. */
export function outwardUrlIssue(text: string): string | null {
  // A space or a control sign is dropped by the parser, and then it is not what was written.
  if (!/^[\x21-\x7e]+$/.test(text)) return "must be ASCII without spaces"
  if (!URL.canParse(text)) return "is not a URL"
  const { protocol, hostname, port, username, password, hash } = new URL(text)
  if (protocol !== "https:") return "must begin with https://"
  if (username !== "" || password !== "") return "must not contain a user or a password"
  if (hash !== "") return "must not contain a #"
  if (!PORTS.includes(port)) return "must use port 443 or 8443"
  const address = addressIn(hostname)
  if (address !== null) return isPublicAddress(address) ? null : NOT_PUBLIC
  const name = hostname.replace(/\.$/, "")
  return !name.includes(".") || INSIDE.test(name) ? NOT_PUBLIC : null
}

const NOT_PUBLIC = "must be a public address: private, local and reserved ones are refused"
