/**
 * A typed client of this API: a function for each operation, whose body and answer have the types of the schemas that the API
 * itself parses with. What the API refuses is a value, its problem; an answer that is not as described throws.
 */
import * as z from "zod"
import {
  type AlertFilterQuery,
  type AlertSaying,
  CLIENT_OPERATIONS,
  type ChannelDraft,
  type CoverageSpanQuery,
  type DeliveryFilterQuery,
  type PatchOf,
  type PreviewRequest,
  type ResendRequest,
  type RuleDraft,
} from "./client-operation.ts"

/** Problem details; `errors` says what is wrong where. */
const ProblemAnswer = z.looseObject({
  status: z.number(),
  title: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})

export type ClientProblem = z.infer<typeof ProblemAnswer>

export type ClientAnswer<T> =
  | { ok: true; value: T; etag: string | null }
  | { ok: false; problem: ClientProblem }

/** Which version is edited: its ETag, or `*`. */
type IfMatch = { ifMatch?: string }

type Snooze = { until: string } | { for: string }

type Operation<Schema> = { method: string; path: string; answer: Schema }

type Query = Record<string, string | number | undefined>

type Sent = { path?: Record<string, string>; query?: Query; body?: unknown } & IfMatch

/** `url`: where the API is. `fetch`: the platform's, unless a test or a proxy has its own. */
export type ClientSetup = { url: string; token: string; fetch?: typeof globalThis.fetch }

type Call = <Schema extends z.ZodType>(
  operation: Operation<Schema>,
  sent?: Sent,
) => Promise<ClientAnswer<z.infer<Schema>>>

export function createClient(setup: ClientSetup) {
  const call: Call = (operation, sent = {}) => send(setup, operation, sent)
  return {
    ...ruleFunctions(call),
    ...alertFunctions(call),
    ...channelFunctions(call),
    ...deliveryFunctions(call),
    listTokens: () => call(CLIENT_OPERATIONS.listTokens),
    createToken: (body: { name: string; access: "read" | "write" }) =>
      call(CLIENT_OPERATIONS.createToken, { body }),
    revokeToken: (name: string) => call(CLIENT_OPERATIONS.revokeToken, { path: { name } }),
  }
}

function ruleFunctions(call: Call) {
  return {
    listRules: () => call(CLIENT_OPERATIONS.listRules),
    createRule: (body: RuleDraft) => call(CLIENT_OPERATIONS.createRule, { body }),
    readRule: (id: string) => call(CLIENT_OPERATIONS.readRule, { path: { id } }),
    replaceRule: (id: string, body: RuleDraft, edit: IfMatch = {}) =>
      call(CLIENT_OPERATIONS.replaceRule, { path: { id }, body, ...edit }),
    editRule: (id: string, body: PatchOf<RuleDraft>, edit: IfMatch = {}) =>
      call(CLIENT_OPERATIONS.editRule, { path: { id }, body, ...edit }),
    deleteRule: (id: string, edit: IfMatch) => call(CLIENT_OPERATIONS.deleteRule, { path: { id }, ...edit }),
    snoozeRule: (id: string, body: Snooze, edit: IfMatch) =>
      call(CLIENT_OPERATIONS.snoozeRule, { path: { id }, body, ...edit }),
    wakeRule: (id: string, edit: IfMatch) => call(CLIENT_OPERATIONS.wakeRule, { path: { id }, ...edit }),
    listRuleVersions: (id: string, query: { limit?: number | string; cursor?: string } = {}) =>
      call(CLIENT_OPERATIONS.listRuleVersions, { path: { id }, query }),
    restoreRule: (id: string, body: { version: number; note?: string }, edit: IfMatch = {}) =>
      call(CLIENT_OPERATIONS.restoreRule, { path: { id }, body, ...edit }),
    readPrecision: (id: string, query: CoverageSpanQuery = {}) =>
      call(CLIENT_OPERATIONS.readPrecision, { path: { id }, query }),
    exportRules: () => call(CLIENT_OPERATIONS.exportRules),
    /** Shows what it would change; with `apply`, the `etag` of what it showed, it does that. */
    importRules: (
      body: { rules: readonly (RuleDraft & { id: string })[]; note?: string },
      { apply }: { apply?: string } = {},
    ) =>
      call(CLIENT_OPERATIONS.importRules, {
        body,
        ...(apply !== undefined && { query: { apply: "true" }, ifMatch: apply }),
      }),
    /** Saves and sends nothing. */
    previewRule: (body: PreviewRequest) => call(CLIENT_OPERATIONS.previewRule, { body }),
    listFields: () => call(CLIENT_OPERATIONS.listFields),
  }
}

