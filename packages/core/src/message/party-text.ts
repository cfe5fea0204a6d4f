/** The other party of a call, as far as a channel may know them. */
import type { OtherParty } from "../call/party.ts"
import type { Privacy } from "../channel/channel.ts"

/** So short a number that its last four digits would give most of it away. */
const MASKED_DIGITS_MIN = 8

/** Null if nobody knows. Of a number the last digits, without those of an extension or a port. */
export function partyText(party: OtherParty, privacy: Privacy): string | null {
  switch (party.kind) {
    case "unknown":
      return null
    case "withheld":
      return "number withheld"
    case "number":
      if (privacy === "full") return party.display
      return party.digits.length < MASKED_DIGITS_MIN
        ? "a number not shown here"
        : `…${party.digits.slice(-4)}`
    case "short-code":
      return privacy === "full" ? party.display : "a number not shown here"
    case "address":
      return privacy === "full" ? party.display : "an address not shown here"
    case "name":
      return privacy === "full" ? party.display : "a name not shown here"
  }
}
