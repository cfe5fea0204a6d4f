/** The bearer token: only the whole token, only as a bearer token. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { hashOf, isSame, newToken, tokenIn } from "./token.ts"

const TOKEN = "3f9c-token"

/** As the gate does it. */
function isAuthorized(header: string | undefined, token: string): boolean {
  const given = tokenIn(header)
  return given !== undefined && isSame(hashOf(given), hashOf(token))
}

test("a token that is made is long, random and fits into a header", () => {
  const made = Array.from({ length: 100 }, newToken)
  expect(new Set(made).size).toBe(100)
  for (const token of made) expect(tokenIn(`Bearer ${token}`)).toMatch(/^earshot_[\w-]{43}$/)
})

describe("a header", () => {
  test.each([`Bearer ${TOKEN}`, `bearer ${TOKEN}`, `BEARER   ${TOKEN}`, `Bearer ${TOKEN} `])(
    "%j carries the token",
    (header) => {
      expect(isAuthorized(header, TOKEN)).toBe(true)
    },
  )

  test.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    TOKEN,
    `Basic ${TOKEN}`,
    `Bearer${TOKEN}`,
    `Bearer "${TOKEN}"`,
    `Bearer ${TOKEN}x`,
    `Bearer x${TOKEN}`,
    `Bearer ${TOKEN.slice(1)}`,
    `Bearer ${TOKEN.toUpperCase()}`,
    `Bearer ${TOKEN} ${TOKEN}`,
    `Bearer x, Bearer ${TOKEN}`,
  ])("%j does not", (header) => {
    expect(isAuthorized(header, TOKEN)).toBe(false)
  })

  test("no header at all matches a token that is empty", () => {
    for (const header of [undefined, "", "Bearer", "Bearer ", "Bearer  "]) {
      expect(isAuthorized(header, ""), header).toBe(false)
    }
  })

  test("a token authorizes itself and no other", () => {
    const token = fc.stringMatching(/^[!-~]{1,40}$/)
    fc.assert(
      fc.property(token, token, (right, given) => {
        expect(isAuthorized(`Bearer ${given}`, right)).toBe(given === right)
        expect(isAuthorized(`Bearer ${right}`, right)).toBe(true)
      }),
    )
  })
})
