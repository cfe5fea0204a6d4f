/** A haystack has exactly the phrases that a plain search finds. */
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { dice } from "../test-example.ts"
import { createHaystack } from "./haystack.ts"

test("it has what a plain search finds and nothing else, however often it is asked", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "é", "猫", "😀", " "), maxLength: 60 })
  const needles = fc.array(
    fc.string({ unit: fc.constantFrom("a", "b", "é", "猫", "😀", " "), maxLength: 8 }),
    {
      maxLength: 30,
    },
  )
  fc.assert(
    fc.property(letters, needles, fc.nat(60), (text, others, from) => {
      const haystack = createHaystack(text)
      const inside = Array.from({ length: 10 }, (_, length) => text.slice(from, from + length))
      for (const needle of [...others, ...inside, ...others]) {
        expect(haystack.has(needle)).toBe(text.includes(needle))
      }
    }),
  )
})

test("a phrase from anywhere in a long text is found, and one that differs in a letter is not", () => {
  const roll = dice(7)
  const text = Array.from({ length: 60_000 }, () => String.fromCharCode(97 + Math.floor(roll() * 26))).join(
    "",
  )
  const { has } = createHaystack(text)
  for (let from = 0; from < text.length - 20; from += 97) {
    const phrase = text.slice(from, from + 20)
    expect(has(phrase)).toBe(true)
    expect(has(`${phrase.slice(0, 19)}#`)).toBe(false)
  }
})
