/**
 * The names of the other party, from wherever a call gives them: the number's display name, what tools were given or found,
 * what either side says in the usual words, and how a summary begins. Nobody knows all of them: see `anonymous.ts`.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import { partyOf } from "../call/party.ts"
import { areSpeakersKnown } from "../call/speaker.ts"
import { isOutgoingType, speakerMeant } from "../call/word.ts"
import { isCommonWord, isPlainWord } from "./plain-word.ts"

/** A name of up to four parts, as it is spoken and written: `Ada`, `Ada Lovelace-King`, `Ada, Lovelace`. */
const NAME = String.raw`(\p{Lu}[\p{L}\p{M}'’.-]*(?:[ ,]{1,2}(?:(?:van|von|der|den|de|la|del|di|da|al|bin|el|ter) ){0,2}\p{Lu}[\p{L}\p{M}'’.-]*){0,3})`

const ANY_NAME = String.raw`([\p{L}\p{M}'’-]+(?: [\p{L}\p{M}'’-]+){0,2})`

/** Said by the other party of themselves. Speech recognition may leave out capitals. */
const OF_ONESELF = [
  new RegExp(String.raw`\b[Mm]y (?:\w+ )?names?(?:'s|’s| is|:| would be) ${ANY_NAME}`, "gu"),
  new RegExp(
    String.raw`\b(?:[Tt]his is|[Ii]t's|[Ii]t’s|[Ii]t is|I'm|I’m|I am|[Nn]ame is|[Nn]ame:|[Yy]es,?) ${NAME}`,
    "gu",
  ),
]

/** Said by the agent to them. */
const TO_THEM = [
  new RegExp(
    String.raw`\b(?:[Ii]s that|[Ss]peaking (?:with|to)|[Tt]hank you,?|[Tt]hanks,?|[Hh]ello,?|[Hh]i,?|again,?|[Oo]kay,?|[Bb]ye,?|[Dd]ay,?) ${NAME}`,
    "gu",
  ),
]

/** How summaries and memories begin, and how both name somebody. */
const IN_SUMMARY = [
  new RegExp(
    String.raw`^${NAME},?(?:'s|’s)? (?:called|calls|phoned|rang|contacted|reached|requested|wanted|asked|inquired|was|is|has|had|prefers|wants|needs)\b`,
    "gu",
  ),
  new RegExp(
    String.raw`^(?:Called|Phoned|Rang|Reached|Spoke (?:with|to)|Calls? (?:from|to|with|by)|A call (?:from|to|with|by)) ${NAME}`,
    "gu",
  ),
  new RegExp(
    String.raw`\b(?:[Cc]aller|[Cc]ustomer|[Cc]lient|[Pp]atient|[Gg]uest|[Tt]enant|[Nn]amed?:?|[Nn]ame is|called themselves),? ${NAME}`,
    "gu",
  ),
]

