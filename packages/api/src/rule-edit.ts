/** What adding, replacing or deleting a rule does to the store, and which id a rule without one gets. */
import { type Instant, isoOf } from "@earshot/core/instant"
import { DEFAULT_RULES, rulesInForce, tombstoneOf } from "@earshot/core/rule/default-rule"
import { costIssue } from "@earshot/core/rule/cost"
import {
  RULES_MAX,
  RULE_IDS_MAX,
  type Rule,
  type RuleInput,
  type StoredRule,
  compileRules,
  isGone,
  isReadable,
  versionAfter,
} from "@earshot/core/rule/rule"
import type { RuleEdit, Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { inTurn } from "./edit-turn.ts"
import { type Problem, problem } from "./problem.ts"
import { RESERVED_IDS, numberedId, slugOf } from "./rule-id.ts"

export type Saved =
  | { kind: "saved"; rule: Rule; isNew: boolean }
  | { kind: "refused"; problem: Problem }
  /** Somebody else wrote a rule of this id between our reading and our writing. */
  | { kind: "overtaken"; id: string }

/** Somebody else took the id that a name was about to get: look for the next one this often. */
const ID_ATTEMPTS_MAX = 10

/** Adds a rule under an id made of its name: a number is added to one that another name has. */
export async function addNamed(
  world: World,
  store: Store,
  body: Omit<RuleInput, "id">,
  { edit, existing }: { edit: RuleEdit; existing: (id: string) => Problem },
): Promise<Saved> {
  const slug = await slugOf(body.name)
  let saved: Saved = { kind: "overtaken", id: slug }
  for (let attempt = 0; attempt < ID_ATTEMPTS_MAX && saved.kind === "overtaken"; attempt++) {
    const place = await freePlace(store, slug, body.name)
    // The same name again is the same request again, whose first answer may have been lost.
    if (place.isSameName) return { kind: "refused", problem: existing(place.id) }
    saved = await save(world, store, { body, edit, ...place })
  }
  return saved
}

type Place = { id: string; known: StoredRule | null; isSameName: boolean }

/** The first id of this slug that no rule in force has, or that a rule of this very name has. */
async function freePlace(store: Store, slug: string, name: string): Promise<Place> {
  const stored: readonly StoredRule[] = [...DEFAULT_RULES, ...(await store.readRules())]
  const rules = new Map(stored.map((rule) => [rule.id, rule]))
  // Ends, because each number that is passed over is a rule in force or reserved, of which there are only so many.
  for (let number = 1; ; number++) {
    const id = numberedId(slug, number)
    const known = rules.get(id) ?? null
    if ((!known || isGone(known)) && !RESERVED_IDS.has(id)) return { id, known, isSameName: false }
    if (known && isReadable(known) && known.name === name) return { id, known, isSameName: true }
  }
}

type Change = { body: RuleInput; id: string; known: StoredRule | null; edit: RuleEdit }

/** Writes the next version of a rule. `known` is what was read: the rule, its tombstone, or nothing. */
export async function save(world: World, store: Store, change: Change): Promise<Saved> {
  const done = await inTurn(world, store, () => saveAlone(world, store, change))
  return done.ok ? done.value : { kind: "refused", problem: done.problem }
}

async function saveAlone(world: World, store: Store, change: Change): Promise<Saved> {
  const stored = await store.readRules()
  const now = world.now()
  const rule = nextVersion(change, now)
  const { id, known } = change
  const isNew = !known || isGone(known)
  const excess = (isNew && excessOf(stored, known)) || excessCostOf(stored, rule)
  if (excess) return { kind: "refused", problem: problem(409, excess) }
  await store.announceRules(now)
  return (await store.writeRule(rule, change.edit))
    ? { kind: "saved", rule, isNew }
    : { kind: "overtaken", id }
}

/** The rule as it will be stored. A snooze of the one that it replaces goes on. */
export function nextVersion({ body, id, known }: Omit<Change, "edit">, now: Instant): Rule {
  const snoozedUntil = known && isReadable(known) && !isGone(known) ? known.snoozedUntil : undefined
  return {
    ...body,
    id,
    version: versionAfter(known),
    updatedAt: isoOf(now),
    ...(snoozedUntil && { snoozedUntil }),
    isDeleted: false,
  }
}

/** False if somebody else wrote it since it was read. */
export async function deleteRule(
  world: World,
  store: Store,
  { known, edit }: { known: StoredRule; edit: RuleEdit },
): Promise<{ ok: true; value: boolean } | { ok: false; problem: Problem }> {
  return inTurn(world, store, async () => {
    const now = world.now()
    await store.announceRules(now)
    if (!(await store.writeRule(tombstoneOf(known, isoOf(now)), edit))) return false
    // What a snooze of it holds may go.
    await store.announceDue(now)
    return true
  })
}

/** Writes the rule as it is with another snooze; null ends it. */
export async function snoozeRule(
  world: World,
  store: Store,
  { known, until, edit }: { known: Rule; until: Instant | null; edit: RuleEdit },
): Promise<Saved> {
  const done = await inTurn(world, store, async (): Promise<Saved> => {
    const now = world.now()
    const snoozedUntil = until === null ? null : isoOf(until)
    const rule: Rule = { ...known, version: known.version + 1, updatedAt: isoOf(now), snoozedUntil }
    await store.announceRules(now)
    if (!(await store.writeRule(rule, edit))) return { kind: "overtaken", id: known.id }
    await store.announceDue(now)
    return { kind: "saved", rule, isNew: false }
  })
  return done.ok ? done.value : { kind: "refused", problem: done.problem }
}

/** What keeps a rule from being added. One that was deleted takes no new id. */
function excessOf(stored: readonly StoredRule[], deleted: StoredRule | null): string | null {
  if (rulesInForce(stored).length >= RULES_MAX) {
    return `There are ${RULES_MAX} rules already; delete one first.`
  }
  if (deleted || stored.length < RULE_IDS_MAX) return null
  return `${RULE_IDS_MAX} ids have been used already; use the id of a rule that was deleted.`
}

/** What keeps a rule from being saved beside the others: all of them together have to be judged in time. */
function excessCostOf(stored: readonly StoredRule[], rule: Rule): string | null {
  const [before, after] = [stored, [...stored, rule]].map((rules) => compileRules(rulesInForce(rules)))
  return costIssue(before ?? [], after ?? [])
}

export function existsAlready(id: string): Problem {
  const advice = `PUT /rules/${id} replaces it; choose another id to add one.`
  return problem(409, `There is already a rule ${id}: ${advice}`)
}
