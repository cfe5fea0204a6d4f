/**
 * What a nudge's request says, whatever it says: the body is a small template that somebody wrote in the vendor's editor, as JSON or
 * as a form, and its placeholders may not have been filled in. Nothing is refused; what is not understood is no hint.
 */
import * as z from "zod"
import type { Nudge } from "./nudge.ts"

/** Longer requests are not read to their end. */
export const NUDGE_BYTES_MAX = 4096

/** Spelt with any capitals, dashes and underscores. */
const ID_NAMES: ReadonlySet<string> = new Set(["callid", "id"])
const PARTY_NAMES: ReadonlySet<string> = new Set([
  "from",
  "phone",
  "callernumber",
  "callfrom",
  "phonenumber",
  "caller",
])

/** Deep enough for `{"data":{"call":{"id":…}}}`. */
const LEVELS_MAX = 3

/** `$call_id`, `{{call.id}}`, `<id>`, `%id%`, and what is written where there is nothing. */
const PLACEHOLDER = /^[$<%{[]|[}>%\]]$|^(null|none|undefined|unknown|anonymous|private|restricted)$/i

/** The hints of a request's body and query, at most one call's id and one number. */
export function nudgeIn(body: string, query: URLSearchParams): Nudge {
  const pairs = [...pairsIn(body), ...query.entries()]
  const first = (names: ReadonlySet<string>, read: (value: string) => string | null) => {
    for (const [name, value] of pairs) {
      const text = value.trim()
      if (!names.has(name.toLowerCase().replaceAll(/[-_ ]/g, "")) || PLACEHOLDER.test(text)) continue
      const found = read(text)
      if (found !== null) return found
    }
    return null
  }
  return { id: first(ID_NAMES, idOf), party: first(PARTY_NAMES, partyDigits), tries: 0 }
}

function pairsIn(body: string): [string, string][] {
  try {
    return pairsOf(JSON.parse(body), LEVELS_MAX)
  } catch {
    // No JSON: a form, or nothing that has names.
    return [...new URLSearchParams(body).entries()]
  }
}

const Parts = z.record(z.string(), z.unknown())

function pairsOf(value: unknown, levels: number): [string, string][] {
  const entries = Object.entries(Parts.safeParse(value).data ?? {})
  const own = entries.flatMap(([name, part]): [string, string][] =>
    typeof part === "string" || typeof part === "number" ? [[name, String(part)]] : [],
  )
  return levels === 0 ? own : [...own, ...entries.flatMap(([, part]) => pairsOf(part, levels - 1))]
}

function idOf(text: string): string | null {
  return /^[\x21-\x7e]{1,200}$/.test(text) ? text : null
}

/** Brackets, dots and dashes included. */
const NUMBER_CHARACTERS_MAX = 40

/** The digits of a number in any spelling; null for what is no telephone number. */
export function partyDigits(text: string): string | null {
  const number = text.trim().replace(/^(tel|sip):/i, "")
  if (number.length > NUMBER_CHARACTERS_MAX || /[\p{L}@]/u.test(number)) return null
  const digits = number.replaceAll(/\D/g, "").replace(/^0+/, "")
  return digits.length >= 5 && digits.length <= 15 ? digits : null
}

/** With fewer digits than these two numbers are not the same because they end alike. */
const SAME_DIGITS = 7

/** Whether two numbers are the same, one of them perhaps without its country. */
export function isSameParty(one: string, other: string): boolean {
  if (one === other) return true
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  return short.length >= SAME_DIGITS && long.endsWith(short)
}
