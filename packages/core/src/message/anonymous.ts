/**
 * The vendor's text without who the other party is: their name, number and addresses. Nobody can list all names, so it is the
 * other way round: a word that may be a name is shown only if it is known to be none. Where capitals do not tell names from
 * words, as in a text without any, or in a script that has none, the text is not shown at all.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import { partyOf } from "../call/party.ts"
import { isOutgoingType } from "../call/word.ts"
import { namePart, namesIn } from "./caller-name.ts"
import { cleanText } from "./clean.ts"
import { isCommonWord, isPlainWord } from "./plain-word.ts"

/** Longer than any summary that people read. */
const TEXT_MAX = 10_000

/** With more left out than this, what remains says nothing. */
const LEFT_OUT_MAX = 0.4

/** Who is not to be recognised, and by what. */
export type Stranger = {
  names: ReadonlySet<string>
  /** The digits of the number; empty if there is none. */
  digits: string
  /** What they are called instead. */
  who: string
  /** The words of the agent's name, which may be shown. */
  agent: ReadonlySet<string>
}

export function strangerOf(call: CallDetail): Stranger {
  const isOutgoing = isOutgoingType(call.type)
  const party = partyOf(isOutgoing ? call.to : call.from)
  return {
    names: namesIn(call),
    digits: party.kind === "number" ? party.digits : "",
    who: isOutgoing ? "the person called" : "the caller",
    agent: new Set((call.agent?.name ?? "").match(WORD) ?? []),
  }
}

/** Null if nobody can tell what in the text is a name. */
export function anonymousText(text: string, stranger: Stranger): string | null {
  const seen = cleanText(text)
    .slice(0, TEXT_MAX)
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
  const plain = withoutContacts(seen.normalize("NFKC"), stranger)
  if (!areCapitalsKept(plain)) return null
  const { shown, words, leftOut } = withoutNames(plain, stranger)
  return leftOut > Math.max(3, words * LEFT_OUT_MAX) ? null : shown
}

/** Of a text that is not prose, such as a tool's name: what is surely of the other party is left out. */
export function withoutKnown(text: string, stranger: Stranger): string {
  return withoutContacts(text, stranger).replace(WORD, (word) =>
    isNameOf(word, stranger.names) ? "[name]" : word,
  )
}

