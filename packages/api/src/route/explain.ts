/** GET /calls/{id}/explain: why people were alerted to a call, or were not; and what can be said of one that nothing is kept of. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { liveChannels, rosterOf } from "@earshot/core/channel/roster"
import { callReference } from "@earshot/core/fingerprint"
import { isoOf } from "@earshot/core/instant"
import { becauseText } from "@earshot/core/message/because"
import { type Explanation, type ExplainedRule, explain } from "@earshot/core/preview/explanation"
import { rulesInForce } from "@earshot/core/rule/default-rule"
import { compileRules } from "@earshot/core/rule/rule"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { Hono } from "hono"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { deploymentOf } from "../channel-view.ts"
import { json, problems } from "../operation.ts"
import { problem, problemErrors, problemResponse } from "../problem.ts"
import { callsReferredTo } from "../referred-call.ts"
import { earlierVersions } from "../rule-history.ts"
import { type UnkeptCall, UnkeptState, unkeptCall } from "../unkept-call.ts"

const iso = z.iso.datetime()

const Value = z.union([z.string(), z.number(), z.boolean()])

const Truth = z.enum(["true", "false", "unknown"])

const Leaf = z.object({
  field: z.string(),
  operator: z.string(),
  operand: z.union([Value, z.array(Value)]),
  seen: z
    .union([Value, z.array(z.string())])
    .nullable()
    .describe("What the call had. Null: nothing, or it is personal."),
  truth: Truth,
  needs: z
    .enum(["detail", "time", "nothing"])
    .describe(
      "What could decide it while it is unknown: a look at the call's detail, time, or nothing any more.",
    ),
  text: z.string().nullable().describe("In words, if it is decided."),
})

const ExplainedRuleView = z.object({
  id: z.string(),
  version: z
    .number()
    .int()
    .nullable()
    .describe("That the call was judged by. Null: it was not judged by this rule."),
  name: z.string().nullable(),
  verdict: z
    .enum(["true", "false", "unknown", "settled"])
    .nullable()
    .describe("settled: unknown, and no longer waited for, so that it does not match. Null: not judged."),
  why: z.string(),
  leaves: z
    .array(Leaf)
    .describe("Each comparison, by what is known. Empty if that version is not kept any more."),
  judged: z
    .array(z.object({ at: iso, truth: Truth.nullable() }))
    .describe("What it said each time, as far as that is kept. Null: it depends on what is not kept."),
})

export const ExplanationView = z.object({
  id: z.string(),
  state: UnkeptState.or(z.enum(["open", "decided"])).describe(
    "open: still waited for. decided: every rule is. Otherwise nothing is kept of the call, and `why` says as much as can be told.",
  ),
  alerted: z.boolean(),
  why: z.string().describe("In words."),
  startedAt: z.string().nullable(),
  agent: z.string().nullable(),
  learnt: z
    .array(
      z.object({
        at: iso,
        whole: z.boolean().describe("False: something was another then, and is not kept."),
        fields: z.array(
          z.object({ field: z.string(), value: z.union([z.number(), z.boolean()]).nullable() }),
        ),
      }),
    )
    .describe("When each fact came, as far as that is kept. Numbers and marks with their values."),
  rules: z.array(ExplainedRuleView),
  deliveries: z
    .array(
      z.object({
        channel: z.string(),
        state: z.enum(["due", "claimed", "sent", "dead", "none"]),
        at: iso.nullable(),
        text: z.string(),
      }),
    )
    .describe("What was sent where and when; `none`: nothing, and why not."),
})

const Query = z.strictObject({
  startedAt: z.iso
    .datetime({ offset: true })
    .optional()
    .describe("Of a call that nothing is kept of: when it began, which tells more apart."),
})

export function explainRoutes(world: World, store: Store): Hono {
  return new Hono().get("/:id/explain", async (context) => {
    const query = Query.safeParse(context.req.query())
    if (!query.success)
      return problemResponse(problem(400, "The query is invalid.", problemErrors(query.error)))
    const asked = context.req.param("id")
    const record = await recordOf(store, asked)
    if (record) return context.json(await explainRecord(world, store, record))
    const unkept = await unkeptCall(store, asked, query.data.startedAt, world.now())
    return context.json(viewOfUnkept(asked, unkept))
  })
}

/** By the vendor's id, or by the reference that a message gave. */
async function recordOf(store: Store, asked: string): Promise<CallRecord | null> {
  const known = (await store.readCall(asked))?.value
  if (known) return known
  for (const id of await callsReferredTo(store, asked)) {
    const referred = (await store.readCall(id))?.value
    if (referred && callReference(id) === asked.toUpperCase()) return referred
  }
  return null
}

