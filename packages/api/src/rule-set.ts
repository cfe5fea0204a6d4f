/**
 * The whole set of rules at once, as a file in a repository would hold it: what an export says, what importing one would change,
 * and how that is done. An import that is cut short is sent again, and then changes only what is left.
 */
import { shortHash } from "@earshot/core/fingerprint"
import { isoOf } from "@earshot/core/instant"
import { costIssue } from "@earshot/core/rule/cost"
import { DEFAULT_RULES, rulesInForce, tombstoneOf } from "@earshot/core/rule/default-rule"
import {
  RULES_MAX,
  RULE_IDS_MAX,
  type Rule,
  RuleId,
  type RuleInput,
  type StoredRule,
  compileRules,
  isReadable,
} from "@earshot/core/rule/rule"
import type { RuleEdit, Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import * as z from "zod"
import { inTurn } from "./edit-turn.ts"
import { type Problem, type ProblemError, pointer, problem } from "./problem.ts"
import { writtenOf } from "./rule-body.ts"
import { nextVersion } from "./rule-edit.ts"

export const RuleSet = z
  .object({
    rules: z
      .array(z.record(z.string(), z.unknown()))
      .describe(
        "Every rule in force, by id, as PUT /rules/{id} takes it. One that cannot be read is left out.",
      ),
  })
  .meta({ id: "RuleSet" })

const Changed = z.object({
  id: RuleId,
  version: z.int().min(0).describe("The version that is replaced; 0: there is none that can be read."),
  changes: z.array(
    z.object({
      path: z.string().describe("A JSON pointer into the rule."),
      from: z.unknown().optional().describe("Left out: it was not there."),
      to: z.unknown().optional().describe("Left out: it goes."),
    }),
  ),
})

export const ImportResult = z
  .object({
    applied: z.boolean().describe("Whether it was done; false: this is what it would do."),
    etag: z.string().describe("Of the whole set as it is now: what If-Match of an import must say."),
    added: z.array(RuleId),
    changed: z.array(Changed),
    removed: z.array(RuleId),
    unchanged: z.int().min(0).describe("How many rules stay as they are."),
  })
  .meta({ id: "ImportResult" })

export type ImportResult = z.infer<typeof ImportResult>

/** Of all that is stored: it differs whenever any rule was written since. */
export function setEtagOf(stored: readonly StoredRule[]): string {
  const versions = stored.map(({ id, version }) => `${id}@${version}`).sort((a, b) => (a < b ? -1 : 1))
  return `"${shortHash(versions.join(" "))}"`
}

export function exportOf(stored: readonly StoredRule[]): z.infer<typeof RuleSet> {
  return { rules: rulesInForce(stored).map(writtenOf) }
}

export type WantedRule = RuleInput & { id: string }

type Difference = Omit<ImportResult, "applied" | "etag"> & { writes: readonly Rule[] }

/** What has to be written for exactly these rules to be in force. What cannot be read and is not wanted is left alone. */
export function differenceOf(
  stored: readonly StoredRule[],
  wanted: readonly WantedRule[],
  now: number,
): Difference {
  const known = new Map<string, StoredRule>([...DEFAULT_RULES, ...stored].map((rule) => [rule.id, rule]))
  const inForce = new Map(rulesInForce(stored).map((rule) => [rule.id, rule]))
  const ids = new Set(wanted.map(({ id }) => id))
  const difference: Difference = { added: [], changed: [], removed: [], unchanged: 0, writes: [] }
  const writes: Rule[] = []
  for (const rule of wanted) {
    const current = known.get(rule.id) ?? null
    const before = current && isReadable(current) ? inForce.get(rule.id) : undefined
    const changes = before ? changesOf(writtenOf(before), rule) : []
    if (before && changes.length === 0) difference.unchanged++
    else writes.push(nextVersion({ body: rule, id: rule.id, known: current }, now))
    if (before && changes.length > 0)
      difference.changed.push({ id: rule.id, version: before.version, changes })
    else if (!before && current && !isReadable(current))
      difference.changed.push({ id: rule.id, version: 0, changes: changesOf({}, rule) })
    else if (!before) difference.added.push(rule.id)
  }
  for (const rule of inForce.values()) {
    const current = known.get(rule.id)
    if (ids.has(rule.id) || !current || !isReadable(current)) continue
    difference.removed.push(rule.id)
    writes.push(tombstoneOf(rule, isoOf(now)))
  }
  return { ...difference, writes }
}

/** Each member that differs, by its pointer; lists are compared whole. */
function changesOf(
  from: unknown,
  to: unknown,
  path: readonly string[] = [],
): ImportResult["changed"][number]["changes"] {
  if (isObject(from) && isObject(to)) {
    const names = [...new Set([...Object.keys(from), ...Object.keys(to)])]
    return names.flatMap((name) => changesOf(member(from, name), member(to, name), [...path, name]))
  }
  if (JSON.stringify(from) === JSON.stringify(to)) return []
  return [{ path: pointer(path), ...(from !== undefined && { from }), ...(to !== undefined && { to }) }]
}

function member(of: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(of, name) ? of[name] : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** What is wrong with the set as a whole. */
export function setErrors(wanted: readonly { id: string }[]): ProblemError[] {
  const seen = new Set<string>()
  return wanted.flatMap(({ id }, index) => {
    const isTwice = seen.has(id)
    seen.add(id)
    const path = `/rules/${index}/id`
    return isTwice ? [{ path, message: "is the id of a rule before it" }] : []
  })
}

function excessOf(stored: readonly StoredRule[], writes: readonly Rule[]): string | null {
  const after = [...new Map([...stored, ...writes].map((rule) => [rule.id, rule])).values()]
  if (rulesInForce(after).length > RULES_MAX) return `There may be ${RULES_MAX} rules at most.`
  if (after.length > RULE_IDS_MAX)
    return `${RULE_IDS_MAX} ids have been used; use those of rules that were deleted.`
  return costIssue(compileRules(rulesInForce(stored)), compileRules(rulesInForce(after)))
}

/** The difference, made if `apply` is what the caller saw: the set's ETag. Null: it is only shown. */
export async function importRules(
  world: World,
  store: Store,
  {
    wanted,
    apply,
    edit,
  }: { wanted: readonly WantedRule[]; apply: ((etag: string) => Problem | null) | null; edit: RuleEdit },
): Promise<{ ok: true; value: ImportResult } | { ok: false; problem: Problem }> {
  if (apply === null) {
    const stored = await store.readRules()
    const { writes, ...shown } = differenceOf(stored, wanted, world.now())
    const excess = excessOf(stored, writes)
    if (excess) return { ok: false, problem: problem(409, excess) }
    return { ok: true, value: { applied: false, etag: setEtagOf(stored), ...shown } }
  }
  const done = await inTurn(world, store, async (): Promise<ImportResult | Problem> => {
    const stored = await store.readRules()
    const now = world.now()
    const { writes, ...shown } = differenceOf(stored, wanted, now)
    const mismatch = apply(setEtagOf(stored))
    if (mismatch) return mismatch
    const excess = excessOf(stored, writes)
    if (excess) return problem(409, excess)
    if (writes.length > 0) await store.announceRules(now)
    for (const rule of writes) {
      if (!(await store.writeRule(rule, edit))) return problem(409, overtaken(rule.id))
    }
    if (writes.length > 0) await store.announceDue(now)
    return { applied: true, etag: setEtagOf(await store.readRules()), ...shown }
  })
  if (!done.ok) return done
  return "status" in done.value ? { ok: false, problem: done.value } : { ok: true, value: done.value }
}

function overtaken(id: string): string {
  return `Somebody else edited the rule ${id} at the same moment, and the rules after it are not imported. Send the import again without apply to see what is left.`
}
