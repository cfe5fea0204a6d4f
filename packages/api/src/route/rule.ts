/** The routes under /rules. An edit is announced before it is made, so that the next poll reads it. */
import { isoOf } from "@earshot/core/instant"
import { DEFAULT_RULES, tombstoneOf, rulesInForce } from "@earshot/core/rule/default-rule"
import { RuleId, RuleInput, type StoredRule, isGone, isReadable } from "@earshot/core/rule/rule"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Context, Hono } from "hono"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { conditionSchema } from "../condition-schema.ts"
import { json, problems } from "../operation.ts"
import { type Problem, problem, problemErrors, problemResponse } from "../problem.ts"
import { etagOf, matchIssue } from "../if-match.ts"
import { channelErrors } from "../named-channel.ts"
import { RuleView, UnreadableRuleView, surroundingsOf, viewOf } from "../rule-view.ts"
import { type Saved, addNamed, existsAlready, save } from "../rule-edit.ts"

export const RuleList = z.object({ rules: z.array(z.union([RuleView, UnreadableRuleView])) })

/** A rule as it was read may be sent back: what only Earshot writes is ignored. */
export const RuleBody = RuleInput.extend({
  version: z.unknown().optional().describe("Ignored; use If-Match."),
  updatedAt: z.unknown().optional().describe("Ignored."),
  readable: z.unknown().optional().describe("Ignored."),
  warnings: z.unknown().optional().describe("Ignored."),
})

export function ruleRoutes(world: World, store: Store): Hono {
  const routes = new Hono()

  routes.get("/", async (context) => {
    const [stored, around] = await Promise.all([store.readRules(), surroundingsOf(world, store)])
    const unreadable = stored.filter((rule) => !isReadable(rule))
    const ids = new Set(unreadable.map(({ id }) => id))
    const listed = [...rulesInForce(stored).filter(({ id }) => !ids.has(id)), ...unreadable]
    listed.sort((a, b) => (a.id < b.id ? -1 : 1))
    return context.json({ rules: listed.map((rule) => viewOf(rule, around)) })
  })

  routes.post("/", async (context) => {
    const body = await readBody(context, store)
    if (!body.ok) return problemResponse(body.problem)
    const { id, ...rule } = body.value
    if (id === undefined) return answerSave(context, { world, store }, await addNamed(world, store, rule))
    const known = await currentRule(store, id)
    if (known && !isGone(known)) return problemResponse(existsAlready(id))
    return answerSave(context, { world, store }, await save(world, store, { body: rule, id, known }))
  })

  routes.get("/:id", async (context) => {
    const known = await currentRule(store, context.req.param("id"))
    if (!known || isGone(known)) return problemResponse(noRule(context.req.param("id")))
    context.header("etag", etagOf(known))
    return context.json(viewOf(known, await surroundingsOf(world, store)))
  })

  routes.put("/:id", async (context) => {
    const id = context.req.param("id")
    const checked = RuleId.safeParse(id)
    if (!checked.success) return problemResponse(problem(400, `The id ${checked.error.issues[0]?.message}.`))
    const body = await readBody(context, store)
    if (!body.ok) return problemResponse(body.problem)
    if (body.value.id !== undefined && body.value.id !== id) {
      const errors = [{ path: "/id", message: `must be ${id}, as in the address, or be left out` }]
      return problemResponse(problem(400, "A rule's id cannot be changed.", errors))
    }
    const known = await currentRule(store, id)
    const mismatch = mismatchOf(context, known)
    if (mismatch) return problemResponse(mismatch)
    return answerSave(context, { world, store }, await save(world, store, { body: body.value, id, known }))
  })

  routes.delete("/:id", async (context) => {
    const known = await currentRule(store, context.req.param("id"))
    if (!known || isGone(known)) return problemResponse(noRule(context.req.param("id")))
    const mismatch = mismatchOf(context, known)
    if (mismatch) return problemResponse(mismatch)
    await store.announceRules(world.now())
    const mark = tombstoneOf(known, isoOf(world.now()))
    if (!(await store.writeRule(mark))) return problemResponse(editedMeanwhile(known.id))
    return context.body(null, 204)
  })

  return routes
}

