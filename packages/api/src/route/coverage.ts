/** GET /coverage: the receipt that silence meant something. How many of the listed calls were checked, hour by hour, and the gaps. */
import { COVERAGE_DAYS, COVERAGE_MS, hourOf } from "@earshot/core/receipt/hour"
import {
  type CoverageCounts,
  type CoverageGap,
  type Receipt,
  receiptOf,
  receiptText,
} from "@earshot/core/receipt/receipt"
import { HOUR, type Instant, instantOf, isoOf } from "@earshot/core/instant"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { Hono } from "hono"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { json, problems } from "../operation.ts"
import { problem, problemErrors, problemResponse } from "../problem.ts"

const DEFAULT_HOURS = 24

export const CoverageQuery = z.strictObject({
  from: z.iso
    .datetime({ offset: true })
    .optional()
    .describe(
      `Hours from this one on, by UTC; ${DEFAULT_HOURS} hours before \`to\` if left out, ${COVERAGE_DAYS} days at most.`,
    ),
  to: z.iso.datetime({ offset: true }).optional().describe("Up to this time; now if left out."),
})

const Count = z.number().int().min(0)

const Gap = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  kind: z
    .enum(["unknown", "unread", "behind"])
    .describe(
      "unknown: before receipts were kept. unread: no poll completed its work. behind: the list is still being read from here on.",
    ),
})

const COUNTS = {
  listed: Count.describe(
    "Calls that Earshot knows of: the sum of `checked`, `unexamined`, `deleted` and `waiting`.",
  ),
  checked: Count.describe("Every rule is decided, with all that it needs. Never more than there were."),
  unexamined: Count.describe("Closed without something that a rule needed."),
  deleted: Count.describe("Gone at echowin before their rules were decided."),
  waiting: Count.describe(
    "Open, or closed so lately, as a rule within ten minutes, that it is not counted yet.",
  ),
  alerts: Count.describe("Calls that people were alerted to."),
  alertsByRule: z.record(z.string(), Count).describe("The same by the rules that matched."),
  verdictsByRule: z
    .record(z.string(), z.object({ bad: Count, fine: Count }))
    .describe(
      "What people said of those alerts when they acknowledged them: bad is right, fine a false alarm.",
    ),
  unreadable: Count.describe("Rows of the list that could not be read: the most at once in each hour."),
  missing: Count.describe("Calls that echowin counts beyond those that it has shown."),
}

export const Coverage = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  summary: z.string().meta({ examples: ["214 of 214 calls checked, 3 alerts, nothing waiting."] }),
  ...COUNTS,
  gaps: z.array(Gap),
  hours: z.array(
    z.object({
      hour: z.iso.datetime().describe("Its calls are those that started in it, by echowin's clock."),
      ...COUNTS,
      vendorTotal: z.number().nullable().describe("How many echowin counts; null: it was not asked."),
      gaps: z.array(Gap),
    }),
  ),
})

export function coverageRoutes(world: World, store: Store): Hono {
  return new Hono().get("/", async (context) => {
    const query = CoverageQuery.safeParse(context.req.query())
    if (!query.success)
      return problemResponse(problem(400, "The query is invalid.", problemErrors(query.error)))
    const span = coverageSpan(query.data, world.now())
    if (typeof span === "string") return problemResponse(problem(400, span))
    const [stored, control, watch] = await Promise.all([
      store.readCoverage(span),
      store.readControl(),
      store.readWatch(),
    ])
    return context.json(viewOf(receiptOf({ stored, control, watch }, span, world.now())))
  })
}

/** A sentence if it is none that can be told of. */
export function coverageSpan(
  { from, to }: z.infer<typeof CoverageQuery>,
  now: Instant,
  defaultHours = DEFAULT_HOURS,
): { from: Instant; to: Instant } | string {
  const until = instantOf(to ?? null) ?? now
  // The hour that is not over yet is the last one.
  const start = instantOf(from ?? null) ?? Math.ceil(until / HOUR) * HOUR - defaultHours * HOUR
  if (start >= until) return "`from` must be before `to`."
  if (until - start > COVERAGE_MS) return `Ask for ${COVERAGE_DAYS} days at most.`
  if (start < hourOf(now) - COVERAGE_MS - HOUR) return `Receipts are kept for ${COVERAGE_DAYS} days.`
  if (start > now) return "`from` lies in the future."
  return { from: start, to: Math.min(until, Math.ceil(now / HOUR) * HOUR) }
}

function viewOf(receipt: Receipt): z.infer<typeof Coverage> {
  const { from, to, total, gaps, hours } = receipt
  return {
    from: isoOf(from),
    to: isoOf(to),
    summary: receiptText(receipt),
    ...countsIn(total),
    gaps: gaps.map(gapView),
    hours: hours.map((one) => ({
      hour: isoOf(one.hour),
      ...countsIn(one),
      vendorTotal: one.vendorTotal,
      gaps: one.gaps.map(gapView),
    })),
  }
}

function countsIn(counts: CoverageCounts): CoverageCounts {
  const { listed, checked, unexamined, deleted, waiting, alerts, unreadable, missing } = counts
  const { alertsByRule, verdictsByRule } = counts
  const parts = { listed, checked, unexamined, deleted, waiting, alerts, alertsByRule, verdictsByRule }
  return { ...parts, unreadable, missing }
}

function gapView({ from, to, kind }: CoverageGap): z.infer<typeof Gap> {
  return { from: isoOf(from), to: isoOf(to), kind }
}

/** What the document says of this route. */
export function coveragePaths(): ZodOpenApiPathsObject {
  return {
    "/coverage": {
      get: {
        operationId: "readCoverage",
        tags: ["health"],
        summary: "The coverage receipt: how many of the listed calls were checked, hour by hour",
        requestParams: { query: CoverageQuery },
        responses: {
          200: json(Coverage.meta({ id: "Coverage" }), "The receipt, in whole hours."),
          ...problems(400, 401, 500, 503),
        },
      },
    },
  }
}
