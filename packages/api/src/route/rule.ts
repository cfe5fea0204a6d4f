/** The routes under /rules. An edit is announced before it is made, so that the next poll reads it. */
import { isoOf } from "@earshot/core/instant"
import { DEFAULT_RULES, tombstoneOf, rulesInForce } from "@earshot/core/rule/default-rule"
import { CHANNEL_IDS } from "@earshot/core/channel/channel"
import { RULES_MAX, RULE_IDS_MAX, Rule, RuleId, type RuleInput, ruleInputFor } from "@earshot/core/rule/rule"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Context, Hono } from "hono"
import * as z from "zod"
import { type Problem, problem, problemErrors, problemResponse } from "../problem.ts"

/** What a rule looks like from outside. Strips what it does not name, because a stored rule has more. */
export const RuleView = Rule.omit({ isDeleted: true }).strip()

export type RuleView = z.infer<typeof RuleView>

export const RuleList = z.object({ rules: z.array(RuleView) })

/** A rule as it was read may be sent back: what only Earshot writes is ignored. */
export const RuleBody = ruleInputFor(CHANNEL_IDS).extend({
  version: z.unknown().optional().describe("Ignored; use If-Match."),
  updatedAt: z.unknown().optional().describe("Ignored."),
})

export const RULE_REFUSED = "The rule does not check; nothing was stored."

export function ruleRoutes(world: World, store: Store): Hono {
  const routes = new Hono()

  routes.get("/", async (context) => {
    const rules = rulesInForce(await store.readRules())
    return context.json({ rules: rules.map(viewOf) })
  })

  routes.post("/", async (context) => {
    const body = await readBody(context)
    if (!body.ok) return problemResponse(body.problem)
    const id = body.value.id ?? slugOf(body.value.name)
    const known = await currentRule(store, id)
    if (known && !known.isDeleted) {
      const detail = `There is a rule ${id} already: PUT /rules/${id} replaces it, another id adds one.`
      return problemResponse(problem(409, detail))
    }
    return save(context, world, store, { body: body.value, id, known })
  })

  routes.get("/:id", async (context) => {
    const known = await currentRule(store, context.req.param("id"))
    if (!known || known.isDeleted) return problemResponse(noRule(context.req.param("id")))
    context.header("etag", etagOf(known))
    return context.json(viewOf(known))
  })

  routes.put("/:id", async (context) => {
    const id = context.req.param("id")
    const checked = RuleId.safeParse(id)
    if (!checked.success) return problemResponse(problem(400, `The id ${checked.error.issues[0]?.message}.`))
    const body = await readBody(context)
    if (!body.ok) return problemResponse(body.problem)
    if (body.value.id !== undefined && body.value.id !== id) {
      const errors = [{ path: "/id", message: `must be ${id}, as in the address, or be left out` }]
      return problemResponse(problem(400, "The rule's id cannot be changed.", errors))
    }
    const known = await currentRule(store, id)
    const mismatch = matchIssue(context, known)
    if (mismatch) return problemResponse(mismatch)
    return save(context, world, store, { body: body.value, id, known })
  })

  routes.delete("/:id", async (context) => {
    const known = await currentRule(store, context.req.param("id"))
    if (!known || known.isDeleted) return problemResponse(noRule(context.req.param("id")))
    const mismatch = matchIssue(context, known)
    if (mismatch) return problemResponse(mismatch)
    await store.announceRules(world.now())
    const mark = tombstoneOf(known, isoOf(world.now()))
    if (!(await store.writeRule(mark))) return problemResponse(editedMeanwhile(known.id))
    return context.body(null, 204)
  })

  return routes
}

async function save(
  context: Context,
  world: World,
  store: Store,
  { body, id, known }: { body: RuleInput; id: string; known: Rule | null },
): Promise<Response> {
  const isNew = !known || known.isDeleted
  const excess = isNew && excessOf(await store.readRules(), known)
  if (excess) return problemResponse(problem(409, excess))
  const now = world.now()
  const rule: Rule = {
    ...body,
    id,
    version: (known?.version ?? 0) + 1,
    updatedAt: isoOf(now),
    isDeleted: false,
  }
  await store.announceRules(now)
  if (!(await store.writeRule(rule))) return problemResponse(editedMeanwhile(id))
  context.header("etag", etagOf(rule))
  if (isNew) context.header("location", `/rules/${id}`)
  return context.json(viewOf(rule), isNew ? 201 : 200)
}

/** What keeps a rule from being added. One that was deleted takes no new id. */
function excessOf(stored: readonly Rule[], deleted: Rule | null): string | null {
  if (rulesInForce(stored).length >= RULES_MAX)
    return `There are ${RULES_MAX} rules already; delete one first.`
  if (deleted || stored.length < RULE_IDS_MAX) return null
  return `${RULE_IDS_MAX} ids have been used already; take that of a rule that was deleted.`
}

/** As stored, a deleted one too, or as it exists from the start. */
async function currentRule(store: Store, id: string): Promise<Rule | null> {
  if (!RuleId.safeParse(id).success) return null
  return (await store.readRule(id)) ?? DEFAULT_RULES.find((rule) => rule.id === id) ?? null
}

type Body = { ok: true; value: RuleInput } | { ok: false; problem: Problem }

async function readBody(context: Context): Promise<Body> {
  // The content type is not asked for: nothing but JSON is ever meant, and `curl -d` names another.
  const text = await context.req.text()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { ok: false, problem: problem(400, "The body is not JSON.") }
  }
  const parsed = RuleBody.safeParse(json)
  if (!parsed.success) {
    return { ok: false, problem: problem(400, RULE_REFUSED, problemErrors(parsed.error)) }
  }
  const { version: _version, updatedAt: _updatedAt, ...value } = parsed.data
  return { ok: true, value }
}

/** Refuses an edit of another version than the caller has seen. */
function matchIssue(context: Context, known: Rule | null): Problem | null {
  const wanted = context.req.header("if-match")
  if (wanted === undefined || (wanted === "*" && known && !known.isDeleted)) return null
  const current = known && !known.isDeleted ? etagOf(known) : null
  if (current !== null && wanted.split(",").some((etag) => etag.trim() === current)) return null
  return problem(
    412,
    current ? `The rule is at version ${current} now; read it again.` : "There is no such rule.",
  )
}

function viewOf(rule: Rule): RuleView {
  return RuleView.parse(rule)
}

function etagOf(rule: Rule): string {
  return `"${rule.version}"`
}

function noRule(id: string): Problem {
  return problem(
    404,
    `There is no rule ${RuleId.safeParse(id).success ? id : "of that id"}; GET /rules lists them.`,
  )
}

function editedMeanwhile(id: string): Problem {
  return problem(409, `The rule ${id} was edited by somebody else at this moment; read it again.`)
}

function slugOf(name: string): string {
  const slug = name
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63)
    .replace(/-+$/, "")
  return slug === "" ? "rule" : slug
}
