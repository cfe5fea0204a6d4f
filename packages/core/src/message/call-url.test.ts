/** A link to a call leads where the template says, whatever the call's id is. */
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { callUrl, callUrlIssue } from "./call-url.ts"

test.each([
  ["https://echo.win/calls/{id}", null],
  ["https://echo.win/calls?open={id}&tab=1", null],
  ["https://echo.win/#/calls/{id}", null],
  ["http://echo.win/calls/{id}", "must be an https address"],
  ["echo.win/{id}", "must be an https address"],
  ["https://echo.win/calls", "must have {id} once, where the call's id goes"],
  ["https://echo.win/{id}/{id}", "must have {id} once, where the call's id goes"],
  ["https://{id}.echo.win/", "must not have {id} in its host"],
  ["https://user:secret@echo.win/{id}", "must have no user name and no password in it"],
  [`https://echo.win/${"a".repeat(1000)}/{id}`, "must have at most 1000 characters"],
])("of the template %s people read: %s", (template, issue) => {
  expect(callUrlIssue(template)).toBe(issue)
})

test("the id is encoded, and leads nowhere else", () => {
  const template = "https://echo.win/calls/{id}?a=1"
  expect(callUrl(template, "a b/../../x?y#z$&")).toBe(
    "https://echo.win/calls/a%20b%2F..%2F..%2Fx%3Fy%23z%24%26?a=1",
  )
  expect(callUrl(template, "..")).toBeNull()
  expect(callUrl("javascript:{id}", "1")).toBeNull()
  expect(callUrl(undefined, "1")).toBeNull()
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 200 }), (id) => {
      const url = callUrl(template, id)
      if (url === null) expect(id).toMatch(/^\.\.?$/)
      else expect(url).toMatch(/^https:\/\/echo\.win\/calls\/[^/?#]+\?a=1$/)
    }),
    { numRuns: 2000 },
  )
})
