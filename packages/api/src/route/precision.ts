/** GET /rules/{id}/precision: how often a rule's alerts were right, by what people said when they acknowledged them. */
import { hourOf } from "@earshot/core/receipt/hour"
import { NO_VERDICTS, addVerdicts, precisionOf, verdictsOf } from "@earshot/core/receipt/precision"
import { HOUR, isoOf } from "@earshot/core/instant"
import { ruleIdIn } from "@earshot/core/receipt/hour"
import { RuleId } from "@earshot/core/rule/rule"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { Hono } from "hono"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { json, problems } from "../operation.ts"
import { problem, problemErrors, problemResponse } from "../problem.ts"
import { PRECISION_DAYS } from "../rule-view.ts"
import { CoverageQuery, coverageSpan } from "./coverage.ts"

const Count = z.number().int().min(0)

export const Precision = z.object({
  rule: z.string(),
  from: z.iso.datetime().describe("Of calls that started in this hour or later; a week ago unless given."),
  to: z.iso.datetime(),
  alerts: Count.describe(
    "Calls that the rule alerted people to; those of the last ten minutes may be missing.",
  ),
  bad: Count.describe("Those of which people said that the alert was right."),
  fine: Count.describe("Those that they called a false alarm."),
  precision: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .describe("The share of those judged that were right; null: nobody has judged any."),
})

export function precisionRoutes(world: World, store: Store): Hono {
  return new Hono().get("/:id/precision", async (context) => {
    const rule = context.req.param("id")
    const query = CoverageQuery.safeParse(context.req.query())
    if (!RuleId.safeParse(rule).success) return problemResponse(problem(404, "No rule can have this id."))
    if (!query.success)
      return problemResponse(problem(400, "The query is invalid.", problemErrors(query.error)))
    const span = coverageSpan(query.data, world.now(), PRECISION_DAYS * 24)
    if (typeof span === "string") return problemResponse(problem(400, span))
    const hours = [...(await store.readCoverage(span)).hours.values()]
    const alerts = hours.reduce((sum, hour) => {
      return sum + [...hour.alerts].filter((alert) => ruleIdIn(alert) === rule).length
    }, 0)
    const counts = addVerdicts(hours.map(verdictsOf))[rule] ?? NO_VERDICTS
    return context.json({
      rule,
      from: isoOf(hourOf(span.from)),
      to: isoOf(Math.ceil(span.to / HOUR) * HOUR),
      alerts,
      ...counts,
      precision: precisionOf(counts),
    } satisfies z.infer<typeof Precision>)
  })
}

/** What the document says of this route. A rule that is deleted has its alerts all the same. */
export function precisionPaths(): ZodOpenApiPathsObject {
  return {
    "/rules/{id}/precision": {
      get: {
        operationId: "readPrecision",
        tags: ["rules"],
        summary: "How often the alerts of a rule were right, by what people said of them",
        requestParams: { path: z.object({ id: RuleId }), query: CoverageQuery },
        responses: {
          200: json(Precision.meta({ id: "Precision" }), "The counts."),
          ...problems(400, 401, 404, 500, 503),
        },
      },
    },
  }
}
