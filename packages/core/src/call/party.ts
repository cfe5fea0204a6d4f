/**
 * Who is at the other end of a call, from what the vendor gives as the number: a phone number in any of its forms, a short
 * code, an address, a name, or one of the many ways to say that the number is withheld.
 */
import { type PhoneNumber, parsePhoneNumberFromString } from "libphonenumber-js/min"
import { fold } from "../fold.ts"

export type OtherParty =
  /** `e164` is null if the country is not known. `digits` are those of the number without its extension. */
  | { kind: "number"; e164: string | null; digits: string; extension: string | null; display: string }
  /** The caller or the carrier keeps the number back: nobody can be called back, and two such callers are not one. */
  | { kind: "withheld" }
  /** Too short for a phone number: a service, or a line of a private exchange. */
  | { kind: "short-code"; display: string }
  /** Of a SIP line or a chat, without a phone number in it. */
  | { kind: "address"; display: string }
  | { kind: "name"; display: string }
  | { kind: "unknown" }

/** Longer than any number or address. */
const TEXT_MAX = 200

/** The vendor writes numbers with their country, and its teams are in the United States where it does not. */
const HOME = "US"

/** A detail is asked for its party four times, and to the phone library each is new. */
const KNOWN_MAX = 200

const known = new Map<string, OtherParty>()

/** Total: any text is somebody, or nobody. */
export function partyOf(text: string | null): OtherParty {
  if (text === null || text.length > TEXT_MAX) return readParty(text)
  const found = known.get(text)
  if (found) return found
  const party = Object.freeze(readParty(text))
  if (known.size >= KNOWN_MAX) known.clear()
  known.set(text, party)
  return party
}

function readParty(text: string | null): OtherParty {
  const plain = fold((text ?? "").slice(0, TEXT_MAX))
  if (plain === "") return { kind: "unknown" }
  const { user, host, name, isAddress } = partsOf(plain)
  // Before any parsing: a phone library takes RESTRICTED on a keypad for a number in Austin.
  if ([user, name, plain].some(isWithheld) || host.endsWith(".invalid")) return { kind: "withheld" }
  const digits = user.replace(/\D/g, "")
  const isNumber = isAddress ? /^\+?[\d().-]{7,}$/.test(user) : true
  const number = isNumber ? numberIn(user) : null
  if (number) return number
  const display = (text ?? "").trim()
  if (isAddress) return { kind: "address", display }
  if (/\p{L}/u.test(plain)) return { kind: "name", display }
  if (digits.length >= 3 && digits.length <= 6) return { kind: "short-code", display: digits }
  return { kind: "unknown" }
}

type Parts = { user: string; host: string; name: string; isAddress: boolean }

const SCHEME = /^(sips?|tel|callto|whatsapp|client|skype|im|xmpp|mailto|h323|phone):(\/\/)?/

/** What stands before and after the @ of an address, and the name before one in angle brackets. Folded. */
function partsOf(plain: string): Parts {
  const [, name = "", bracketed] = /^([^<]*)<([^<>]*)>/.exec(plain) ?? []
  const address = (bracketed ?? plain).trim()
  const scheme = SCHEME.exec(address)
  const rest = address.slice(scheme?.[0].length ?? 0).split("?", 1)[0] ?? ""
  const [user = "", host = ""] = rest.includes("@") ? rest.split("@", 2) : [rest]
  // A number may carry its extension as a parameter.
  const [, extension = ""] = /;ext=(\d{1,9})(?:;|$)/.exec(rest) ?? []
  const number = decoded(user.split(";", 1)[0] ?? "")
  const isPhone = scheme?.[1] === "tel" || scheme?.[1] === "whatsapp" || scheme?.[1] === "phone"
  return {
    user: extension === "" ? number : `${number} ext. ${extension}`,
    host: host.split(/[;:]/, 1)[0] ?? "",
    name: name.replaceAll('"', "").trim(),
    isAddress: rest.includes("@") || (scheme !== null && !isPhone),
  }
}

