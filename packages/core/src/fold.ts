/**
 * Makes texts that look alike the same, before they are compared: people write rules on one keyboard, and the vendor,
 * its speech recognition and the callers' own systems write with others.
 */

/** ASCII without the backtick, where lower case is all there is to do: the commonest text by far. */
const PLAIN = /^[\t\n\r\x20-\x5f\x61-\x7e]*$/

/** The same without any white space but a single space between words, where nothing else changes either. */
const SIMPLE = /^[\x21-\x5f\x61-\x7e]+(?: [\x21-\x5f\x61-\x7e]+)*$/

/** Shown as nothing: soft hyphens, zero-width signs, direction marks, variation selectors, a byte-order mark. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu

/** Straightened before the normal form, which makes a space and an accent of some of them. */
const QUOTE =
  /[\u0060\u00b4\u02b9\u02bb-\u02bd\u02c8\u055a\u05f3\u2018-\u201b\u2032\u2035\u2039\u203a\uff07]/g

const DOUBLE_QUOTE = /[\u00ab\u00bb\u02ba\u05f4\u201c-\u201f\u2033\u2036\u275d\u275e\u301d-\u301f\uff02]/g

const DASH = /[\p{Pd}\u02d7\u2043\u2212\u2796]/gu

/** Line breaks, tabs, other control characters and every width of space. A single plain space is left as it is. */
const SPACE = /[\s\p{Cc}\u2800]{2,}|[^\S ]|[\p{Cc}\u2800]/gu

/**
 * The text in the form that is compared: normal form NFKC, without case, with straight quotes, one dash, one space for
 * any white space, and without what nobody sees. Folding twice changes nothing.
 */
export function fold(text: string): string {
  return foldWithin(text).trim()
}

/** The same for a part of a text, which may begin or end with a space: " no " is not in "know". */
export function foldWithin(text: string): string {
  if (SIMPLE.test(text)) return text.toLowerCase()
  return (PLAIN.test(text) ? text.toLowerCase() : foldSigns(text)).replace(SPACE, " ")
}

function foldSigns(text: string): string {
  const letters = foldCase(straighten(text.replace(INVISIBLE, "")).normalize("NFKC")).normalize("NFKC")
  // The normal form makes some quotes, and a filler that nobody sees, of other signs.
  return straighten(letters.replace(INVISIBLE, "")).replace(DASH, "-")
}

function straighten(text: string): string {
  return text.replace(QUOTE, "'").replace(DOUBLE_QUOTE, '"')
}

/**
 * Full case folding, of which JavaScript has only the parts: ẞ becomes ß, SS and then ss. A sigma at the end of a word and a
 * Turkish I, with its dot or without, are the same letters as elsewhere.
 */
function foldCase(text: string): string {
  return text
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll("ς", "σ")
    .replace(/i\u0307/g, "i")
}
