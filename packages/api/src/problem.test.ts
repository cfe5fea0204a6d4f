/** Problem details: what clients can rely on, whatever went wrong. */
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { problem, problemErrors, problemResponse } from "./problem.ts"

describe("a problem", () => {
  test.each([400, 401, 404, 405, 409, 412, 413, 500, 503] as const)(
    "of status %i has a title of its own",
    async (status) => {
      const response = problemResponse(problem(status, "What is wrong."))
      expect(response.status).toBe(status)
      expect(response.headers.get("content-type")).toBe("application/problem+json")
      const title = expect.stringMatching(/^[A-Z][A-Za-z ]+$/)
      expect(await response.json()).toEqual({ type: "about:blank", title, status, detail: "What is wrong." })
    },
  )

  test("asks for a token if it is about one, and otherwise not", () => {
    expect(problemResponse(problem(401, "")).headers.get("www-authenticate")).toBe('Bearer realm="earshot"')
    expect(problemResponse(problem(404, "")).headers.has("www-authenticate")).toBe(false)
  })

  test("lists errors where there are some", () => {
    const errors = [{ path: "/name", message: "must be a string" }]
    expect(problem(400, "", errors)).toHaveProperty("errors", errors)
    expect(problem(400, "")).not.toHaveProperty("errors")
  })
})

describe("problemErrors", () => {
  const Shape = z.strictObject({
    text: z.string().min(1).max(3).optional(),
    number: z.number().optional(),
    flag: z.boolean().optional(),
    list: z
      .array(z.strictObject({ "a/b": z.object({ "c~d": z.string() }) }))
      .min(1)
      .max(2)
      .optional(),
    choice: z.enum(["red", "green"]).optional(),
    map: z.record(z.string(), z.number()).optional(),
    own: z.string().regex(/^x/, "must start with x").optional(),
  })
  const errorsOf = (input: unknown) => {
    const { error } = Shape.safeParse(input)
    return error ? problemErrors(error) : []
  }

  test.each<[unknown, string, string]>([
    [{ text: 1 }, "/text", "must be a string"],
    [{ number: "1" }, "/number", "must be a number"],
    [{ flag: 0 }, "/flag", "must be true or false"],
    [{ list: {} }, "/list", "must be a list"],
    [{ map: [] }, "/map", "must be an object"],
    [[], "", "must be an object"],
    [{ choice: "blue" }, "/choice", "must be one of red, green"],
    [{ text: "" }, "/text", "must have at least 1 character"],
    [{ text: "long" }, "/text", "must have at most 3 characters"],
    [{ list: [] }, "/list", "must have at least 1 item"],
    [{ own: "y" }, "/own", "must start with x"],
    [{ list: [{ "a/b": {} }] }, "/list/0/a~1b/c~0d", "must be a string"],
  ])("of %j says at %j: %s", (input, path, message) => {
    expect(errorsOf(input)).toEqual([{ path, message }])
  })

  test("names each unknown key in its place", () => {
    const message = "is not a known property; leave it out"
    expect(errorsOf({ "x/y": 1, z: 2 })).toEqual([
      { path: "/x~1y", message },
      { path: "/z", message },
    ])
    const inner = { list: [{ "a/b": { "c~d": "" }, more: 1 }] }
    expect(errorsOf(inner)).toEqual([{ path: "/list/0/more", message }])
  })
})
