/** The README's example runs, word for word, and its table names switches that exist. */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { createCallBook, plainCall } from "./call-book.ts"
import { createCallsApi } from "./calls-api.ts"
import { fetchFrom } from "./network.ts"
import { PLAIN_ANSWER, everyOddity } from "./oddity.ts"

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
const source = readFileSync(new URL(import.meta.url), "utf8")
const withoutIndent = (text: string) => text.replaceAll(/^ +/gm, "").trim()

test("the example of a test is this one", async () => {
  // example begins
  const book = createCallBook([plainCall({ id: "one", score: null })])
  const now = () => Date.parse("2026-01-05T10:00:00.000Z")
  const app = createCallsApi({ source: book, keys: ["ew_test"], now })
  const fetch = fetchFrom({ "echo.win": app })

  book.change("one", { score: 1.5 })
  const response = await fetch("https://echo.win/api/v1/calls", { headers: { "X-API-Key": "ew_test" } })
  const answer = await response.json()
  // example ends
  expect(answer).toMatchObject({ data: [{ id: "one", score: 1.5 }] })
  const run = source.split("// example begins")[1]?.split("// example ends")[0] ?? ""
  const written = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ""
  expect(withoutIndent(written)).toBe(withoutIndent(run))
})

test("the table of open questions has every switch, and none that does not exist", () => {
  const { rows, values, times, reading } = everyOddity(1)
  const all = { rows, values, times, reading, answer: PLAIN_ANSWER }
  const switches = Object.entries(all).flatMap(([group, names]) =>
    Object.keys(names ?? {}).map((name) => `${group}.${name}`),
  )
  const written = [...readme.matchAll(/`((?:rows|values|times|reading|answer)\.\w+)/g)].map(
    (match) => match[1] ?? "",
  )
  expect(new Set(written)).toEqual(new Set(switches))
})
