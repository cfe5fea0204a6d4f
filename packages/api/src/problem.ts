/** Errors of the HTTP API as problem details (RFC 9457): what is wrong, where, and what would be right. */
import type * as z from "zod"

export type ProblemError = { path: string; message: string }

export type Problem = {
  type: "about:blank"
  title: string
  status: 400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 428 | 429 | 500 | 503
  detail: string
  /** For each thing that is wrong: a JSON pointer into the body, and what would be right. */
  errors?: ProblemError[]
}

const TITLES: Record<Problem["status"], string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  412: "Precondition Failed",
  413: "Content Too Large",
  428: "Precondition Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
}

export function problem(status: Problem["status"], detail: string, errors?: ProblemError[]): Problem {
  return { type: "about:blank", title: TITLES[status], status, detail, ...(errors && { errors }) }
}

export function problemResponse(body: Problem): Response {
  const headers: Record<string, string> = { "content-type": "application/problem+json" }
  if (body.status === 401) headers["www-authenticate"] = 'Bearer realm="earshot"'
  return new Response(JSON.stringify(body), { status: body.status, headers })
}

/** Everything that a schema found wrong, each with its JSON pointer. */
export function problemErrors(error: z.ZodError): ProblemError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        path: pointer([...issue.path, key]),
        message: "is not a known property; leave it out",
      }))
    }
    return [{ path: pointer(issue.path), message: messageOf(issue) }]
  })
}

/** What JSON calls the types that a schema may ask for, in words for people. */
const TYPE_TEXT: Record<string, string> = {
  string: "a string",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
}

/** What would be right, rather than the schema library's account of what went wrong. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return `must be ${TYPE_TEXT[issue.expected] ?? issue.expected}`
  if (issue.code === "invalid_value") return `must be one of ${issue.values.map(String).join(", ")}`
  if (issue.code === "too_small") return `must have at least ${countOf(issue.minimum, issue.origin)}`
  if (issue.code === "too_big") return `must have at most ${countOf(issue.maximum, issue.origin)}`
  return issue.message
}

function countOf(count: number | bigint, origin: string): string {
  return `${count} ${origin === "string" ? "character" : "item"}${count === 1 ? "" : "s"}`
}

/** A JSON pointer. */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")
}
