/** Requests that snooze a rule or a channel, or end a snooze: what they may say, and what the document says of them. */
import { SNOOZE_MAX_MS, SNOOZE_MIN_MS } from "@earshot/core/alert/rest"
import { type Instant, SECOND, durationOf, instantOf } from "@earshot/core/instant"
import type { Context } from "hono"
import * as z from "zod"
import type { ZodOpenApiPathItemObject } from "zod-openapi"
import { json, problems } from "./operation.ts"
import { type Problem, problem, problemErrors } from "./problem.ts"

const Snooze = z
  .strictObject({
    until: z.iso.datetime({ offset: true }).optional().describe("From an hour to a week from now."),
    for: z.string().max(30).optional().describe("An ISO 8601 duration from PT1H to P7D."),
    version: z.int().min(0).optional().describe("The version that you have seen: the same as If-Match."),
  })
  .meta({ id: "Snooze", description: "Until when: either until or for." })

type Asked =
  | { ok: true; until: Instant | null; version?: number | undefined }
  | { ok: false; problem: Problem }

/** Until when the request wants it snoozed; null: not any more. */
export async function readSnooze(context: Context, now: Instant): Promise<Asked> {
  if (context.req.method === "DELETE") return { ok: true, until: null }
  let body: unknown
  try {
    body = JSON.parse(await context.req.text())
  } catch {
    return { ok: false, problem: problem(400, "The body is not JSON.") }
  }
  const parsed = Snooze.safeParse(body)
  if (!parsed.success) return refused(problemErrors(parsed.error))
  const { until, for: length, version } = parsed.data
  if ((until === undefined) === (length === undefined))
    return refused([{ path: "", message: 'must have either "until" or "for"' }])
  const path = until === undefined ? "/for" : "/until"
  const lengthMs = until === undefined ? durationOf(length ?? "") : (instantOf(until) ?? now) - now
  if (lengthMs === undefined) return refused([{ path, message: "must be an ISO 8601 duration such as PT8H" }])
  // Whoever wrote a time in a hurry may be a little late, or have a clock of their own.
  if (lengthMs < SNOOZE_MIN_MS - SPARE_MS || lengthMs > SNOOZE_MAX_MS + SPARE_MS)
    return refused([{ path, message: "must be from one hour to one week from now" }])
  return { ok: true, until: now + lengthMs, version }
}

const SPARE_MS = 60 * SECOND

function refused(errors: Parameters<typeof problem>[2]): Asked {
  return { ok: false, problem: problem(400, "The snooze is invalid; nothing was saved.", errors) }
}

/** What the document says of both requests. */
export function snoozePaths({
  noun,
  schema,
  edit,
  versioned,
}: {
  noun: "rule" | "channel"
  schema: z.ZodType
  edit: object
  versioned: z.ZodObject
}): ZodOpenApiPathItemObject {
  const always = problems(401, 500, 503)
  const [name, what] =
    noun === "rule"
      ? (["Rule", "what it alone would say is held, critical or not"] as const)
      : (["Channel", "what it is owed is held, critical or not, and a test is sent"] as const)
  return {
    post: {
      operationId: `snooze${name}`,
      summary: `Snooze a ${noun} for a time from an hour to a week: ${what}, and it ends by itself`,
      ...edit,
      requestBody: {
        required: true,
        content: {
          "application/json": { schema: Snooze, example: { for: "PT8H" } },
        },
      },
      responses: {
        200: json(schema, `The ${noun}, at its next version.`, versioned),
        ...problems(400, 404, 409, 412, 413, 428),
        ...always,
      },
    },
    delete: {
      operationId: `wake${name}`,
      summary: `End the snooze of a ${noun}: what was held is sent with the next poll`,
      ...edit,
      responses: {
        200: json(schema, `The ${noun}, at its next version.`, versioned),
        ...problems(404, 409, 412, 413, 428),
        ...always,
      },
    },
  }
}
