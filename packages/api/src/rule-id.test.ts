/** Ids made from names: always ids that a rule may have, and different ones for numbers. */
import { RuleId } from "@earshot/core/rule/rule"
import fc from "fast-check"
import { expect, test } from "vitest"
import { numberedId, slugOf } from "./rule-id.ts"

test.each([
  ["Long call", "long-call"],
  ["Don't hang up", "dont-hang-up"],
  ["Straße & Weg", "strasse-and-weg"],
  ["VIPs on iPhone", "vips-on-iphone"],
  ["-- 42% --", "42"],
])("%j makes %j", async (name, id) => {
  expect(await slugOf(name)).toBe(id)
})

test("whatever the name is, a rule may have the id, with any number", async () => {
  const name = fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 80 }),
    fc.stringMatching(/^[a-z]{70,80}$/),
  )
  await fc.assert(
    fc.asyncProperty(name, fc.integer({ min: 1, max: 1000 }), async (text, number) => {
      const slug = await slugOf(text)
      expect(RuleId.safeParse(numberedId(slug, number)).error).toBeUndefined()
      expect(numberedId(slug, number)).not.toBe(numberedId(slug, number + 1))
    }),
  )
})
