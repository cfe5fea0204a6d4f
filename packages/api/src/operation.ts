/**
 * What the descriptions of all routes share. Only types come from the library that assembles them: it is loaded when
 * somebody asks for the document.
 */
import * as z from "zod"
import type { ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from "zod-openapi"
import { problem } from "./problem.ts"

const ProblemBody = z
  .object({
    type: z.string().meta({ format: "uri-reference" }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().describe("What is wrong and what to do."),
    errors: z
      .array(
        z.object({
          path: z.string().meta({
            description: "A JSON pointer into the body.",
            examples: ["/when/score/lte"],
          }),
          message: z.string().describe("What would be right."),
        }),
      )
      .optional(),
  })
  .meta({
    id: "Problem",
    description: "Problem details, RFC 9457.",
    examples: [
      problem(400, "The rule is invalid; nothing was saved.", [
        { path: "/when/scor", message: "is not a known field; did you mean score?" },
      ]),
    ],
  })

export const PROBLEM_CONTENT = { "application/problem+json": { schema: ProblemBody } }

const PROBLEM_TEXT = {
  400: "The body or the query is invalid; each error says where. Nothing was saved.",
  401: "The token is missing or wrong.",
  403: "The token may only read.",
  404: "It does not exist, or no more.",
  409: "It exists already, or somebody else edited it at the same moment.",
  412: "It is at another version than If-Match or the body says, or exists although If-None-Match says no.",
  413: "The body is too large.",
  428: "The request does not say which version it changes: send If-Match.",
  429: "Too many requests of late came without a right token.",
  500: "Something went wrong on Earshot's side.",
  503: "The table is missing: it was never created, or the API looks for another one.",
}

/** The answers of these statuses, which all have a problem as their body. */
export function problems(...statuses: (keyof typeof PROBLEM_TEXT)[]): ZodOpenApiResponsesObject {
  return Object.fromEntries(
    statuses.map((status) => {
      const description = PROBLEM_TEXT[status]
      return [
        status,
        {
          description,
          ...(status === 401 && { headers: CHALLENGE }),
          ...(status === 429 && { headers: LATER }),
          content: PROBLEM_CONTENT,
        },
      ]
    }),
  )
}

const LATER = z.object({ "retry-after": z.string().describe("How many seconds to wait.") })

const CHALLENGE = z.object({ "www-authenticate": z.string().describe("Asks for a bearer token.") })

/** An answer whose body has this schema. */
export function json(
  schema: z.ZodType,
  description: string,
  headers?: z.ZodObject,
): ZodOpenApiResponseObject {
  return { description, ...(headers && { headers }), content: { "application/json": { schema } } }
}
