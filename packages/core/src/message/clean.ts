/**
 * Makes text fit to be shown, in whatever channel: what a caller said, an agent's name, a rule's. Nobody can disguise a text
 * by signs that are not seen, or begin a line of their own where a name or a number stands.
 */

/** Each of them ends a line somewhere; in a channel only the line feed does. */
const LINE_BREAK = /\r\n|[\r\v\f\u0085\u2028\u2029]/g

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0009\u000e-\u001f\u007f-\u009f\ufff9-\ufffb\ufffe\uffff]/g

/** They change the direction of the text around them, or hide a text within another. */
const DISGUISE = /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu

/** The text with line feeds as its only control characters, and well-formed. */
export function cleanText(text: string): string {
  return text.replace(LINE_BREAK, "\n").replace(CONTROL, " ").toWellFormed().replace(DISGUISE, "")
}

/** The same on one line. */
export function cleanLine(text: string): string {
  return cleanText(text).replace(/\s+/g, " ").trim()
}
