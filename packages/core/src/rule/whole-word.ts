/**
 * Whole words by a plain search: a text with a sign before and after each word has the phrase, made ready in the same way, just
 * where no longer word goes on at either end. So a search for whole words takes no longer than another, whatever is said.
 */

/** Control characters, none of which is left in a folded text. */
const BEGIN = "\u0001"

const END = "\u0002"

const OF_A_WORD = /[\p{L}\p{M}\p{N}_]/u

const PLAIN_OF_A_WORD = /[a-z0-9_]/i

/** A folded text. Where a sign that is of no word stands beside any other, its side of the border is marked. */
export function markWords(text: string): string {
  let marked = ""
  let wasOfWord: boolean | null = null
  for (const sign of text) {
    const isOfWord = (sign < "\u0080" ? PLAIN_OF_A_WORD : OF_A_WORD).test(sign)
    if (wasOfWord !== null) marked += `${isOfWord ? "" : END}${wasOfWord ? "" : BEGIN}`
    marked += sign
    wasOfWord = isOfWord
  }
  return marked
}

/** A folded phrase, which need not go on to the end of a word where it has a space. */
export function markPhrase(phrase: string): string {
  return `${phrase.startsWith(" ") ? "" : BEGIN}${markWords(phrase)}${phrase.endsWith(" ") ? "" : END}`
}