const ADDRESS = /[^\s<>()[\]"“”]{1,64}@[^\s<>()[\]"“”]{0,200}[^\s<>()[\]"“”.,;:!?]/gu

const LINK = /\b(?:https?:\/\/|www\.)\S+/giu

/** Digits with what people put between them. Five may be a part of the number, seven are one. */
const DIGITS = /\+?\(?\p{Nd}(?:[\s().,/·_–—-]{0,3}\p{Nd}){4,}/gu

const SPOKEN = "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple"

const SPOKEN_DIGITS = new RegExp(String.raw`\b(?:(?:${SPOKEN})\b[\s,.-]{0,3}){4,}(?<=\w)`, "giu")

const NUMBER_DIGITS_MIN = 7

function withoutContacts(text: string, { digits: number }: Stranger): string {
  return text
    .replace(LINK, "[link]")
    .replace(ADDRESS, "[address]")
    .replace(DIGITS, (run) => {
      const digits = run.normalize("NFKC").replace(/\D/g, "")
      const isPart = number !== "" && (number.includes(digits) || digits.includes(number))
      return digits.length >= NUMBER_DIGITS_MIN || isPart || /[^\x20-\x7e–—·]/u.test(run) ? "[number]" : run
    })
    .replace(SPOKEN_DIGITS, "[number]")
}

/** Whether capitals tell names: there are small letters and capitals, sentences begin with these, and no other script. */
function areCapitalsKept(text: string): boolean {
  const letters = text.replace(/\[\w+\]/g, "").match(/\p{L}/gu) ?? []
  const [first] = letters
  if (first === undefined) return true
  if (letters.some((letter) => /[\p{Lo}\p{Lm}]/u.test(letter) && !/[ªº]/.test(letter))) return false
  const capitals = letters.filter((letter) => /[\p{Lu}\p{Lt}]/u.test(letter)).length
  return /[\p{Lu}\p{Lt}]/u.test(first) && capitals * 2 <= letters.length
}

const WORD = /[\p{L}\p{M}\p{N}]+(?:['’_-][\p{L}\p{M}\p{N}]+)*/gu

/** What may stand between the parts of a name. */
const BETWEEN = /^(?:[ .,'’-]{1,3}|,? (?:(?:van|von|der|den|de|la|le|del|di|da|al|bin|el|ter|y|e)[ ]){1,3})$/

/** The end of a text so far, if it is a name that was left out: what follows may be more of it. */
type Run = { from: number; isCaller: boolean }

const NO_RUN: Run = { from: -1, isCaller: false }

function withoutNames(
  text: string,
  { names, who, agent }: Stranger,
): { shown: string; words: number; leftOut: number } {
  let shown = ""
  let end = 0
  let [words, leftOut] = [0, 0]
  let run = NO_RUN
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const between = text.slice(end, index)
    end = index + word.length
    words++
    const isCaller = isNameOf(word, names)
    if (!isCaller && !mayNameSomebody(word, textAround(text, index, word.length), agent)) {
      shown += between + word
      run = NO_RUN
      continue
    }
    leftOut++
    const isMore = run.from >= 0 && BETWEEN.test(between)
    const lead = isMore ? shown.slice(0, run.from) : shown + between
    run = { from: lead.length, isCaller: isCaller || (isMore && run.isCaller) }
    shown = lead + standIn(run.isCaller ? who : "[name]", lead) + (/['’]s$/i.test(word) ? "'s" : "")
  }
  // "The caller, Ada Lovelace, wanted": nobody is said twice.
  const twice = new RegExp(String.raw`\b(${who})(?:,? ${who}\b,?)+(?!')`, "gi")
  return { shown: (shown + text.slice(end)).replace(twice, "$1"), words, leftOut }
}

/** With a capital where a sentence begins. */
function standIn(who: string, lead: string): string {
  const isStart = /(?:^|[.!?]["”’)]*\s+|\n\s*)$/.test(lead)
  return isStart ? who.charAt(0).toUpperCase() + who.slice(1) : who
}

/** A whole name, or any part of one with a hyphen: a possessive, in capitals, without its accents. */
function isNameOf(word: string, names: ReadonlySet<string>): boolean {
  const bare = word.replace(/['’]s$/i, "").replace(/['’]$/, "")
  const isCommon = bare === bare.toLowerCase() && isCommonWord(bare)
  if (isCommon) return false
  const pieces = [bare, word, ...bare.split(/[-_'’]/), ...(/s$/i.test(bare) ? [bare.slice(0, -1)] : [])]
  return pieces.some((piece) => names.has(namePart(piece)) && namePart(piece).length > 1)
}

/** What leads to a word and what follows it: a date is told by these. */
function textAround(text: string, index: number, length: number): { before: string; after: string } {
  return {
    before: text.slice(Math.max(0, index - 20), index),
    after: text.slice(index + length, index + length + 5),
  }
}

/** A capital anywhere in it, and nothing that says that it is an ordinary word, the agent's or a code. */
function mayNameSomebody(
  word: string,
  around: { before: string; after: string },
  agent: ReadonlySet<string>,
): boolean {
  // A code, such as BK-2041, is nobody's name.
  const isCode = /[\p{N}_]/u.test(word) && !/[\p{Lu}\p{Lt}]\p{M}*\p{Ll}/u.test(word)
  if (!/[\p{Lu}\p{Lt}]/u.test(word) || isCode) return false
  const bare = word.replace(/['’]s$/i, "")
  if (agent.has(bare) || agent.has(word)) return false
  // Such as X-ray and Follow-up.
  const isPlainPart = (part: string) =>
    part.length === 1 || part === part.toLowerCase() || isPlainWord(part, around)
  return !isPlainWord(word, around) && !(bare.includes("-") && bare.split("-").every(isPlainPart))
}
