/** The routes under /rules. An edit is announced before it is made, so that the next poll reads it. */
import { DEFAULT_RULES, rulesInForce } from "@earshot/core/rule/default-rule"
import { RuleId, type StoredRule, isGone, isReadable } from "@earshot/core/rule/rule"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Context, Hono } from "hono"
import * as z from "zod"
import { type Problem, problem, problemResponse } from "../problem.ts"
import { etagOf, matchIssue } from "../if-match.ts"
import { editOf, readRuleBody } from "../rule-body.ts"
import { RuleView, UnreadableRuleView, surroundingsOf, viewOf } from "../rule-view.ts"
import { readSnooze } from "../snooze.ts"
import { RESERVED_IDS } from "../rule-id.ts"
import { type Saved, addNamed, deleteRule, existsAlready, save, snoozeRule } from "../rule-edit.ts"
import { RestoreBody, listRuleVersions, readVersionQuery, ruleAt } from "../rule-history.ts"

export const RuleList = z.object({ rules: z.array(z.union([RuleView, UnreadableRuleView])) })

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
    const body = await readRuleBody(context, store)
    if (!body.ok) return problemResponse(body.problem)
    const { id, ...rule } = body.value
    const { edit } = body
    // Whoever says that there must be no such rule hears just that of one there is.
    const existing = (taken: string) => matchIssueOfNew(context, taken) ?? existsAlready(taken)
    if (id === undefined) {
      return answerSave(context, { world, store }, await addNamed(world, store, rule, { edit, existing }))
    }
    if (RESERVED_IDS.has(id)) return problemResponse(reserved(id))
    const known = await currentRule(store, id)
    if (known && !isGone(known)) return problemResponse(existing(id))
    return answerSave(context, { world, store }, await save(world, store, { body: rule, id, known, edit }))
  })

  routes.get("/:id", async (context) => {
    const known = await currentRule(store, context.req.param("id"))
    if (!known || isGone(known)) return problemResponse(noRule(context.req.param("id")))
    context.header("etag", etagOf(known))
    return context.json(viewOf(known, await surroundingsOf(world, store)))
  })

  editRoutes(routes, world, store)
  snoozeRoutes(routes, world, store)
  versionRoutes(routes, world, store)
  return routes
}

function editRoutes(routes: Hono, world: World, store: Store): void {
  for (const method of ["PUT", "PATCH"] as const) {
    routes.on(method, "/:id", async (context) => {
      const id = context.req.param("id") ?? ""
      const checked = RuleId.safeParse(id)
      if (!checked.success)
        return problemResponse(problem(400, `The id ${checked.error.issues[0]?.message}.`))
      const known = await currentRule(store, id)
      const isThere = known !== null && !isGone(known)
      if (!isThere && RESERVED_IDS.has(id)) return problemResponse(reserved(id))
      if (method === "PATCH" && !isThere) return problemResponse(noRule(id))
      if (method === "PATCH" && known && !isReadable(known)) return problemResponse(UNREADABLE)
      const base = method === "PATCH" && known && isReadable(known) ? known : null
      const body = await readRuleBody(context, store, base)
      if (!body.ok) return problemResponse(body.problem)
      if (body.value.id !== undefined && body.value.id !== id) {
        const errors = [{ path: "/id", message: `must be ${id}, as in the address, or be left out` }]
        return problemResponse(problem(400, "A rule's id cannot be changed.", errors))
      }
      const mismatch = mismatchOf(context, known, body.version)
      if (mismatch) return problemResponse(mismatch)
      const { edit } = body
      const change = { body: body.value, id, known, edit }
      return answerSave(context, { world, store }, await save(world, store, change))
    })
  }

  routes.delete("/:id", async (context) => {
    const known = await currentRule(store, context.req.param("id"))
    if (!known || isGone(known)) return problemResponse(noRule(context.req.param("id")))
    const edit = editOf(context, undefined)
    if (edit.errors.length > 0) return problemResponse(problem(400, "The note is too long.", edit.errors))
    const mismatch = mismatchOf(context, known)
    if (mismatch) return problemResponse(mismatch)
    const done = await deleteRule(world, store, { known, edit: edit.value })
    if (!done.ok) return problemResponse(done.problem)
    return done.value ? context.body(null, 204) : problemResponse(editedMeanwhile(known.id))
  })
}

function snoozeRoutes(routes: Hono, world: World, store: Store): void {
  for (const method of ["POST", "DELETE"] as const) {
    routes.on(method, "/:id/snooze", async (context) => {
      const id = context.req.param("id") ?? ""
      const known = await currentRule(store, id)
      if (!known || isGone(known)) return problemResponse(noRule(id))
      if (!isReadable(known)) return problemResponse(UNREADABLE)
      const asked = await readSnooze(context, world.now())
      if (!asked.ok) return problemResponse(asked.problem)
      const { until, version } = asked
      const mismatch = mismatchOf(context, known, version)
      if (mismatch) return problemResponse(mismatch)
      const edit = editOf(context, until === null ? "No longer snoozed" : "Snoozed").value
      return answerSave(context, { world, store }, await snoozeRule(world, store, { known, until, edit }))
    })
  }
}

function versionRoutes(routes: Hono, world: World, store: Store): void {
  routes.get("/:id/versions", async (context) => {
    const id = context.req.param("id")
    if (!RuleId.safeParse(id).success) return problemResponse(noRule(id))
    const query = readVersionQuery(context)
    if (!query.ok) return problemResponse(query.problem)
    const listed = await listRuleVersions(store, id, query.value)
    return listed ? context.json(listed) : problemResponse(noRule(id))
  })

  routes.post("/:id/restore", async (context) => {
    const id = context.req.param("id")
    const known = await currentRule(store, id)
    if (!known) return problemResponse(noRule(id))
    const body = await RestoreBody.read(context)
    if (!body.ok) return problemResponse(body.problem)
    const old = await ruleAt(store, id, body.value.version)
    if (!old) {
      const detail = `No version ${body.value.version} of the rule ${id} is kept that can be restored; GET /rules/${id}/versions lists them.`
      return problemResponse(problem(404, detail))
    }
    const mismatch = mismatchOf(context, known)
    if (mismatch) return problemResponse(mismatch)
    return answerSave(
      context,
      { world, store },
      await save(world, store, { body: old, id, known, edit: body.edit }),
    )
  })
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

/** Refuses an edit of another version than the caller has seen. */
function mismatchOf(context: Context, known: StoredRule | null, version?: number): Problem | null {
  const etag = known && !isGone(known) ? etagOf(known) : null
  return matchIssue(context, { noun: "rule", etag, version })
}

function matchIssueOfNew(context: Context, id: string): Problem | null {
  if (context.req.header("if-none-match") !== "*") return null
  return problem(412, `There is a rule ${id} already; nothing was changed.`)
}

function noRule(id: string): Problem {
  const name = RuleId.safeParse(id).success ? id : "with that id"
  return problem(404, `There is no rule ${name}; GET /rules lists them.`)
}

const UNREADABLE = problem(409, "The rule cannot be read. PUT replaces it.")

function reserved(id: string): Problem {
  return problem(400, `/rules/${id} is another address; choose another id.`)
}

function editedMeanwhile(id: string): Problem {
  return problem(409, `Somebody else edited the rule ${id} at the same moment; read it again.`)
}