/** What the document says of these routes. */
export function rulePaths(): ZodOpenApiPathsObject {
  const { Rule, UnreadableRule, RuleInput, RuleList } = describedSchemas()
  const requestBody = {
    required: true,
    content: { "application/json": { schema: RuleInput, example: EXAMPLE } },
  }
  const always = problems(401, 500, 503)
  const edit = { tags: ["rules"], requestParams: { path: IdParameter, header: IfMatch } }
  return {
    "/rules": {
      get: {
        operationId: "listRules",
        tags: ["rules"],
        summary: "List the rules in force, sorted by id",
        responses: { 200: json(RuleList, "The rules."), ...always },
      },
      post: {
        operationId: "createRule",
        tags: ["rules"],
        summary: "Add a rule",
        requestBody,
        responses: {
          201: json(
            Rule,
            "The new rule, at version 1, or at the next version if its id was deleted before.",
            Located,
          ),
          ...problems(400, 409, 413),
          ...always,
        },
      },
    },
    "/rules/{id}": {
      get: {
        operationId: "readRule",
        tags: ["rules"],
        summary: "Read a rule",
        requestParams: { path: IdParameter },
        responses: {
          200: json(z.union([Rule, UnreadableRule]), "The rule.", Versioned),
          ...problems(404),
          ...always,
        },
      },
      put: {
        operationId: "replaceRule",
        summary: "Replace a rule, or add one with this id",
        ...edit,
        requestBody,
        responses: {
          200: json(Rule, "The rule, at its next version.", Versioned),
          201: json(Rule, "The new rule; there was none with this id.", Located),
          ...problems(400, 409, 412, 413),
          ...always,
        },
      },
      delete: {
        operationId: "deleteRule",
        summary: "Delete a rule. A default rule stays deleted.",
        ...edit,
        responses: { 204: { description: "It is deleted." }, ...problems(404, 409, 412, 413), ...always },
      },
    },
  }
}

const EXAMPLE = {
  name: "Long and angry",
  severity: "critical",
  when: { duration: { gte: 120 }, "sentiment.angry": { gte: 0.4 } },
}

const IdParameter = z.object({ id: RuleId.meta({ description: "The rule's id.", example: "low-score" }) })

const IfMatch = z.object({
  "If-Match": z
    .string()
    .optional()
    .describe("The ETag of the version that you read; the edit is refused if there is a newer one."),
})

const Versioned = z.object({ etag: z.string().describe("The rule's version, for If-Match.") })

const Located = Versioned.extend({ location: z.string().describe("The rule's address.") })

/** The schemas above with names of their own, and with what a condition may say, which only code can check. */
function describedSchemas() {
  const override = conditionSchema("#/components/schemas/Condition")
  const Condition = z.unknown().meta({ id: "Condition", override })
  const example = RuleView.optional().parse(DEFAULT_RULES.find((rule) => rule.id === "low-score"))
  const Rule = RuleView.extend({ when: Condition }).meta({ id: "Rule", examples: [example] })
  const RuleInput = RuleBody.extend({ when: Condition }).meta({ id: "RuleInput" })
  const UnreadableRule = UnreadableRuleView.meta({ id: "UnreadableRule" })
  const rules = z.array(z.union([Rule, UnreadableRule]))
  return { Rule, UnreadableRule, RuleInput, RuleList: RuleList.extend({ rules }).meta({ id: "RuleList" }) }
}

async function answerSave(
  context: Context,
  { world, store }: { world: World; store: Store },
  saved: Saved,
): Promise<Response> {
  if (saved.kind === "refused") return problemResponse(saved.problem)
  if (saved.kind === "overtaken") return problemResponse(editedMeanwhile(saved.id))
  context.header("etag", etagOf(saved.rule))
  if (saved.isNew) context.header("location", `/rules/${saved.rule.id}`)
  return context.json(viewOf(saved.rule, await surroundingsOf(world, store)), saved.isNew ? 201 : 200)
}

/** As stored, deleted and unreadable ones too, or the default rule of this id. */
async function currentRule(store: Store, id: string): Promise<StoredRule | null> {
  if (!RuleId.safeParse(id).success) return null
  return (await store.readRule(id)) ?? DEFAULT_RULES.find((rule) => rule.id === id) ?? null
}

type Body = { ok: true; value: RuleInput } | { ok: false; problem: Problem }

async function readBody(context: Context, store: Store): Promise<Body> {
  // The content type is not asked for: nothing but JSON is ever meant, and `curl -d` names another.
  const text = await context.req.text()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { ok: false, problem: problem(400, "The body is not JSON.") }
  }
  const parsed = RuleBody.safeParse(json)
  const errors = [
    ...(parsed.success ? [] : problemErrors(parsed.error)),
    ...(await channelErrors(store, json)),
  ]
  if (!parsed.success || errors.length > 0) {
    return { ok: false, problem: problem(400, "The rule is invalid; nothing was saved.", errors) }
  }
  const { version: _version, updatedAt: _at, readable: _is, warnings: _warnings, ...value } = parsed.data
  return { ok: true, value }
}

/** Refuses an edit of another version than the caller has seen. */
function mismatchOf(context: Context, known: StoredRule | null): Problem | null {
  return matchIssue(context, { noun: "rule", etag: known && !isGone(known) ? etagOf(known) : null })
}

function noRule(id: string): Problem {
  const name = RuleId.safeParse(id).success ? id : "with that id"
  return problem(404, `There is no rule ${name}; GET /rules lists them.`)
}

function editedMeanwhile(id: string): Problem {
  return problem(409, `Somebody else edited the rule ${id} at the same moment; read it again.`)
}
