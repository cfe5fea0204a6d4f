/** Every planted bug still fits the code, so that `npm run mutants` breaks what it says it breaks. */
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { transform } from "esbuild"
import { describe, expect, test } from "vitest"
import { MUTANTS } from "./mutants/all.ts"
import { INFRA } from "./mutants/infra.ts"
import { withEdits } from "./mutants/mutant.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

describe("a planted bug", () => {
  test.each([...MUTANTS, ...INFRA])("$name: changes what stands there once, and is code", async (mutant) => {
    for (const file of new Set(mutant.edits.map((edit) => edit.file))) {
      const text = readFileSync(path.join(root, file), "utf8")
      const edited = withEdits(mutant, file, text)
      const options = { loader: "ts", minifyWhitespace: true, logLevel: "silent" } as const
      expect((await transform(edited, options)).code).not.toBe((await transform(text, options)).code)
    }
  })

  test("does not fit where its text is missing or there twice", () => {
    const mutant = { name: "m", why: "", edits: [{ file: "f", from: "a", to: "b" }], caughtBy: [] }
    expect(withEdits(mutant, "f", "cat")).toBe("cbt")
    expect(withEdits(mutant, "another", "aa")).toBe("aa")
    expect(() => withEdits(mutant, "f", "dog")).toThrow("0 times")
    expect(() => withEdits(mutant, "f", "banana")).toThrow("3 times")
  })

  test("has a name of its own, one reason, and something that may notice it", () => {
    const all = [...MUTANTS, ...INFRA]
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
    for (const { name, why, caughtBy } of all) {
      expect(why, name).toMatch(/^[A-Z][^.]+\.$/)
      if (typeof caughtBy === "string") expect(existsSync(path.join(root, caughtBy)), name).toBe(true)
      else expect(caughtBy.length, name).toBeGreaterThan(0)
    }
  })

  test("is caught by the simulation, in two of three cases at least", () => {
    const byTests = MUTANTS.filter(({ caughtBy }) => typeof caughtBy === "string")
    expect(byTests.length).toBeLessThanOrEqual(MUTANTS.length / 3)
  })
})
