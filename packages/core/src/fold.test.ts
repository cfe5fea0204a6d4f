/** Texts that look alike are the same once they are folded, and others are not. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { fold, foldWithin } from "./fold.ts"

describe("these are the same once they are folded:", () => {
  test.each([
    ["case", "REFUND", "refund"],
    ["a sharp s, small and large", "Straße STRAẞE", "strasse strasse"],
    ["a sigma at the end of a word", "ΟΔΟΣ", "οδοσ"],
    ["a sigma at the end of a word, as people write it", "οδος", "ΟΔΟΣ"],
    ["a Turkish I with a dot", "İstanbul", "istanbul"],
    ["an accent of its own", "cafe\u0301", "CAFÉ"],
    ["ligatures", "oﬃce", "OFFICE"],
    ["wide letters and digits", "Ｒｅｆｕｎｄ １２", "refund 12"],
    ["half-width katakana", "ｶﾞ", "ガ"],
    ["curly quotes", "I’m ‘done’ “now”", "I'm 'done' \"now\""],
    ["an accent as an apostrophe", "I´m I`m", "I'm I'm"],
    ["primes and guillemets", "5′ 6″ «no»", '5\' 6" "no"'],
    ["dashes of every length", "e–mail e—mail e‑mail e−mail", "e-mail e-mail e-mail e-mail"],
    ["an ellipsis", "well…", "well..."],
    ["all kinds of spaces", "a\u00a0b\u2009c\u3000d", "a b c d"],
    ["line breaks and tabs", "a\r\nb\tc\u2028d\u0085e", "a b c d e"],
    ["many spaces", "  a   b ", "a b"],
    ["soft hyphens", "re\u00adfund", "refund"],
    ["zero-width signs", "re\u200bfu\u200dnd\ufeff", "refund"],
    ["signs of direction", "\u202erefund\u202c \u061crefund\u200f", "refund refund"],
    ["a heart with and without its colour", "❤\ufe0f", "❤"],
    ["a sign that nobody sees between a letter and its accent", "cafe\u200d\u0301", "café"],
  ])("%s", (_, one, other) => {
    expect(fold(one)).toBe(fold(other))
  })
})

test.each([
  ["café", "cafe"],
  ["a b", "ab"],
  ["'", '"'],
  ["-", "_"],
  ["ё", "е"],
])("%j and %j look different and stay so", (one, other) => {
  expect(fold(one)).not.toBe(fold(other))
})

test.each(["", " ", "\u200b", "\u00ad \n", "\u3164", "\u2800", "\u0000"])("of %j nothing stays", (text) => {
  expect(fold(text)).toBe("")
  expect(foldWithin(text).trim()).toBe("")
})

test("a part of a text keeps a space at either end", () => {
  expect(foldWithin("\n No\u00a0")).toBe(" no ")
})

test("folding twice is folding once, whatever the text", () => {
  const letters = fc.string({ unit: "binary", maxLength: 20 })
  const odd = fc.array(
    fc.constantFrom("ŉ", "ʹ", "\u1fef", "‴", "ﬁ", "ǰ", "ᾳ", "İ", "ẞ", "\u3164", "`", "\u0301"),
  )
  const texts = fc.oneof(
    letters,
    odd.map((signs) => signs.join("")),
  )
  fc.assert(
    fc.property(texts, (text) => {
      expect(fold(fold(text))).toBe(fold(text))
    }),
    { numRuns: 1000 },
  )
})

test("case matters to no letter there is", () => {
  const wrong: string[] = []
  let cased = 0
  for (let code = 0; code < 0x20000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue
    const letter = `a${String.fromCodePoint(code)}b`
    const forms = [letter.toUpperCase(), letter.toLowerCase()].filter(
      (form) => form.slice(1, -1) !== letter.slice(1, -1),
    )
    if (forms.length === 0) continue
    cased++
    if (forms.some((form) => fold(form) !== fold(letter))) wrong.push(code.toString(16))
  }
  expect(cased).toBeGreaterThan(2000)
  expect(wrong).toEqual([])
})
