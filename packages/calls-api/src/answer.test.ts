/** Which trouble each answer means, and that no trouble reveals more than it should. */
import { expect, test } from "vitest"
import { judgeAnswer, type Trouble } from "./answer.ts"

const NOW = Date.parse("2024-01-15T10:29:15.000Z")
const KEY = "ew_live_secret"

function troubleOf(status: number, body: unknown, secrets: string[] = []): Trouble {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  const verdict = judgeAnswer({ status, headers: new Headers(), text }, [KEY, ...secrets], NOW)
  if (verdict.ok) throw new Error("It was taken for a good answer.")
  return verdict.trouble
}

test.each([
  [401, { error: "Missing X-API-Key header" }, "unauthorized", false],
  [401, { error: "Invalid API key" }, "unauthorized", false],
  [401, { error: "Invalid or missing API key", code: "UNAUTHORIZED" }, "unauthorized", false],
  [401, "", "unauthorized", false],
  [404, { error: "Call not found" }, "not-found", false],
  [429, { error: "Rate limit exceeded", retryAfter: 45 }, "rate-limited", true],
  [429, "<html>", "rate-limited", true],
  [400, { error: "limit must be at most 100" }, "refused", false],
  [403, {}, "refused", false],
  [408, "", "refused", true],
  [500, { error: "Internal error" }, "server", true],
  [503, "<html>", "server", true],
  [301, "", "unreadable", false],
  [304, "", "unreadable", false],
  [200, "", "unreadable", true],
  [200, " \n", "unreadable", true],
  [200, "<html>", "unreadable", true],
  [200, '{"data": [', "unreadable", true],
])("%i %j means %s, retryable: %s", (status, body, kind, retryable) => {
  expect(troubleOf(status, body)).toMatchObject({ kind, retryable })
})

test("a 404 that is not the documented one says nothing about the call", () => {
  for (const body of ["<html>Not Found</html>", "", [], {}, { error: { code: 5 } }, null]) {
    expect(troubleOf(404, body)).toMatchObject({ kind: "unreadable", retryable: true })
  }
})

test("a 429 says until when", () => {
  const trouble = troubleOf(429, { error: "Rate limit exceeded", retryAfter: 45 })
  expect(trouble).toMatchObject({ until: NOW + 45_000 })
  expect(trouble.message).toContain("2024-01-15T10:30:00.000Z")
})

test("a good answer is its JSON, even null or false", () => {
  for (const value of [null, false, 0, "", [], { data: [] }]) {
    const raw = { status: 200, headers: new Headers(), text: JSON.stringify(value) }
    expect(judgeAnswer(raw, [], NOW)).toEqual({ ok: true, value })
  }
})

test("the vendor's own words are shown if they are harmless", () => {
  const harmless = [
    'Invalid query: limit must be an integer from 1 to 100, but was "500"',
    "dateFrom must be a date such as 2024-01-15T14:30:00.000Z",
  ]
  for (const error of harmless) expect(troubleOf(400, { error }).message).toContain(error)
  expect(troubleOf(500, { error: "Database is away." }).message).toBe(
    "The Calls API failed (500): Database is away.",
  )
})

test("and not if they repeat a secret, a phone number or an address, or are not one plain line", () => {
  const harmful = [
    `The key ${KEY} has no access`,
    `THE KEY ${KEY.toUpperCase()} HAS NO ACCESS`,
    "Nothing found for Mrs. Winterbottom",
    "No calls from +15551234567",
    "No calls from +1 (555) 123-4567",
    "No calls from 555.123.4567",
    "No agent anna@example.com",
    "two\nlines",
    "\u001b[31mred",
    "ünïcode",
    "x".repeat(301),
  ]
  for (const error of harmful) {
    expect(troubleOf(400, { error }, ["winterbottom"]).message).toBe(
      "The Calls API refused the request (400).",
    )
  }
})
