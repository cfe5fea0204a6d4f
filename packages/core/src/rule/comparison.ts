/**
 * One comparison made ready: what its operator asks of a value that is known. Everything that follows from the rule alone is
 * worked out here, once for each version of the rule, and not for each call.
 */
import { type CallReader, haystackOf, itemsOf, wordsOf } from "./call-reader.ts"
import type { FieldValue } from "./field-type.ts"
import type { Asked } from "./operand.ts"
import { markPhrase } from "./whole-word.ts"

export type Comparison = (seen: FieldValue, reader: CallReader) => boolean

/** Texts are compared as `fold` makes them: people write what they hear, and the vendor promises no spelling. */
export function comparisonOf(asked: Asked): Comparison {
  const { operand } = asked
  const [sought = ""] = asked.folded
  const bound = Number(operand)
  switch (asked.operator) {
    case "eq":
    case "in":
      return isOneOf(asked)
    case "ne": {
      const isSame = isOneOf(asked)
      return (seen, reader) => !isSame(seen, reader)
    }
    case "lt":
      return (seen) => Number(seen) < bound
    case "lte":
      return (seen) => Number(seen) <= bound
    case "gt":
      return (seen) => Number(seen) > bound
    case "gte":
      return (seen) => Number(seen) >= bound
    case "contains":
    case "containsAny":
      return containsOneOf(asked)
    case "startsWith":
      if (sought === "") return () => false
      return (seen, reader) => haystackOf(reader, String(seen)).text.startsWith(sought, 1)
    // Asked elsewhere: they are not about the value alone.
    case "has":
    case "during":
    case "exists":
      return () => true
  }
}

function containsOneOf({ field, folded, isWholeWords }: Asked): Comparison {
  const texts = folded.filter((text) => text !== "")
  if (texts.length === 0) return () => false
  if (field.type === "texts") {
    return (seen, reader) => {
      if (typeof seen !== "object") return false
      const items = itemsOf(reader, seen)
      return texts.some((text) => items.has(text))
    }
  }
  if (isWholeWords) {
    const phrases = texts.map(markPhrase)
    return (seen, reader) => {
      const words = wordsOf(reader, String(seen))
      return phrases.some((phrase) => words.has(phrase))
    }
  }
  return (seen, reader) => {
    const haystack = haystackOf(reader, String(seen))
    return texts.some((text) => haystack.has(text))
  }
}

function isOneOf({ field, operand, folded }: Asked): Comparison {
  const [only] = typeof operand === "object" ? operand : [operand]
  const choices: ReadonlySet<unknown> = new Set(typeof operand === "object" ? operand : [operand])
  if (field.type !== "string")
    return choices.size === 1 ? (seen) => seen === only : (seen) => choices.has(seen)
  const texts = folded.filter((text) => text !== "")
  // The very text that the rule names is the commonest answer, and needs no folding.
  const known = texts.length === folded.length ? choices : new Set()
  const beginnings = new Set(texts.map((text) => text.charCodeAt(0)))
  return (seen, reader) => {
    if (known.has(seen)) return true
    if (typeof seen === "string" && beginsOtherwise(seen, beginnings)) return false
    const { text } = haystackOf(reader, String(seen))
    return texts.some((one) => text.length === one.length + 2 && text.startsWith(one, 1))
  }
}

/**
 * Whether a text can be told from the others by its first letter, without folding it. That letter is what it is only if the
 * next is a plain one as well: an accent might follow.
 */
function beginsOtherwise(text: string, beginnings: ReadonlySet<number>): boolean {
  const first = text.charCodeAt(0)
  if (!isPlainSign(first) || !isPlainSign(text.charCodeAt(1))) return false
  return !beginnings.has(first >= 0x41 && first <= 0x5a ? first + 0x20 : first)
}

/** Of ASCII, without the space and the backtick, which is folded to a quote. */
function isPlainSign(code: number): boolean {
  return code > 0x20 && code < 0x7f && code !== 0x60
}
