/** What is stored may be damaged, or written by a newer version: that hides nothing else, and can be written over. */
import { PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb"
import { marshall } from "@aws-sdk/util-dynamodb"
import { EMPTY_WATCH } from "@earshot/core/watch/watch"
import { unedited } from "@earshot/core/channel/settings"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { NO_INCIDENTS } from "@earshot/core/turn/incident"
import { afterAll, describe, expect, test } from "vitest"
import { type LogEntry, realWorld } from "../world.ts"
import { clientOf, startDynalite, startDynoxide } from "./dynamo-stand-in.ts"
import { createDynamoStore } from "./dynamo-store.ts"
import { recordOf } from "./record.contract.ts"
import { createTable } from "./table.ts"

const standIns = [await startDynalite(), await startDynoxide()].filter((standIn) => standIn !== null)

afterAll(async () => {
  await Promise.all(standIns.map((standIn) => standIn.stop()))
})

let tables = 0

describe.each(standIns)("on $name", (standIn) => {
  const logs: LogEntry[] = []
  const world = { ...realWorld(() => {}), log: (entry: LogEntry) => void logs.push(entry) }
  const client = clientOf(world, standIn)

  async function createDamaged(items: Record<string, unknown>[]) {
    const TableName = `damaged-${tables++}`
    await createTable(world, client, TableName)
    const damage = async (item: Record<string, unknown>) => {
      const Item = marshall({ pk: "TEAM#test", ...item })
      await client.send(new PutItemCommand({ TableName, Item }))
    }
    for (const item of items) await damage(item)
    return {
      store: createDynamoStore(world, client, { tableName: TableName, team: "test" }),
      damage,
      TableName,
    }
  }

  const [flagged] = DEFAULT_RULES
  if (!flagged) throw new Error("There are default rules.")
  const whole = { ...flagged, id: "whole", version: 1 }

  test.each([
    ["text that is no JSON", { version: 3, body: "{" }, 3],
    ["no body", { version: 3 }, 3],
    [
      "a key that a newer version may know",
      { version: 3, body: JSON.stringify({ ...whole, id: "odd", version: 3, schedule: "nights" }) },
      3,
    ],
    ["another rule's body", { version: 3, body: JSON.stringify(whole) }, 3],
    ["no version", { body: JSON.stringify({ ...whole, id: "odd" }) }, 0],
    ["a version that is a text", { version: "three", body: JSON.stringify({ ...whole, id: "odd" }) }, 0],
  ])("a rule with %s hides no other, and is replaced", async (_what, item, version) => {
    const { store } = await createDamaged([
      { sk: "RULE#odd", ...item },
      { sk: "RULE#whole", version: 1, body: JSON.stringify(whole) },
    ])
    expect(await store.readRules()).toEqual([{ id: "odd", version, isReadable: false }, whole])
    expect(await store.readRule("odd")).toEqual({ id: "odd", version, isReadable: false })
    const next = { ...whole, id: "odd", version: version === 0 ? 1_000_000 : version + 1 }
    expect(await store.writeRule(next)).toBe(true)
    expect(await store.readRule("odd")).toEqual(next)
    expect(await store.writeRule(next)).toBe(false)
  })

  test.each([
    ["text that is no watch", { version: 7, rulesKey: "a", known: "nonsense" }, 7],
    ["another format", { version: 7, calls2: [] }, 7],
    ["nothing that can be read", { version: "x" }, 0],
  ])("a watch of %s is empty and says so, and the next write replaces it", async (_what, item, version) => {
    const { store } = await createDamaged([{ sk: "WATCH", ...item }])
    expect(await store.readWatch()).toEqual({ ...EMPTY_WATCH, version, isDamaged: true })
    const next = { ...EMPTY_WATCH, version: version + 1, rulesKey: "b" }
    expect(await store.writeWatch({ ...next, version: version + 2 })).toBe(false)
    const { store: other } = await createDamaged([{ sk: "WATCH", ...item }])
    expect(await other.writeWatch(next)).toBe(true)
    expect(await other.readWatch()).toEqual(next)
  })

  test.each([
    ["text that is no JSON", { version: 2, writer: "w", body: "nonsense" }],
    [
      "fields of other types",
      { version: 2, writer: "w", body: JSON.stringify({ ...recordOf("call", []), deliveries: {} }) },
    ],
    ["another call's body", { version: 2, writer: "w", body: JSON.stringify(recordOf("another", [])) }],
    ["no version", { body: JSON.stringify(recordOf("call", [])) }],
  ])("a record of %s is none, is left alone, and is told of once", async (_what, item) => {
    const due = { duePk: "DUE#test", dueAt: 5, pending: "many" }
    const { store } = await createDamaged([{ sk: "CALL#call", ...item, ...due }])
    logs.length = 0
    expect([await store.readCall("call"), await store.readCall("call")]).toEqual([null, null])
    expect(await store.writeCall(recordOf("call", []), 0)).toBe(false)
    expect(await store.dueCalls(5)).toEqual([{ callId: "call", dueAt: 5, pending: 1 }])
    expect(logs).toEqual([{ level: "error", event: "record.unreadable", callId: "call" }])
    expect([store.takeUnreadable(), store.takeUnreadable()]).toEqual([["call"], []])
  })

  test("the calls of a caller that cannot be read are begun anew", async () => {
    const call = { key: "a", at: Date.UTC(2026, 0, 5) }
    for (const calls of ["text", ["1 list"], new Set([1, 2])]) {
      const { store } = await createDamaged([{ sk: "PARTY#x", calls }])
      expect(await store.notePartyCalls("x", [call], call.at)).toEqual([call])
      expect(await store.notePartyCalls("x", [{ ...call, key: "b" }], call.at)).toHaveLength(2)
    }
    const { store } = await createDamaged([{ sk: "PARTY#x", calls: new Set(["nonsense", "1e9 a"]) }])
    expect(await store.notePartyCalls("x", [call], call.at)).toEqual([call])
  })

  test("incidents that cannot be read are none, and the next write replaces them", async () => {
    for (const item of [{ version: 4, body: "{" }, { version: 4, body: "[]" }, { body: 1 }]) {
      const { store } = await createDamaged([{ sk: "HEALTH", ...item }])
      const read = await store.readIncidents()
      expect(read).toEqual({ ...NO_INCIDENTS, version: item.version ?? 0 })
      expect(await store.writeIncidents({ ...read, version: read.version + 1, watchRebuiltAt: 5 })).toBe(true)
      expect(await store.readIncidents()).toMatchObject({ watchRebuiltAt: 5 })
    }
  })

  test("whatever of the poller's state is damaged, polls begin, and no call of long ago is alerted to", async () => {
    const { store, TableName } = await createDamaged([])
    const now = Date.UTC(2026, 0, 5)
    await store.acquire({ now, gateMs: 0, since: now - 1000 })
    await store.changeControl(1, {
      watermark: now,
      leaseUntil: 0,
      pending: 3,
      ring: { minute: 1, fence: 1, list: [1], detail: [] },
    })
    const { Attributes = {} } = await client.send(
      new UpdateItemCommand({
        TableName,
        Key: marshall({ pk: "TEAM#test", sk: "CONTROL" }),
        UpdateExpression: "SET pending = pending",
        ReturnValues: "ALL_NEW",
      }),
    )
    for (const name of Object.keys(Attributes).filter((key) => key !== "pk" && key !== "sk")) {
      for (const value of [{ S: "damaged" }, { M: {} }, { BOOL: true }]) {
        await client.send(new PutItemCommand({ TableName, Item: { ...Attributes, [name]: value } }))
        const acquired = await store.acquire({ now: now + 60_000, gateMs: 0, since: now })
        expect(acquired.kind, name).toBe("acquired")
        expect(acquired.control.since, name).toBeGreaterThan(now - 8 * 86_400_000)
        expect(await store.changeControl(acquired.control.fence, { pending: 5 }), name).toBe(true)
      }
    }
  })

  const crm = { ...unedited("slack", "full"), id: "crm" }

  test.each([
    ["text that is no JSON", { version: 3, body: "{" }, 3],
    [
      "a kind that a newer version may know",
      { version: 3, body: JSON.stringify({ ...crm, kind: "pager" }) },
      3,
    ],
    ["another channel's body", { version: 1, body: JSON.stringify(crm) }, 1],
    ["a zone that is none", { version: 3, body: JSON.stringify({ ...crm, timeZone: "Mars" }) }, 3],
    ["no version", { body: JSON.stringify({ ...crm, id: "odd" }) }, 0],
  ])("a channel with %s hides no other, and is replaced", async (_what, item, version) => {
    const { store } = await createDamaged([
      { sk: "CHANNEL#odd", ...item },
      { sk: "CHANNEL#crm", version: 1, body: JSON.stringify(crm) },
    ])
    const odd = { id: "odd", version, isReadable: false }
    expect(await store.readChannels()).toEqual([crm, odd])
    expect(await store.readChannel("odd")).toEqual(odd)
    const next = { ...crm, id: "odd", version: version === 0 ? 1_000_000 : version + 1 }
    expect(await store.writeChannel(next)).toBe(true)
    expect(await store.readChannel("odd")).toEqual(next)
  })

  test("a channel of an older version has defaults for what that did not know", async () => {
    const { id, kind, name, version, updatedAt } = crm
    const body = JSON.stringify({ id, kind, name, version, updatedAt })
    const { store } = await createDamaged([{ sk: "CHANNEL#crm", version: 1, body }])
    expect(await store.readChannel("crm")).toEqual({ ...crm, privacy: "standard" })
  })

  test("a rule's write whose answer is lost is known for one's own, and another's is not", async () => {
    const { TableName } = await createDamaged([])
    let isLosing = false
    const lossy = {
      ...world,
      fetch: async (...request: Parameters<typeof world.fetch>) => {
        const response = await world.fetch(...request)
        if (!isLosing) return response
        isLosing = false
        await response.arrayBuffer()
        throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })
      },
    }
    const store = createDynamoStore(lossy, clientOf(lossy, standIn), { tableName: TableName, team: "test" })
    for (const rule of [whole, { ...whole, version: 2 }, { ...whole, version: 3, isDeleted: true }]) {
      isLosing = true
      expect(await store.writeRule(rule)).toBe(true)
      expect(await store.writeRule(rule)).toBe(false)
    }
    isLosing = true
    expect(await store.acquire({ now: 1000, gateMs: 19_000, since: 0 })).toMatchObject({
      kind: "acquired",
      control: { fence: 1 },
    })
    expect(await store.acquire({ now: 1000, gateMs: 19_000, since: 0 })).toMatchObject({ kind: "refused" })
    const known = await store.readControl()
    isLosing = true
    expect(known && (await store.beginLook(known, { now: 1000, change: { pending: 1 } }))).toMatchObject({
      fence: 2,
      pending: 1,
    })
    expect(known && (await store.beginLook(known, { now: 1000, change: { pending: 2 } }))).toBeNull()
  })
})
