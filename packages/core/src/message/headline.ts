/**
 * The first line of a message, as a person would say it: from the vendor's summary, cut at a sentence, or else from the
 * reasons. `The caller called about a deposit. The caller was very upset about the service.`
 */
import type { CallDetail } from "@earshot/calls-api/call"
import type { Because, Reason } from "../alert/alert.ts"
import { shorten } from "../text.ts"
import { isTrue } from "./because.ts"
import { cleanLine } from "./clean.ts"
import { transferText } from "./deed.ts"
import { quantityText } from "./quantity.ts"

/** As much as fits into the headline of a Slack message, with its sign. */
const HEADLINE_MAX = 140

/** Words of a sentence that tell what went wrong. They only choose what is said first. */
const TELLING =
  /\b(upset|angry|furious|frustrat\w*|complain\w*|promis\w*|fail\w*|refund\w*|cancel\w*|hung up|unanswered|not answered|unresolved|manager|disappoint\w*|threat\w*|never|escalat\w*|urgent\w*|unable|could not|nobody|no one|wrong|lawyer)\b/gi

/** What the summary says first and, if there is room, what it says of what went wrong. Null if it says nothing. */
export function headlineOf(summary: string | null): string | null {
  const [first, ...others] = sentencesOf(summary ?? "")
  if (first === undefined) return null
  if (first.length > HEADLINE_MAX) return shorten(first, HEADLINE_MAX)
  let best: string | null = null
  let most = 0
  for (const sentence of others) {
    const telling = sentence.match(TELLING)?.length ?? 0
    if (telling > most && first.length + sentence.length + 1 <= HEADLINE_MAX) {
      best = sentence
      most = telling
    }
  }
  return best === null ? first : `${first} ${best}`
}

/** Shorter than that, what ends with a full stop is an abbreviation or a number, such as "Dr." or "1.". */
const SENTENCE_MIN = 12

const ABBREVIATION = /\b(?:mr|mrs|ms|dr|st|no|vs|approx|inc|ltd|co|e\.g|i\.e|a\.m|p\.m|[A-Z])\.$/i

/** Longer than any first words that people read. */
const TEXT_MAX = 4000

function sentencesOf(text: string): string[] {
  const sentences: string[] = []
  let open = ""
  for (const part of cleanLine(text.slice(0, TEXT_MAX)).split(/(?<=[.!?…]["'”’)]?) (?=\S)/)) {
    open = open === "" ? part : `${open} ${part}`
    if (open.length < SENTENCE_MIN || ABBREVIATION.test(open)) continue
    sentences.push(open)
    open = ""
  }
  return open.trim() === "" ? sentences : [...sentences, open]
}

const CLAUSES_MAX = 2

/** In words of ours alone, so that every channel may show it: what the worst reasons say, or else the rules' names. */
export function headlineOfReasons(reasons: readonly Reason[], call: CallDetail, title: string): string {
  const clauses = reasons.flatMap(({ because }) => clauseOf(because, call) ?? [])
  const [first, second] = [...new Set(clauses)].slice(0, CLAUSES_MAX)
  if (first === undefined || reasons.length === 0) return title
  const said = second === undefined ? first : `${first}, and ${second}`
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}.`
}

/** Of a reason that is one comparison. Of several, the rule's name says more. */
function clauseOf(because: readonly Because[], call: CallDetail): string | null {
  const [only, ...others] = because
  if (!only || others.length > 0 || only.operator === "exists") return null
  const isLow = (only.operator === "lt" || only.operator === "lte") !== only.isNegated
  const isHigh = (only.operator === "gt" || only.operator === "gte") !== only.isNegated
  switch (only.field) {
    case "sentiment.angry":
      return isHigh ? "the caller was angry" : null
    case "sentiment.sad":
      return isHigh ? "the caller was sad" : null
    case "score":
      return isLow ? `the call scored ${quantityText(only, "plain").seen} of 5` : null
    case "duration":
      return `the call lasted ${quantityText(only, "seconds").seen}`
    case "flagged":
      return isTrue(only) ? "the call was flagged" : null
    case "spam":
      return isTrue(only) ? "the call was marked as spam" : null
    case "transferred":
      return isTrue(only) ? `the call was ${transferText(call).toLowerCase()}` : null
    default:
      return null
  }
}
