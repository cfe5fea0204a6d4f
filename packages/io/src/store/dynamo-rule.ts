/** The rules that somebody wrote, on DynamoDB. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb"
import { Rule } from "@earshot/core/rule/rule"
import * as z from "zod"
import { type TeamItems, noneOrVersion } from "./dynamo-item.ts"
import type { Store } from "./store.ts"

/**
 * At most this many pages of rules, of a megabyte each. A thousand ids with the longest rules that the HTTP API takes,
 * counting the ids that deleted rules keep, fill 65 pages. A table with more was not written by Earshot.
 */
const RULE_PAGES_MAX = 100

const StoredRule = z.object({ body: z.string() })

export function ruleStore(
  items: TeamItems,
  tableName: string,
): Pick<Store, "readRules" | "readRule" | "writeRule"> {
  return {
    readRules: async () => {
      const rules: Rule[] = []
      let start: Record<string, AttributeValue> | undefined
      for (let page = 0; page < RULE_PAGES_MAX; page++) {
        const { Items = [], LastEvaluatedKey } = await items.query({
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
          ExpressionAttributeValues: marshall({ ":pk": items.pk, ":prefix": "RULE#" }),
          ConsistentRead: true,
          ExclusiveStartKey: start,
        })
        for (const item of Items) rules.push(ruleIn(unmarshall(item)))
        start = LastEvaluatedKey
        if (!start) return rules
      }
      throw new Error(`The table ${tableName} has more rules than Earshot writes.`)
    },

    readRule: async (id) => {
      const item = await items.read(`RULE#${id}`)
      return item && ruleIn(item)
    },

    writeRule: (rule) =>
      items.put(
        { sk: `RULE#${rule.id}`, version: rule.version, body: JSON.stringify(rule) },
        noneOrVersion(rule.version - 1),
      ),
  }
}

function ruleIn(item: Record<string, unknown>): Rule {
  return Rule.parse(JSON.parse(StoredRule.parse(item).body))
}
