/**
 * GET /calls/{reference}: the call that a message means. A channel whose privacy is minimal gives a reference instead of the
 * vendor's id, which anyone with the token can look up here.
 */
import { severityOf } from "@earshot/core/alert/alert"
import type { CallRecord } from "@earshot/core/alert/call-record"
import { Severity } from "@earshot/core/rule/rule"
import type { Store } from "@earshot/io/store/store"
import { Hono } from "hono"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { json, problems } from "../operation.ts"
import { problem, problemResponse } from "../problem.ts"
import { callsReferredTo } from "../referred-call.ts"

const CallView = z.object({
  id: z.string().describe("The vendor's id, as in echowin's call log."),
  startedAt: z.string().nullable().describe("As the vendor wrote it."),
  endedAt: z.string().nullable().describe("As the vendor wrote it."),
  agent: z.string().nullable(),
  severity: Severity.nullable().describe("Of its alert; null if it has none."),
  reasons: z
    .array(z.string())
    .describe("The names of the rules that it matches, in the order in which they did."),
})

export const CallList = z.object({ calls: z.array(CallView) })

export function callRoutes(store: Store): Hono {
  return new Hono().get("/:reference", async (context) => {
    const reference = context.req.param("reference")
    const ids = await callsReferredTo(store, reference)
    const records = await Promise.all(ids.map((id) => store.readCall(id)))
    const calls = records.flatMap((record) => (record ? [viewOf(record.value)] : []))
    if (calls.length > 0) return context.json({ calls })
    const detail =
      'No message of the last 30 days gave this reference. It stands after "call" in the small type of a message.'
    return problemResponse(problem(404, detail))
  })
}

function viewOf({ callId, facts: { call }, alert }: CallRecord): z.infer<typeof CallView> {
  return {
    id: callId,
    startedAt: call.createdAt,
    endedAt: call.endedAt,
    agent: call.agent?.name ?? null,
    severity: alert && severityOf(alert),
    reasons: alert?.reasons.map(({ name }) => name) ?? [],
  }
}

/** What the document says of this route. */
export function callPaths(): ZodOpenApiPathsObject {
  const reference = z.string().meta({ description: "Eight characters.", examples: ["K3V9M2XQ"] })
  return {
    "/calls/{reference}": {
      get: {
        operationId: "findCall",
        tags: ["calls"],
        summary: "Find the call that a message with minimal privacy means",
        requestParams: { path: z.object({ reference }) },
        responses: {
          200: json(
            CallList.meta({ id: "CallList" }),
            "The call; more than one if two have the same reference.",
          ),
          ...problems(401, 404, 500, 503),
        },
      },
    },
  }
}
