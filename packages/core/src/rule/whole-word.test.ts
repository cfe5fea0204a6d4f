/** Words that are marked and searched plainly are whole where a look at both of their neighbours says so. */
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { fold, foldWithin } from "../fold.ts"
import { markPhrase, markWords } from "./whole-word.ts"

const OF_A_WORD = /[\p{L}\p{M}\p{N}_]/u

/** The plainest way: every place where the phrase stands, with the signs beside it. */
function standsThere(text: string, phrase: string): boolean {
  const signs = Array.from(text)
  const sought = Array.from(phrase)
  return signs.some((_, at) => {
    const isThere = sought.every((sign, index) => signs[at + index] === sign)
    const before = sought[0] === " " ? "" : (signs[at - 1] ?? "")
    const after = sought.at(-1) === " " ? "" : (signs[at + sought.length] ?? "")
    return isThere && !OF_A_WORD.test(before) && !OF_A_WORD.test(after)
  })
}

test("a phrase is found just where no longer word goes on at either end", () => {
  const signs = fc.constantFrom("a", "b", "7", "_", "é", "猫", "𝒳", "😀", " ", "-", "$", "\u0001", "\u0002")
  const texts = fc.string({ unit: signs, maxLength: 30 })
  let [found, missed] = [0, 0]
  fc.assert(
    fc.property(texts, fc.string({ unit: signs, minLength: 1, maxLength: 4 }), (said, sought) => {
      const [text, phrase] = [` ${fold(said)} `, foldWithin(sought)]
      if (phrase.trim() === "") return
      const isThere = standsThere(text, phrase)
      if (isThere) found++
      else if (text.includes(phrase)) missed++
      expect(markWords(text).includes(markPhrase(phrase))).toBe(isThere)
    }),
    { numRuns: 5000 },
  )
  expect(Math.min(found, missed)).toBeGreaterThan(100)
})
