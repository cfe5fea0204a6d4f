/** The versions of a rule: how they are listed, what restoring one of them puts back, and those that a call was judged by. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { RULES_MAX, type Rule, RuleInput, isReadable } from "@earshot/core/rule/rule"
import type { EditedRule, RuleEdit, Store } from "@earshot/io/store/store"
import type { Context } from "hono"
import * as z from "zod"
import { type Problem, problem, problemErrors } from "./problem.ts"
import { Note, editOf, readJson, writtenOf } from "./rule-body.ts"

const LIMIT_MAX = 100

export const VersionQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(20),
  cursor: z
    .string()
    .regex(/^v[1-9][0-9]{0,9}$/, "must be the `next` of an answer")
    .optional()
    .describe("`next` of the answer before. Stays good while newer versions are written."),
})

type Asked = { limit: number; before: number | null }

export function readVersionQuery(
  context: Context,
): { ok: true; value: Asked } | { ok: false; problem: Problem } {
  const query = VersionQuery.safeParse(context.req.query())
  if (!query.success)
    return { ok: false, problem: problem(400, "The query is invalid.", problemErrors(query.error)) }
  const { limit, cursor } = query.data
  return { ok: true, value: { limit, before: cursor === undefined ? null : Number(cursor.slice(1)) } }
}

const RuleVersionView = z
  .object({
    version: z.int().min(0),
    at: z
      .string()
      .nullable()
      .describe("ISO 8601; null for a default rule as it comes, or if it cannot be read."),
    by: z.string().nullable().describe("The name of the token that wrote it; null: not known."),
    note: z.string().nullable(),
    state: z
      .enum(["rule", "deleted", "unreadable"])
      .describe("What it was at this version. Only a rule can be restored."),
    rule: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe("The rule, as PUT takes it; null unless `state` is rule."),
  })
  .meta({ id: "RuleVersion" })

export const RuleVersionList = z
  .object({
    versions: z.array(RuleVersionView).describe("The newest first."),
    next: z.string().nullable().describe("The cursor of the next older ones; null: these were the last."),
  })
  .meta({ id: "RuleVersionList" })

/** Null if there never was such a rule. */
export async function listRuleVersions(
  store: Store,
  id: string,
  { limit, before }: Asked,
): Promise<z.infer<typeof RuleVersionList> | null> {
  // One more than asked for says whether there is another page.
  const stored = await store.ruleVersions(id, { max: limit + 1, ...(before !== null && { before }) })
  const original = DEFAULT_RULES.find((rule) => rule.id === id)
  const isOldest = stored.length <= limit
  const first: EditedRule[] =
    original && isOldest && (before ?? 2) > 1 && !stored.some(({ rule }) => rule.version === 1)
      ? [{ rule: original, by: null, note: null }]
      : []
  const found = [...stored, ...first]
  if (found.length === 0 && before === null) return null
  const listed = found.slice(0, limit)
  const last = listed.at(-1)
  return {
    versions: listed.map(viewOfVersion),
    next: found.length > limit && last ? `v${last.rule.version}` : null,
  }
}

function viewOfVersion({ rule, by, note }: EditedRule): z.infer<typeof RuleVersionView> {
  const { version } = rule
  if (!isReadable(rule)) return { version, at: null, by, note, state: "unreadable", rule: null }
  const at = rule.updatedAt
  if (rule.isDeleted) return { version, at, by, note, state: "deleted", rule: null }
  return { version, at, by, note, state: "rule", rule: writtenOf(rule) }
}

/** As many as there may be rules. A record names one version of each, and more only where several of them raised it. */
const EARLIER_MAX = RULES_MAX

const AT_ONCE = 20

/** What restoring this version would save; null if it is not kept, was a deletion, or says what this Earshot does not know. */
export async function ruleAt(store: Store, id: string, version: number): Promise<RuleInput | null> {
  const kept = await keptVersion(store, id, version)
  return kept && (RuleInput.safeParse(writtenOf(kept)).data ?? null)
}

/** The rule as it was at this version; null if that is not kept, was a deletion, or cannot be read. */
async function keptVersion(store: Store, id: string, version: number): Promise<Rule | null> {
  const kept = (await store.readRuleVersion(id, version))?.rule ?? originalOf(id, version)
  return kept && isReadable(kept) && !kept.isDeleted ? kept : null
}

/** Of the versions that a record names, those that are not in force, as far as they are kept. One read for each. */
export async function earlierVersions(
  store: Store,
  { verdicts, alert }: CallRecord,
  inForce: readonly Rule[],
): Promise<Rule[]> {
  const current = new Set(inForce.map(({ id, version }) => `${id}@${version}`))
  const named = new Map(
    [...verdicts, ...(alert?.reasons ?? [])]
      .map(({ ruleId: id, version }) => ({ name: `${id}@${version}`, id, version }))
      .filter(({ name }) => !current.has(name))
      .map((one) => [one.name, one]),
  )
  const wanted = [...named.values()].slice(0, EARLIER_MAX)
  const found: (Rule | null)[] = []
  while (wanted.length > 0) {
    const reads = wanted.splice(0, AT_ONCE).map(({ id, version }) => keptVersion(store, id, version))
    found.push(...(await Promise.all(reads)))
  }
  return found.filter((rule) => rule !== null)
}

/** A default rule as it comes is stored nowhere. */
function originalOf(id: string, version: number) {
  return DEFAULT_RULES.find((rule) => rule.id === id && rule.version === version) ?? null
}

const Restore = z
  .strictObject({
    version: z.int().min(1).describe("The version to put back; 1 is a default rule's original."),
    note: Note,
  })
  .meta({ id: "Restore" })

type Read = { ok: true; value: z.infer<typeof Restore>; edit: RuleEdit } | { ok: false; problem: Problem }

/** What a request to restore says. The note says which version it was, unless it says something itself. */
export const RestoreBody = {
  schema: Restore,
  read: async (context: Context): Promise<Read> => {
    const body = await readJson(context)
    if (!body.ok) return body
    const parsed = Restore.safeParse(body.json)
    if (!parsed.success) {
      const errors = problemErrors(parsed.error)
      return { ok: false, problem: problem(400, "The request is invalid; nothing was restored.", errors) }
    }
    const edit = editOf(context, parsed.data.note)
    if (edit.errors.length > 0)
      return { ok: false, problem: problem(400, "The note is too long.", edit.errors) }
    const note = edit.value.note ?? `Restored version ${parsed.data.version}`
    return { ok: true, value: parsed.data, edit: { ...edit.value, note } }
  },
}
