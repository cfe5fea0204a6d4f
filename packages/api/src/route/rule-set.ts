/** GET /rules/export and PUT /rules/import: the whole set of rules, as a file in a repository would hold it. */
import { RULES_MAX, RuleId } from "@earshot/core/rule/rule"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Context, Hono } from "hono"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { matchIssue } from "../if-match.ts"
import { channelErrors } from "../named-channel.ts"
import { json, problems } from "../operation.ts"
import { type Problem, type ProblemError, problem, problemErrors, problemResponse } from "../problem.ts"
import { Note, RuleBody, editOf, readJson } from "../rule-body.ts"
import { RESERVED_IDS } from "../rule-id.ts"
import {
  ImportResult,
  RuleSet,
  type WantedRule,
  exportOf,
  importRules,
  setErrors,
  setEtagOf,
} from "../rule-set.ts"

const Import = z.strictObject({
  rules: z
    .array(RuleBody.extend({ id: RuleId }))
    .max(RULES_MAX)
    .describe("All of them: a rule that is not here is deleted."),
  note: Note,
})

const Query = z.strictObject({
  apply: z.enum(["true", "false"]).default("false").describe("true: do it. Otherwise it is only shown."),
})

export function ruleSetRoutes(world: World, store: Store): Hono {
  const routes = new Hono()

  routes.get("/export", async (context) => {
    const stored = await store.readRules()
    context.header("etag", setEtagOf(stored))
    return context.json(exportOf(stored))
  })

  routes.put("/import", async (context) => {
    const query = Query.safeParse(context.req.query())
    if (!query.success)
      return problemResponse(problem(400, "The query is invalid.", problemErrors(query.error)))
    const body = await readImport(context, store)
    if (!body.ok) return problemResponse(body.problem)
    const { wanted, note } = body
    const edit = { ...editOf(context, note).value }
    const apply =
      query.data.apply === "true"
        ? (etag: string) => matchIssue(context, { noun: "set of rules", etag })
        : null
    const done = await importRules(world, store, { wanted, apply, edit })
    if (!done.ok) return problemResponse(done.problem)
    context.header("etag", done.value.etag)
    return context.json(done.value)
  })

  return routes
}

type Read = { ok: true; wanted: WantedRule[]; note: string | undefined } | { ok: false; problem: Problem }

async function readImport(context: Context, store: Store): Promise<Read> {
  const read = await readJson(context)
  if (!read.ok) return read
  const parsed = Import.safeParse(read.json)
  const errors = parsed.success ? await errorsOf(store, parsed.data.rules) : problemErrors(parsed.error)
  if (!parsed.success || errors.length > 0) {
    return { ok: false, problem: problem(400, "The set of rules is invalid; nothing was changed.", errors) }
  }
  const wanted = parsed.data.rules.map((rule): WantedRule => {
    const { version: _version, updatedAt: _at, readable: _is, warnings: _warnings, ...rest } = rule
    const { held: _held, snoozedUntil: _snoozedUntil, note: _note, ...written } = rest
    return { ...written, id: rule.id }
  })
  return { ok: true, wanted, note: parsed.data.note }
}

async function errorsOf(store: Store, rules: z.infer<typeof Import>["rules"]): Promise<ProblemError[]> {
  const errors = setErrors(rules)
  for (const [index, rule] of rules.entries()) {
    const within = await channelErrors(store, rule)
    errors.push(...within.map(({ path, message }) => ({ path: `/rules/${index}${path}`, message })))
    if (RESERVED_IDS.has(rule.id))
      errors.push({ path: `/rules/${index}/id`, message: "is another address; choose another id" })
  }
  return errors
}

/** What the document says of these routes. `headers`: those of an edit. */
export function ruleSetPaths({
  schema,
  headers,
}: {
  schema: z.ZodObject
  headers: z.ZodObject
}): ZodOpenApiPathsObject {
  const tags = ["rules"]
  const Versioned = z.object({ etag: z.string().describe("Of the whole set, for If-Match.") })
  const body = Import.extend({ rules: z.array(schema.extend({ id: RuleId })).max(RULES_MAX) }).meta({
    id: "RuleImport",
  })
  const example = { rules: [{ id: "flagged", name: "Flagged", when: { flagged: true } }] }
  return {
    "/rules/export": {
      get: {
        operationId: "exportRules",
        tags,
        summary: "All rules in force, as a file in a repository would hold them",
        responses: { 200: json(RuleSet, "The rules.", Versioned), ...problems(401, 500, 503) },
      },
    },
    "/rules/import": {
      put: {
        operationId: "importRules",
        tags,
        summary: "Show what replacing all rules by these would change; with apply=true and If-Match, do it",
        requestParams: { query: Query, header: headers },
        requestBody: { required: true, content: { "application/json": { schema: body, example } } },
        responses: {
          200: json(ImportResult, "The difference.", Versioned),
          ...problems(400, 401, 409, 412, 413, 428, 500, 503),
        },
      },
    },
  }
}
