/** POST /rules/preview: what a rule would have raised. It changes nothing. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { liveChannels, rosterOf } from "@earshot/core/channel/roster"
import { DAY, type Instant } from "@earshot/core/instant"
import { isSameJson } from "@earshot/core/json"
import { createPreview } from "@earshot/core/preview/preview"
import { rulesInForce } from "@earshot/core/rule/default-rule"
import { firstDayOf } from "@earshot/core/rule/presence"
import { type CompiledRule, Rule, type RuleInput, compileRules } from "@earshot/core/rule/rule"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { Hono } from "hono"
import type * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { deploymentOf, liveTakers } from "../channel-view.ts"
import { json, problems } from "../operation.ts"
import { PreviewView, previewBodyOf, previewView } from "../preview-view.ts"
import { type Problem, problem, problemErrors, problemResponse } from "../problem.ts"
import { readStoredCalls } from "@earshot/io/stored-call"
import { RuleBody } from "../rule-body.ts"
import { warningViews } from "../rule-view.ts"

/** What the vendor's list shows now, as records that nobody has stored; or why it was not asked. */
export type RecentCalls = { ok: true; records: CallRecord[]; note: string } | { ok: false; note: string }

export type PreviewRouteSetup = {
  /** Lists the vendor's recent calls, within what polls leave of the budget. Null: this API cannot ask the vendor. */
  recentCalls: ((since: Instant) => Promise<RecentCalls>) | null
}

const Body = previewBodyOf(RuleBody)

export function previewRoutes(world: World, store: Store, { recentCalls }: PreviewRouteSetup): Hono {
  return new Hono().post("/preview", async (context) => {
    const asked = await readAsked(await context.req.text(), store)
    if (!asked.ok) return problemResponse(asked.problem)
    const { rule, saved, days } = asked
    const now = world.now()
    const from = now - days * DAY
    const [control, channels, presence] = await Promise.all([
      store.readControl(),
      store.readChannels(),
      store.readPresence(firstDayOf(now)),
    ])
    const warnings = warningViews(rule, { channels: liveTakers(control, channels), presence })
    // Whatever they show: only what they take is asked.
    const deployment = deploymentOf(control, { slack: "minimal", email: "minimal" })
    const preview = createPreview({ rule, saved, channels: liveChannels(rosterOf(deployment, channels)) })
    const notes: string[] = []
    let source: PreviewView["source"] = "stored"
    let calls = 0
    const read = await readStoredCalls(world, store, from, (record) => {
      calls++
      preview.add(record)
    })
    if (calls === 0 && !read.isTruncated) {
      const recent = recentCalls ? await recentCalls(from) : NOBODY_ASKS
      notes.push("No calls are stored of these days.", recent.note)
      if (recent.ok) {
        source = "vendor"
        recent.records.forEach(preview.add)
      }
    }
    const savedVersion = saved?.version ?? null
    const frame = { from, to: now, source, savedVersion, warnings, notes, ...read }
    return context.json(previewView(preview.result(), frame))
  })
}

const NOBODY_ASKS = {
  ok: false,
  note: "This API has no key to ask the vendor for its recent calls.",
} as const

type Asked =
  | { ok: true; rule: CompiledRule; saved: CompiledRule | null; days: number }
  | { ok: false; problem: Problem }

async function readAsked(text: string, store: Store): Promise<Asked> {
  const parsed = Body.safeParse(jsonOf(text))
  if (!parsed.success) {
    return refused(problem(400, "The preview cannot be made.", problemErrors(parsed.error)))
  }
  const { rule, id, days } = parsed.data
  if ((rule === undefined) === (id === undefined)) {
    return refused(problem(400, "Give either a rule or the id of one that is saved."))
  }
  const savedId = id ?? rule?.id
  const known = rulesInForce(await store.readRules()).find((one) => one.id === savedId)
  const saved = known ? compiledAnyway(known) : null
  if (!rule) {
    if (saved) return { ok: true, rule: saved, saved: null, days }
    return refused(
      problem(
        404,
        `No rule ${savedId} can be judged: there is none, or it cannot be read. GET /rules lists them.`,
      ),
    )
  }
  const compiled = compiledAnyway(draftOf(rule, known))
  if (!compiled) return refused(problem(400, "The rule cannot be judged."))
  return { ok: true, rule: compiled, saved, days }
}

/** A rule that is off is tried as if it were live: that is what somebody wants to know. */
function compiledAnyway(rule: Rule): CompiledRule | null {
  return compileRules([{ ...rule, mode: "live" }])[0] ?? null
}

/** Of a version that nobody can have judged by, unless it asks for the same as the saved one. */
function draftOf(input: RuleInput, known: Rule | undefined): Rule {
  const { id = "preview", name, severity, when, settle, channels } = input
  const isSame = known !== undefined && isSameJson(when, known.when) && settle === known.settle
  const version = isSame ? known.version : (known?.version ?? 0) + 1
  return {
    id,
    name,
    severity,
    when: Rule.shape.when.parse(when),
    settle,
    mode: "live",
    version,
    updatedAt: null,
    isDeleted: false,
    ...(channels && { channels }),
  }
}

function refused(why: Problem): Asked {
  return { ok: false, problem: why }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** What the document says of this route. `RuleInput`: the schema of a rule that the document has already. */
export function previewPaths(RuleInput: z.ZodType): ZodOpenApiPathsObject {
  const schema = previewBodyOf(RuleInput).meta({ id: "PreviewInput" })
  const example = {
    rule: { name: "Long and angry", when: { duration: { gte: 120 }, "sentiment.angry": { gte: 0.4 } } },
  }
  return {
    "/rules/preview": {
      post: {
        operationId: "previewRule",
        tags: ["rules"],
        summary:
          "Try a rule on the calls of the last days, as they were known then. Nothing is saved or sent.",
        requestBody: { required: true, content: { "application/json": { schema, example } } },
        responses: {
          200: json(PreviewView.meta({ id: "Preview" }), "What it would have raised."),
          ...problems(400, 401, 404, 413, 500, 503),
        },
      },
    },
  }
}
