/**
 * How many objects and lists a text of JSON has, before it is parsed: each takes up to a hundred times as much memory as it
 * takes to write down, so that five megabytes of brackets would take half a gigabyte.
 */

/** Several times as many as a page of a hundred calls of an hour each. */
export const PARTS_MAX = 200_000

/** A shorter text has too few parts to matter, and is not looked through. */
const CHARACTERS_MIN = PARTS_MAX

/** Whether the text has more objects and lists than `PARTS_MAX`. What stands in strings does not count. */
export function hasTooManyParts(text: string): boolean {
  if (text.length <= CHARACTERS_MIN) return false
  let parts = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === QUOTE) index = endOfString(text, index)
    else if ((code === BRACKET || code === BRACE) && ++parts > PARTS_MAX) return true
  }
  return false
}

const QUOTE = 0x22

const BRACKET = 0x5b

const BRACE = 0x7b

const BACKSLASH = 0x5c

/** Where the string that begins at `start` ends; the end of the text if it does not. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === BACKSLASH) index++
    else if (code === QUOTE) return index
  }
  return text.length
}