const ASKS_NAME = /\b(?:names?|spell|speaking (?:with|to)|who(?:'s| is| am))\b[^?]*\?/i

/** Longer texts are read no further: a name is given at the beginning. */
const TEXT_MAX = 2000

/** A name is given early in a call, or never. */
const TURNS_MAX = 200

const NAMES_MAX = 200

/** The parts of the names, as `namePart` writes them. */
export function namesIn(call: CallDetail): ReadonlySet<string> {
  const parts = new Set<string>()
  const add = (name: string) => {
    for (const part of partsOfName(name)) if (parts.size < NAMES_MAX) parts.add(part)
  }
  addParty(call, add)
  for (const activity of call.activityTimeline ?? []) namesInJson(activity.toolData, add)
  const isKnown = areSpeakersKnown(call.transcript ?? [])
  let isAsked = false
  for (const { speaker, text } of (call.transcript ?? []).slice(0, TURNS_MAX)) {
    const said = (text ?? "").slice(0, TEXT_MAX)
    const side = isKnown ? speakerMeant(speaker) : null
    if (side !== "agent") found(OF_ONESELF, said, add)
    if (side !== "caller") found(TO_THEM, said, add)
    if (isAsked && side !== "agent") for (const [word] of said.matchAll(WORD)) if (isName(word)) add(word)
    isAsked = side !== "caller" && ASKS_NAME.test(said)
  }
  for (const text of [call.summary, call.memory]) found(IN_SUMMARY, (text ?? "").slice(0, TEXT_MAX), add)
  // What the agent is called is shown, and is nobody's secret.
  for (const part of partsOfName((call.agent?.name ?? "").slice(0, PARTY_MAX)))
    if (!partyNames(call).includes(part)) parts.delete(part)
  return parts
}

/** The form in which names are compared: without accents, case and signs. */
export function namePart(word: string): string {
  return word
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[łŁ]/g, "l")
    .replace(/ø/g, "o")
    .replace(/[đð]/g, "d")
    .replace(/ß/g, "ss")
    .replace(/æ/g, "ae")
    .replace(/œ/g, "oe")
    .replace(/ı/g, "i")
    .replace(/[^\p{L}]/gu, "")
}

const WORD = /\p{Lu}[\p{L}\p{M}'’-]*/gu

function isName(word: string): boolean {
  return !isPlainWord(word) && word.length > 1
}

/** A name in one piece and in its parts: of `Ashdown-Pike` also `Pike`. A single letter names nobody. */
function partsOfName(name: string): string[] {
  const words = name.replace(/(?:'s|’s)\b/g, "").split(/[\s,;_./@+]+/)
  const pieces = words.flatMap((word) => [word, ...word.split(/[-–'’]/)])
  return pieces.map(namePart).filter((part) => part.length > 1 && !PARTICLES.has(part))
}

const PARTICLES = new Set(
  "van von der den de la le del di da al bin el ter and the mr mrs ms miss dr jr sr my it is its yes name first last".split(
    " ",
  ),
)

function found(patterns: readonly RegExp[], text: string, add: (name: string) => void): void {
  for (const pattern of patterns) {
    for (const [, name = ""] of text.matchAll(pattern)) {
      const words = name.split(/[ ,]+/)
      // "My name is not important": a word that everybody uses ends the name, or there is none.
      const end = words.findIndex((word) => isPlainWord(word) || (isLower(word) && isCommonWord(word)))
      add(words.slice(0, end < 0 ? words.length : end).join(" "))
    }
  }
}

function isLower(word: string): boolean {
  return word === word.toLowerCase()
}

function addParty(call: CallDetail, add: (name: string) => void): void {
  for (const name of partyNames(call)) add(name)
}

const PARTY_MAX = 200

/** Of a name in place of a number, and of an address: `"Ada Lovelace" <sip:ada.lovelace@pbx.example>`. */
function partyNames(call: CallDetail): string[] {
  const text = ((isOutgoingType(call.type) ? call.to : call.from) ?? "").slice(0, PARTY_MAX)
  const { kind } = partyOf(text)
  if (kind !== "name" && kind !== "address" && !/\p{L}/u.test(text)) return []
  const [before = ""] = text.replace(/\b(?:sips?|tel|mailto|whatsapp|client|ext|x)\b[:.]?/gi, " ").split("@")
  return partsOfName(before.replace(/[^\p{L}\p{M}'’-]+/gu, " "))
}

const NAME_KEY =
  /^(?:first|last|middle|full|sur|given|family|nick|caller|customer|contact|patient|guest|client|user|person|tenant|member|recipient|attendee|lead|account|holder)?_?(?:first|last|full)?_?name$|^(?:caller|customer|contact|patient|guest|client|person|tenant|recipient|attendee|email|e_?mail|customer_?email)$/i

const DEPTH_MAX = 6

const PARTS_MAX = 200

/** What stands under a key that says that it is somebody's name, or an e-mail address that may be made of one. */
function namesInJson(json: unknown, add: (name: string) => void, depth = 1): void {
  if (typeof json !== "object" || json === null || depth > DEPTH_MAX) return
  for (const [key, value] of Object.entries(json).slice(0, PARTS_MAX)) {
    if (typeof value === "string" && NAME_KEY.test(key)) {
      const [before = ""] = value.slice(0, 200).split("@")
      add(before.replace(/[^\p{L}\p{M}'’-]+/gu, " "))
    } else namesInJson(value, add, depth + 1)
  }
}
