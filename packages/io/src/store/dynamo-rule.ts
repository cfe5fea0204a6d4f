/**
 * The rules that somebody wrote, on DynamoDB, and their earlier versions. One that cannot be read hides no other.
 *
 * RULE#<id> holds the current version alone, so the poller reads no history. A version is copied to an item of its own before
 * it is replaced. A version has one content for ever, so the copy may be made again: whoever dies between the copy and the
 * replacement leaves nothing to repair, and of two who replace the same version both make the same copy.
 */
import { DAY } from "@earshot/core/instant"
import { Rule, type StoredRule } from "@earshot/core/rule/rule"
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb"
import * as z from "zod"
import type { World } from "../world.ts"
import {
  type TeamItems,
  jsonIn,
  noneOrVersion,
  readAll,
  setAll,
  versionIn,
  versionIs,
  writerMark,
} from "./dynamo-item.ts"
import { RULE_VERSIONS_KEPT, type EditedRule, type Store } from "./store.ts"

/**
 * At most this many pages of rules, of a megabyte each. A thousand ids with the longest rules that the HTTP API takes,
 * counting the ids that deleted rules keep, fill 65 pages. A table with more was not written by Earshot.
 */
const RULE_PAGES_MAX = 100

const RULE_PREFIX = "RULE#"

/** Does not begin as the rules do: whoever reads all rules, a poller of an older version too, must not find old versions. */
const VERSION_PREFIX = "RULE-VERSION#"

/** Longer than the records of calls are kept, which name versions of rules. */
const PUSHED_OUT_MS = 40 * DAY

export function ruleStore(
  items: TeamItems,
  world: World,
): Pick<Store, "readRules" | "readRule" | "writeRule" | "readRuleVersion" | "ruleVersions"> {
  return {
    readRules: async () =>
      (await readAll(items, { prefix: RULE_PREFIX, pagesMax: RULE_PAGES_MAX })).map(
        (item) => versionOf(item).rule,
      ),

    readRule: async (id) => {
      const item = await items.read(`${RULE_PREFIX}${id}`)
      return item && versionOf(item).rule
    },

    writeRule: async (rule, edit = { by: null, note: null }) => {
      const sk = `${RULE_PREFIX}${rule.id}`
      const writer = writerMark(world)
      const known = await items.read(sk)
      if (known && versionIn(known) === rule.version - 1) await keepVersion(items, world, known)
      const item = { sk, version: rule.version, writer, body: JSON.stringify(rule), ...edit }
      if (await items.put(item, noneOrVersion(rule.version - 1))) return true
      // The SDK repeats a write whose answer was lost, and the repeat finds the version that the first try wrote.
      return (await items.read(sk))?.["writer"] === writer
    },

    readRuleVersion: async (id, version) => {
      const kept = await items.read(versionKey(id, version))
      if (kept) return versionOf(kept)
      // A version that is replaced between the two reads had its copy before: look again.
      const current = await items.read(`${RULE_PREFIX}${id}`)
      if (current && versionIn(current) === version) return versionOf(current)
      const copied = await items.read(versionKey(id, version))
      return copied && versionOf(copied)
    },

    ruleVersions: (id, options) => listVersions(items, id, options),
  }
}

/** Enough digits for any version, so that keys sort as numbers do. */
function versionKey(id: string, version: number): string {
  return `${VERSION_PREFIX}${id}#v${String(version).padStart(10, "0")}`
}

/** Copies what is about to be replaced, and lets the version go that this pushes out. */
async function keepVersion(items: TeamItems, world: World, known: Record<string, unknown>): Promise<void> {
  const id = idIn(known)
  const version = versionIn(known)
  await items.put({ ...known, sk: versionKey(id, version) }, versionIs(0))
  if (version <= RULE_VERSIONS_KEPT) return
  const expiresAt = Math.ceil((world.now() + PUSHED_OUT_MS) / 1000)
  await items.update(versionKey(id, version - RULE_VERSIONS_KEPT), {
    ...setAll({ expiresAt }, { names: ["pk"], values: {} }),
    ConditionExpression: "attribute_exists(#pk)",
  })
}

async function listVersions(
  items: TeamItems,
  id: string,
  { before = Number.MAX_SAFE_INTEGER, max }: { before?: number; max: number },
): Promise<EditedRule[]> {
  const current = await items.read(`${RULE_PREFIX}${id}`)
  const found: EditedRule[] = []
  if (current && versionIn(current) > 0 && versionIn(current) < before) found.push(versionOf(current))
  // A copy of the current version is there if somebody has begun to replace it.
  let upTo = Math.min(before, current && versionIn(current) > 0 ? versionIn(current) : before)
  while (found.length < max && upTo > 1) {
    const { Items = [], LastEvaluatedKey } = await items.query({
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: marshall({
        ":pk": items.pk,
        ":from": versionKey(id, 0),
        ":to": versionKey(id, Math.min(upTo - 1, 9_999_999_999)),
      }),
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: max - found.length,
    })
    const read = Items.map((item) => versionOf(unmarshall(item)))
    found.push(...read)
    const last = read.at(-1)
    if (!last || !LastEvaluatedKey) break
    upTo = last.rule.version
  }
  return found.slice(0, max)
}

const Keyed = z.object({ sk: z.string() })

/** The id of a rule is lower-case letters, digits and hyphens, so a `#` ends it. */
function idIn(item: Record<string, unknown>): string {
  return Keyed.parse(item).sk.split("#")[1] ?? ""
}

const Signed = z.object({
  by: z.string().nullable().catch(null),
  note: z.string().nullable().catch(null),
})

/**
 * The item's own version is what a write is held against, so a rule that names another is as good as damaged. Who wrote it
 * stands beside the rule and not in it: an older Earshot takes a rule with a key that it does not know for damaged.
 */
function versionOf(item: Record<string, unknown>): EditedRule {
  const id = idIn(item)
  const version = versionIn(item)
  const read = Rule.safeParse(jsonIn(item))
  const isWhole = read.success && read.data.id === id && read.data.version === version
  const rule: StoredRule = isWhole ? read.data : { id, version, isReadable: false }
  return { rule, ...Signed.parse(item) }
}
