/** The book shows what was written into it, at once and at any time. */
import { expect, test } from "vitest"
import { createCallBook, plainCall } from "./call-book.ts"
import { joinSources } from "./source.ts"

test("calls are added, changed and removed", () => {
  const book = createCallBook([plainCall({ id: "a" })])
  book.add(plainCall({ id: "b", score: null }))
  expect(book.callsAt(0).map((call) => call.id)).toEqual(["a", "b"])
  book.change("b", { score: 1, flagged: true })
  expect(book.callAt(0, "b")).toMatchObject({ id: "b", score: 1, flagged: true, status: "completed" })
  book.remove("a")
  expect(book.callAt(0, "a")).toBeUndefined()
  expect(book.callsAt(0)).toHaveLength(1)
})

test("mistakes are told to whoever writes the book", () => {
  const book = createCallBook([plainCall({ id: "a" })])
  expect(() => book.add(plainCall({ id: "a" }))).toThrow("already has a call a")
  expect(() => book.change("x", {})).toThrow("no call x")
  expect(() => book.remove("x")).toThrow("no call x")
  expect(() => book.add(plainCall({ id: "b", createdAt: "2026-01-05T09:00:00Z" }))).toThrow("toISOString")
  expect(() => book.change("a", { endedAt: "2026-01-05 09:00" })).toThrow()
})

test("joined sources show the calls of all", () => {
  const joined = joinSources(
    createCallBook([plainCall({ id: "a" })]),
    createCallBook([plainCall({ id: "b" })]),
  )
  expect(joined.callsAt(0).map((call) => call.id)).toEqual(["a", "b"])
  expect(["a", "b", "c"].map((id) => joined.callAt(0, id)?.id)).toEqual(["a", "b", undefined])
})