function alertFunctions(call: Call) {
  return {
    listAlerts: (query: AlertFilterQuery = {}) => call(CLIENT_OPERATIONS.listAlerts, { query }),
    readAlert: (id: string) => call(CLIENT_OPERATIONS.readAlert, { path: { id } }),
    acknowledgeAlert: (id: string, body: AlertSaying) =>
      call(CLIENT_OPERATIONS.acknowledgeAlert, { path: { id }, body }),
    unacknowledgeAlert: (id: string) => call(CLIENT_OPERATIONS.unacknowledgeAlert, { path: { id } }),
    findCall: (reference: string) => call(CLIENT_OPERATIONS.findCall, { path: { reference } }),
    explainCall: (id: string, query: { startedAt?: string } = {}) =>
      call(CLIENT_OPERATIONS.explainCall, { path: { id }, query }),
  }
}

function channelFunctions(call: Call) {
  return {
    listChannels: () => call(CLIENT_OPERATIONS.listChannels),
    createChannel: (body: ChannelDraft) => call(CLIENT_OPERATIONS.createChannel, { body }),
    readChannel: (id: string) => call(CLIENT_OPERATIONS.readChannel, { path: { id } }),
    replaceChannel: (id: string, body: ChannelDraft, edit: IfMatch = {}) =>
      call(CLIENT_OPERATIONS.replaceChannel, { path: { id }, body, ...edit }),
    changeChannel: (id: string, body: Record<string, unknown>, edit: IfMatch = {}) =>
      call(CLIENT_OPERATIONS.changeChannel, { path: { id }, body, ...edit }),
    deleteChannel: (id: string, edit: IfMatch) =>
      call(CLIENT_OPERATIONS.deleteChannel, { path: { id }, ...edit }),
    snoozeChannel: (id: string, body: Snooze, edit: IfMatch) =>
      call(CLIENT_OPERATIONS.snoozeChannel, { path: { id }, body, ...edit }),
    wakeChannel: (id: string, edit: IfMatch) =>
      call(CLIENT_OPERATIONS.wakeChannel, { path: { id }, ...edit }),
    /** Waits for a while for what the channel says; if it is still `waiting` then, `readChannelTest` says it later. */
    testChannel: (id: string) => call(CLIENT_OPERATIONS.testChannel, { path: { id } }),
    readChannelTest: (id: string, test: string) =>
      call(CLIENT_OPERATIONS.readChannelTest, { path: { id, test } }),
  }
}

function deliveryFunctions(call: Call) {
  return {
    /** Either `state: "dead"` or a `digest`. */
    listDeliveries: (query: DeliveryFilterQuery) => call(CLIENT_OPERATIONS.listDeliveries, { query }),
    seeDeliveries: () => call(CLIENT_OPERATIONS.seeDeliveries),
    resendDeliveries: (body: ResendRequest) => call(CLIENT_OPERATIONS.resendDeliveries, { body }),
    /** Well or not: that something is wrong is its value, and no problem. */
    readHealth: () => call(CLIENT_OPERATIONS.readHealth),
    readStatus: () => call(CLIENT_OPERATIONS.readStatus),
    readCoverage: (query: CoverageSpanQuery = {}) => call(CLIENT_OPERATIONS.readCoverage, { query }),
  }
}

async function send<Schema extends z.ZodType>(
  { url, token, fetch = globalThis.fetch }: ClientSetup,
  { method, path, answer }: Operation<Schema>,
  { path: parts = {}, query = {}, body, ifMatch }: Sent,
): Promise<ClientAnswer<z.infer<Schema>>> {
  const address = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) =>
    encodeURIComponent(parts[name] ?? ""),
  )
  const target = new URL(url.replace(/\/$/, "") + address)
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) target.searchParams.set(name, String(value))
  const response = await fetch(target.href, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(ifMatch !== undefined && { "if-match": ifMatch }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const json: unknown = text === "" ? null : JSON.parse(text)
  // Health that is failing has a status of its own, and is no problem.
  const isDescribed = response.ok || response.headers.get("content-type")?.startsWith("application/json")
  if (!isDescribed) return { ok: false, problem: ProblemAnswer.parse(json) }
  return { ok: true, value: answer.parse(json), etag: response.headers.get("etag") }
}