async function explainRecord(
  world: World,
  store: Store,
  record: CallRecord,
): Promise<z.infer<typeof ExplanationView>> {
  const [control, stored, storedRules] = await Promise.all([
    store.readControl(),
    store.readChannels(),
    store.readRules(),
  ])
  const rules = rulesInForce(storedRules)
  const earlier = await earlierVersions(store, record, rules)
  const deployment = deploymentOf(control, { slack: "minimal", email: "minimal" })
  const explanation = explain(record, {
    inForce: compileRules(rules),
    earlier: compileRules(earlier),
    off: new Map(rules.filter(({ mode }) => mode === "off").map(({ id, name }) => [id, name])),
    channels: liveChannels(rosterOf(deployment, stored)),
    now: world.now(),
  })
  const { call } = record.facts
  return {
    id: record.callId,
    state: record.isOpen ? "open" : "decided",
    alerted: explanation.isAlerted,
    why: whyOf(explanation, record),
    startedAt: call.createdAt,
    agent: call.agent?.name ?? null,
    learnt: explanation.learnt.map(({ at, isKept, fields }) => ({
      at: isoOf(at),
      whole: isKept,
      fields: fields.map(({ field, value }) => ({
        field,
        value: typeof value === "object" || typeof value === "string" ? null : value,
      })),
    })),
    rules: explanation.rules.map((rule) => ruleView(rule, record)),
    deliveries: explanation.deliveries.map((one) => ({ ...one, at: one.at === null ? null : isoOf(one.at) })),
  }
}

function ruleView(
  { times, leaves, ...rule }: ExplainedRule,
  { facts }: CallRecord,
): z.infer<typeof ExplainedRuleView> {
  return {
    ...rule,
    judged: times.map(({ at, truth }) => ({ at: isoOf(at), truth })),
    leaves: leaves.map(({ because, truth, needs }) => ({
      field: because.field,
      operator: because.operator,
      operand: because.operand,
      seen: because.seen,
      truth,
      needs,
      text: truth === "unknown" ? null : becauseText(because, facts.call, "standard"),
    })),
  }
}

/** The whole in a sentence or two. */
function whyOf({ isAlerted, rules, deliveries }: Explanation, { isOpen, isTest, alert }: CallRecord): string {
  if (isTest) return "It is a test message: there is no call behind it."
  const sent = deliveries.filter(({ state }) => state === "sent").map(({ channel }) => channel)
  if (isAlerted) {
    const where =
      sent.length > 0 ? ` It was sent to ${[...new Set(sent)].join(", ")}.` : " It has been sent nowhere yet."
    const matched = new Set(alert?.reasons.map(({ name }) => name))
    return `It raised an alert: ${[...matched].join(", ")}.${where}`
  }
  const waiting = rules.filter(({ verdict }) => verdict === "unknown").map(({ name, id }) => name ?? id)
  if (isOpen) return `No rule has matched yet. Still undecided: ${waiting.join(", ") || "none"}.`
  if (waiting.length === 0) return "No rule matched."
  return `No rule matched. It was given up before these were decided: ${waiting.join(", ")}.`
}

function viewOfUnkept(id: string, { state, why }: UnkeptCall): z.infer<typeof ExplanationView> {
  return {
    id,
    state,
    alerted: false,
    why,
    startedAt: null,
    agent: null,
    learnt: [],
    rules: [],
    deliveries: [],
  }
}

/** What the document says of this route. */
export function explainPaths(): ZodOpenApiPathsObject {
  const id = z.string().meta({ description: "The vendor's id, or the reference that a message gave." })
  return {
    "/calls/{id}/explain": {
      get: {
        operationId: "explainCall",
        tags: ["calls"],
        summary: "Say why people were alerted to a call, or were not",
        requestParams: { path: z.object({ id }), query: Query },
        responses: {
          200: json(ExplanationView.meta({ id: "Explanation" }), "What is known of it."),
          ...problems(400, 401, 500, 503),
        },
      },
    },
  }
}
