/** The routes under /rules. An edit is announced before it is made, so that the next poll reads it. */
import { isoOf } from "@earshot/core/instant"
import { DEFAULT_RULES, tombstoneOf, rulesInForce } from "@earshot/core/rule/default-rule"
import { RuleId, RuleInput, type StoredRule, isGone, isReadable } from "@earshot/core/rule/rule"
import { readStrictJson } from "@earshot/core/strict-json"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Context, Hono } from "hono"
import * as z from "zod"
import { type Problem, pointer, problem, problemErrors, problemResponse } from "../problem.ts"
import { etagOf, matchIssue } from "../if-match.ts"
import { channelErrors } from "../named-channel.ts"
import { RuleView, UnreadableRuleView, surroundingsOf, viewOf } from "../rule-view.ts"
import { readSnooze } from "../snooze.ts"
import { type Saved, addNamed, existsAlready, save, snoozeRule } from "../rule-edit.ts"

export const RuleList = z.object({ rules: z.array(z.union([RuleView, UnreadableRuleView])) })

/** A rule as it was read may be sent back: what only Earshot writes is ignored. */
export const RuleBody = RuleInput.extend({
  version: z.unknown().optional().describe("Ignored; use If-Match."),
  updatedAt: z.unknown().optional().describe("Ignored."),
  readable: z.unknown().optional().describe("Ignored."),
  warnings: z.unknown().optional().describe("Ignored."),
  sentence: z.unknown().optional().describe("Ignored."),
  held: z.unknown().optional().describe("Ignored."),
  snoozedUntil: z.unknown().optional().describe("Ignored; POST /rules/{id}/snooze snoozes a rule."),
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
    // What a snooze of it holds may go.
    await store.announceDue(world.now())
    return context.body(null, 204)
  })

  snoozeRoutes(routes, world, store)
  return routes
}

function snoozeRoutes(routes: Hono, world: World, store: Store): void {
  for (const method of ["POST", "DELETE"] as const) {
    routes.on(method, "/:id/snooze", async (context) => {
      const id = context.req.param("id") ?? ""
      const known = await currentRule(store, id)
      if (!known || isGone(known)) return problemResponse(noRule(id))
      if (!isReadable(known)) return problemResponse(problem(409, "The rule cannot be read."))
      const asked = await readSnooze(context, world.now())
      if (!asked.ok) return problemResponse(asked.problem)
      const mismatch = mismatchOf(context, known)
      if (mismatch) return problemResponse(mismatch)
      return answerSave(context, { world, store }, await snoozeRule(world, store, known, asked.until))
    })
  }
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
  const read = readStrictJson(text)
  if (read.kind === "not-json") return { ok: false, problem: problem(400, "The body is not JSON.") }
  if (read.kind === "ambiguous") {
    const lost = read.issues.map(({ path, message }) => ({ path: pointer(path), message }))
    return { ok: false, problem: problem(400, "Some of the body would be lost; nothing was saved.", lost) }
  }
  const json = read.value
  const parsed = RuleBody.safeParse(json)
  const errors = [
    ...(parsed.success ? [] : problemErrors(parsed.error)),
    ...(await channelErrors(store, json)),
  ]
  if (!parsed.success || errors.length > 0) {
    return { ok: false, problem: problem(400, "The rule is invalid; nothing was saved.", errors) }
  }
  const { version: _version, updatedAt: _at, readable: _is, warnings: _warnings, ...rest } = parsed.data
  const { held: _held, snoozedUntil: _snoozedUntil, sentence: _sentence, ...value } = rest
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
