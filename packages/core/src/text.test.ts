/** A text that was cut fits, and is still valid text. */
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { shorten, withinBytes } from "./text.ts"

const whole = fc.constantFrom(" ", "a", "é", "€", "💥")

const half = fc.constantFrom("\ud83d", "\udca5")

const anyText = fc.oneof(fc.string({ unit: whole }), fc.string({ unit: fc.oneof(whole, half) }))

test("within so many characters, with a sign that something is missing", () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 30 }), (text, max) => {
      const short = shorten(text, max)
      expect(short.length).toBeLessThanOrEqual(max)
      if (text.length <= max) expect(short).toBe(text)
      else expect(short.endsWith("…") && text.startsWith(short.slice(0, -1))).toBe(true)
      if (text.isWellFormed()) expect(short.isWellFormed()).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test("at a word if there is one near the end", () => {
  expect(shorten("I want to talk to somebody", 20)).toBe("I want to talk to…")
  expect(shorten("Incomprehensibilities of it", 20)).toBe("Incomprehensibiliti…")
})

test("within so many bytes of UTF-8, as many as fit", () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 0, max: 60 }), (text, max) => {
      const cut = withinBytes(text, max)
      expect(cut.isWellFormed()).toBe(true)
      expect(text.toWellFormed().startsWith(cut)).toBe(true)
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(max)
      const isWhole = Buffer.byteLength(text.toWellFormed()) <= max
      if (isWhole) expect(cut).toBe(text.toWellFormed())
      else expect(Buffer.byteLength(cut)).toBeGreaterThan(max - 4)
    }),
    { numRuns: 500 },
  )
})
