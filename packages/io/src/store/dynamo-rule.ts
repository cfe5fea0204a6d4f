/** The rules that somebody wrote, on DynamoDB. One that cannot be read hides no other. */
import { Rule, type StoredRule } from "@earshot/core/rule/rule"
import * as z from "zod"
import type { World } from "../world.ts"
import { type TeamItems, jsonIn, noneOrVersion, readAll, versionIn, writerMark } from "./dynamo-item.ts"
import type { Store } from "./store.ts"

/**
 * At most this many pages of rules, of a megabyte each. A thousand ids with the longest rules that the HTTP API takes,
 * counting the ids that deleted rules keep, fill 65 pages. A table with more was not written by Earshot.
 */
const RULE_PAGES_MAX = 100

const RULE_PREFIX = "RULE#"

export function ruleStore(
  items: TeamItems,
  world: World,
): Pick<Store, "readRules" | "readRule" | "writeRule"> {
  return {
    readRules: async () =>
      (await readAll(items, { prefix: RULE_PREFIX, pagesMax: RULE_PAGES_MAX })).map(ruleIn),

    readRule: async (id) => {
      const item = await items.read(`${RULE_PREFIX}${id}`)
      return item && ruleIn(item)
    },

    writeRule: async (rule) => {
      const sk = `${RULE_PREFIX}${rule.id}`
      const writer = writerMark(world)
      const item = { sk, version: rule.version, writer, body: JSON.stringify(rule) }
      if (await items.put(item, noneOrVersion(rule.version - 1))) return true
      // The SDK repeats a write whose answer was lost, and the repeat finds the version that the first try wrote.
      return (await items.read(sk))?.["writer"] === writer
    },
  }
}

const Keyed = z.object({ sk: z.string().startsWith(RULE_PREFIX) })

/** The item's own version is what a write is held against, so a rule that names another is as good as damaged. */
function ruleIn(item: Record<string, unknown>): StoredRule {
  const id = Keyed.parse(item).sk.slice(RULE_PREFIX.length)
  const version = versionIn(item)
  const rule = Rule.safeParse(jsonIn(item))
  if (rule.success && rule.data.id === id && rule.data.version === version) return rule.data
  return { id, version, isReadable: false }
}
