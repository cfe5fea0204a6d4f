/**
 * A typed client of this API: a function for each operation, whose body and answer have the types of the schemas that the API
 * itself parses with. What the API refuses is a value, its problem; an answer that is not as described throws.
 */
import type { RuleInput } from "@earshot/core/rule/rule"
import * as z from "zod"
import { RuleVersionList } from "./rule-history.ts"
import { ImportResult, RuleSet } from "./rule-set.ts"
import { RuleView, UnreadableRuleView } from "./rule-view.ts"
import { RuleList } from "./route/rule.ts"
import { NewToken, TokenList } from "./route/token.ts"

/** A rule as a caller writes it: what is left out gets its default. */
export type RuleDraft = Pick<RuleInput, "name" | "when"> &
  Partial<RuleInput> & { note?: string; version?: number }

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

/** What each operation is in the description, and the schema of its answer. */
export const CLIENT_OPERATIONS = {
  listRules: { method: "GET", path: "/rules", answer: RuleList },
  createRule: { method: "POST", path: "/rules", answer: RuleView },
  readRule: { method: "GET", path: "/rules/{id}", answer: z.union([RuleView, UnreadableRuleView]) },
  replaceRule: { method: "PUT", path: "/rules/{id}", answer: RuleView },
  editRule: { method: "PATCH", path: "/rules/{id}", answer: RuleView },
  deleteRule: { method: "DELETE", path: "/rules/{id}", answer: z.null() },
  snoozeRule: { method: "POST", path: "/rules/{id}/snooze", answer: RuleView },
  wakeRule: { method: "DELETE", path: "/rules/{id}/snooze", answer: RuleView },
  listRuleVersions: { method: "GET", path: "/rules/{id}/versions", answer: RuleVersionList },
  restoreRule: { method: "POST", path: "/rules/{id}/restore", answer: RuleView },
  exportRules: { method: "GET", path: "/rules/export", answer: RuleSet },
  importRules: { method: "PUT", path: "/rules/import", answer: ImportResult },
  listTokens: { method: "GET", path: "/tokens", answer: TokenList },
  createToken: { method: "POST", path: "/tokens", answer: NewToken },
  revokeToken: { method: "DELETE", path: "/tokens/{name}", answer: z.null() },
} as const

type Operation<Schema> = { method: string; path: string; answer: Schema }

type Sent = { path?: Record<string, string>; query?: Record<string, string>; body?: unknown } & IfMatch

/** `url`: where the API is. `fetch`: the platform's, unless a test or a proxy has its own. */
export type ClientSetup = { url: string; token: string; fetch?: typeof globalThis.fetch }

export function createClient(setup: ClientSetup) {
  const call = <Schema extends z.ZodType>(operation: Operation<Schema>, sent: Sent = {}) =>
    send(setup, operation, sent)
  return {
    listRules: () => call(CLIENT_OPERATIONS.listRules),
    createRule: (body: RuleDraft) => call(CLIENT_OPERATIONS.createRule, { body }),
    readRule: (id: string) => call(CLIENT_OPERATIONS.readRule, { path: { id } }),
    replaceRule: (id: string, body: RuleDraft, edit: IfMatch = {}) =>
      call(CLIENT_OPERATIONS.replaceRule, { path: { id }, body, ...edit }),
    /** A merge patch: null takes a field back to its default. */
    editRule: (id: string, body: { [Key in keyof RuleDraft]?: RuleDraft[Key] | null }, edit: IfMatch = {}) =>
      call(CLIENT_OPERATIONS.editRule, { path: { id }, body, ...edit }),
    deleteRule: (id: string, edit: IfMatch) => call(CLIENT_OPERATIONS.deleteRule, { path: { id }, ...edit }),
    snoozeRule: (id: string, body: { until: string } | { for: string }, edit: IfMatch) =>
      call(CLIENT_OPERATIONS.snoozeRule, { path: { id }, body, ...edit }),
    wakeRule: (id: string, edit: IfMatch) => call(CLIENT_OPERATIONS.wakeRule, { path: { id }, ...edit }),
    listRuleVersions: (id: string, query: { limit?: string; cursor?: string } = {}) =>
      call(CLIENT_OPERATIONS.listRuleVersions, { path: { id }, query }),
    restoreRule: (id: string, body: { version: number; note?: string }, edit: IfMatch = {}) =>
      call(CLIENT_OPERATIONS.restoreRule, { path: { id }, body, ...edit }),
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
    listTokens: () => call(CLIENT_OPERATIONS.listTokens),
    createToken: (body: { name: string; access: "read" | "write" }) =>
      call(CLIENT_OPERATIONS.createToken, { body }),
    revokeToken: (name: string) => call(CLIENT_OPERATIONS.revokeToken, { path: { name } }),
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
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value)
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
  if (!response.ok) return { ok: false, problem: ProblemAnswer.parse(json) }
  return { ok: true, value: answer.parse(json), etag: response.headers.get("etag") }
}
