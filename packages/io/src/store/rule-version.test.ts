/** Versions of rules on every store available here, and what holds only on DynamoDB: a crash at each step, and old items. */
import { GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb"
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb"
import { DAY } from "@earshot/core/instant"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import type { Rule } from "@earshot/core/rule/rule"
import { afterAll, describe, expect, test } from "vitest"
import { type World, realWorld } from "../world.ts"
import { clientOf, createStoreOn, startDynalite, startDynoxide } from "./dynamo-stand-in.ts"
import { createDynamoStore } from "./dynamo-store.ts"
import { createMemoryStore } from "./memory-store.ts"
import { ruleVersionContract } from "./rule-version.contract.ts"
import { createTable } from "./table.ts"

const world = realWorld(() => {})

const standIns = [await startDynalite(), await startDynoxide()].filter((standIn) => standIn !== null)

afterAll(async () => {
  await Promise.all(standIns.map((standIn) => standIn.stop()))
})

const [flagged] = DEFAULT_RULES
if (!flagged) throw new Error("There are default rules.")
const at = (version: number): Rule => ({ ...flagged, id: "own", version, name: `Name ${version}` })
const numbersOf = (versions: readonly { rule: { version: number } }[]) =>
  versions.map(({ rule }) => rule.version)

let tables = 0

describe("the store in memory", () => ruleVersionContract(async () => createMemoryStore()))

describe.each(standIns)("the store on $name", (standIn) => {
  ruleVersionContract(() => createStoreOn(world, standIn))

  /** A store whose process dies at the request after so many; each takes effect or not. */
  async function createMortal() {
    const tableName = `mortal-${tables++}`
    const whole = clientOf(world, standIn)
    await createTable(world, whole, tableName)
    const mortalWorld = (requests: number, hasEffect: boolean): World => {
      let left = requests
      return {
        ...world,
        fetch: async (...request) => {
          if (left-- > 0) return world.fetch(...request)
          if (hasEffect && left === -1) await world.fetch(...request)
          throw new Error("dead")
        },
      }
    }
    const openAs = (inner: World) =>
      createDynamoStore(inner, clientOf(inner, standIn), { tableName, team: "test" })
    return {
      store: openAs(world),
      mortal: (...how: [number, boolean]) => openAs(mortalWorld(...how)),
      whole,
      tableName,
    }
  }

  test("whoever dies at any step of an edit leaves nothing to repair: the edit is whole or was never made", async () => {
    const { store, mortal } = await createMortal()
    await store.writeRule(at(1), { by: "anna", note: null })
    let died = 0
    for (let requests = 0; ; requests++) {
      for (const hasEffect of [false, true]) {
        const before = (await store.readRule("own"))?.version ?? 0
        const dying = { ...at(before + 1), name: "dying" }
        const isDone = await mortal(requests, hasEffect)
          .writeRule(dying, { by: "dying", note: null })
          .catch(() => null)
        if (isDone === null) died++
        const after = (await store.readRule("own"))?.version ?? 0
        expect([before, before + 1]).toContain(after)
        const history = await store.ruleVersions("own", { max: 99 })
        expect(numbersOf(history)).toEqual(Array.from({ length: after }, (_, index) => after - index))
        expect(
          history.filter(({ by, rule }) => (by === "dying") !== ("name" in rule && rule.name === "dying")),
        ).toEqual([])
        // The next edit goes on from there, with the version that the dead one may have wanted.
        expect(await store.writeRule(at(after + 1), { by: "bob", note: null })).toBe(true)
        expect(await store.readRuleVersion("own", after + 1)).toEqual({
          rule: at(after + 1),
          by: "bob",
          note: null,
        })
        if (isDone) {
          // Read, copy, replace: it could die at each.
          expect(died).toBeGreaterThanOrEqual(6)
          return
        }
      }
    }
  })

  test("a rule of before there were versions is read, and is the first of them", async () => {
    const { store, whole, tableName } = await createMortal()
    const item = { pk: "TEAM#test", sk: "RULE#own", version: 4, writer: "x", body: JSON.stringify(at(4)) }
    await whole.send(new PutItemCommand({ TableName: tableName, Item: marshall(item) }))
    const old = { rule: at(4), by: null, note: null }
    expect(await store.readRule("own")).toEqual(at(4))
    expect(await store.readRuleVersion("own", 4)).toEqual(old)
    expect(await store.ruleVersions("own", { max: 9 })).toEqual([old])
    await store.writeRule(at(5), { by: "anna", note: "n" })
    expect(await store.readRuleVersion("own", 4)).toEqual(old)
    expect(numbersOf(await store.ruleVersions("own", { max: 9 }))).toEqual([5, 4])
    expect(await store.readRuleVersion("own", 3)).toBeNull()
  })

  test("an older Earshot reads a rule as ever: who wrote it stands beside the rule, and its versions are no rules", async () => {
    const { store, whole, tableName } = await createMortal()
    for (const version of [1, 2]) await store.writeRule(at(version), { by: "anna", note: "why" })
    const { Items = [] } = await whole.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues: marshall({ ":pk": "TEAM#test", ":prefix": "RULE#" }),
      }),
    )
    const items = Items.map((item) => unmarshall(item))
    expect(items.map(({ sk, body }) => [sk, JSON.parse(body)])).toEqual([["RULE#own", at(2)]])
  })

  test("a version that is pushed out goes after forty days, and the others stay", async () => {
    const { store, whole, tableName } = await createMortal()
    for (let version = 1; version <= 103; version++) await store.writeRule(at(version))
    const expiryOf = async (version: number) => {
      const Key = marshall({ pk: "TEAM#test", sk: `RULE-VERSION#own#v${String(version).padStart(10, "0")}` })
      const { Item } = await whole.send(new GetItemCommand({ TableName: tableName, Key }))
      return Item && unmarshall(Item)["expiresAt"]
    }
    const in40Days = (world.now() + 40 * DAY) / 1000
    expect(Math.abs((await expiryOf(2)) - in40Days)).toBeLessThan(60)
    expect(await expiryOf(3)).toBeUndefined()
  })

  test("a version that cannot be read hides no other", async () => {
    const { store, whole, tableName } = await createMortal()
    for (const version of [1, 2, 3]) await store.writeRule(at(version))
    const item = { pk: "TEAM#test", sk: "RULE-VERSION#own#v0000000002", version: 2, body: "{", by: 7 }
    await whole.send(new PutItemCommand({ TableName: tableName, Item: marshall(item) }))
    const damaged = { rule: { id: "own", version: 2, isReadable: false }, by: null, note: null }
    expect(await store.readRuleVersion("own", 2)).toEqual(damaged)
    expect(numbersOf(await store.ruleVersions("own", { max: 9 }))).toEqual([3, 2, 1])
  })
})