function decoded(text: string): string {
  return text.replace(/%2b/g, "+").replace(/%20/g, " ").replace(/%23/g, "#")
}

/** What carriers, exchanges and phones put for a number that is kept back. */
const WITHHELD =
  "anonymous anonym anonymus anonyme anonimo restricted unknown unavailable private blocked withheld hidden undisclosed " +
  "unlisted privado desconocido oculto inconnu masque prive unbekannt unterdruckt sconosciuto privato"

const WORDS: ReadonlySet<string> = new Set(WITHHELD.split(" "))

/** Words that say nothing by themselves: "caller ID unavailable". */
const FILLERS: ReadonlySet<string> = new Set(
  "the a caller callers calling number numbers no id user name party phone line call is not available of out area numero nummer rufnummer appel llamada".split(
    " ",
  ),
)

/** "No caller ID", "not available", "out of area": of words that say nothing by themselves, together. */
const PHRASES: ReadonlySet<string> = new Set([
  "no caller id",
  "no number",
  "no id",
  "not available",
  "number not available",
  "caller id not available",
  "caller not available",
  "out of area",
])

const ON_KEYPADS = "anonymous restricted unknown unavailable private blocked withheld"

/** Words as the letters of a keypad, which is what a carrier that only has digits sends. None is as short as a short code. */
const SPELT: ReadonlySet<string> = new Set(ON_KEYPADS.split(" ").map(keypad))

function isWithheld(folded: string): boolean {
  if (!/\p{L}/u.test(folded)) {
    const digits = folded.replace(/\D/g, "")
    return (
      /^1?0+$/.test(digits) || SPELT.has(digits) || (digits.startsWith("1") && SPELT.has(digits.slice(1)))
    )
  }
  const words = folded
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .split(/[^a-z]+/)
    .filter(Boolean)
  if (PHRASES.has(words.join(" "))) return true
  return words.some((word) => WORDS.has(word)) && words.every((word) => WORDS.has(word) || FILLERS.has(word))
}

/** The digits under which the letters are: 2 is ABC, 7 is PQRS. */
function keypad(word: string): string {
  return Array.from(word)
    .map((letter) => "22233344455566677778889999"[letter.charCodeAt(0) - 97] ?? "")
    .join("")
}

/** Fewer digits than this may be a line of a private exchange. */
const DIGITS_MIN = 7

/** By the plan of the world's numbers, with the country. */
const DIGITS_MAX = 15

function numberIn(text: string): OtherParty | null {
  const [, main = "", written = null] =
    /^(.*?)(?:\s*(?:[;,]?\s*ext(?:ension|\.)?\s*[.:=]?|[x#])\s*(\d{1,9}))?$/.exec(text) ?? []
  if (!/^\+?[\d\s()./-]+$/.test(main)) return null
  const digits = main.replace(/\D/g, "")
  if (digits.length < DIGITS_MIN || digits.length > DIGITS_MAX + 3) return null
  const parsed = parse(main, digits)
  const suffix = written === null ? "" : ` ext. ${written}`
  if (!parsed)
    return { kind: "number", e164: null, digits, extension: written, display: `${main.trim()}${suffix}` }
  return {
    kind: "number",
    e164: parsed.number,
    digits: parsed.number.replace(/\D/g, ""),
    extension: written,
    display: `${parsed.formatInternational()}${suffix}`,
  }
}

/**
 * Null if it is not a number of the country it seems to belong to. Possible is enough: new ranges come before new metadata. The
 * library looks for a number within the text unless told not to, and finds one in the name of a host.
 */
function parse(text: string, digits: string): PhoneNumber | null {
  const international = text.startsWith("+")
    ? `+${digits}`
    : digits.startsWith("00")
      ? `+${digits.slice(2)}`
      : null
  const bare = digits.length > 10 ? `+${digits}` : digits
  for (const candidate of international === null ? [bare, digits] : [international]) {
    const parsed = parsePhoneNumberFromString(candidate, { defaultCountry: HOME, extract: false })
    if (parsed?.isPossible()) return parsed
  }
  return null
}
