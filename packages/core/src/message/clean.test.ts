/** What is shown is what is seen. */
import { expect, test } from "vitest"
import { cleanLine, cleanText } from "./clean.ts"

test.each([
  ["control characters", "a\u0000b\u001b[31mc\u0085d", "a b [31mc\nd", "a b [31mc d"],
  ["signs of direction", "\u202eevil\u202c \u2066a\u2069\u061c\u200f", "evil a", "evil a"],
  ["every line break", "a\r\nb\rc\u2028d\u2029e\vf\fg", "a\nb\nc\nd\ne\nf\ng", "a b c d e f g"],
  ["zero-width signs and soft hyphens", "re\u00adfu\u200bnd\ufeff\u2060", "refund", "refund"],
  ["hidden tags", "a\u{e0041}\u{e0042}b", "ab", "ab"],
  ["halves of characters", "a\ud83db", "a\ufffdb", "a\ufffdb"],
  ["no characters", "a\uffffb\ufffe", "a b ", "a b"],
  ["emoji and other scripts", "👨‍👩‍👧 می‌خواهم é", "👨‍👩‍👧 می‌خواهم é", "👨‍👩‍👧 می‌خواهم é"],
])("%s", (_, text, clean, line) => {
  expect(cleanText(text)).toBe(clean)
  expect(cleanLine(text)).toBe(line)
})
