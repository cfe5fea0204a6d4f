/** The store contract on every store available here, and what holds only for the store on DynamoDB. */
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb"
import fc from "fast-check"
import { EMPTY_WATCH } from "@earshot/core/watch/watch"
import { afterAll, describe, expect, test } from "vitest"
import { awsClientConfig } from "../aws.ts"
import { type World, realWorld } from "../world.ts"
import { clientOf, createStoreOn, meteredWorld, startDynalite, startDynoxide } from "./dynamo-stand-in.ts"
import { createDynamoStore } from "./dynamo-store.ts"
import { createMemoryStore } from "./memory-store.ts"
import { recordOf } from "./record.contract.ts"
import { storeContract } from "./store.contract.ts"
import { IndexUnfinished, TableMissing, createTable } from "./table.ts"

const world = realWorld(() => {})

const standIns = [await startDynalite(), await startDynoxide()].filter((standIn) => standIn !== null)

afterAll(async () => {
  await Promise.all(standIns.map((standIn) => standIn.stop()))
})

describe("the store in memory", () => {
  storeContract(async () => createMemoryStore())

  test("a stored value cannot be changed, nor any part that a later record shares with it", async () => {
    const store = createMemoryStore()
    const first = recordOf("call-1", [])
    await store.writeCall(first, 0)
    const { facts } = first
    await store.writeCall({ ...first, facts: { ...facts, call: { ...facts.call, summary: "later" } } }, 1)
    const kept = (await store.readCall("call-1"))?.value
    for (const record of [first, kept]) expect(thawed(record)).toEqual([])
  })
})

/** The paths at which something can still be changed. */
function thawed(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return []
  const parts = Object.entries(value).flatMap(([name, part]) => thawed(part, `${path}.${name}`))
  return Object.isFrozen(value) ? parts : [path, ...parts]
}

describe.each(standIns)("the store on $name", (standIn) => {
  storeContract(() => createStoreOn(world, standIn))

  test("the SDK retries a write whose answer is lost, and the write counts once", async () => {
    const lossy = losingWorld(world)
    const store = await createStoreOn(lossy.world, standIn)
    await store.acquire({ now: 1000, gateMs: 0, since: 0 })

    lossy.loseNext()
    expect(await store.writeCall(recordOf("call-1", []), 0)).toBe(true)
    expect((await store.readCall("call-1"))?.version).toBe(1)
    lossy.loseNext()
    expect(await store.changeControl(1, { pending: 7 })).toBe(true)
    lossy.loseNext()
    const { control } = await store.acquire({ now: 2000, gateMs: 19_000, since: 0 })
    // The retry finds the gate that the first try closed. So there is no poll now; the next trigger makes one.
    expect(control).toMatchObject({ fence: 2, nextPollAt: 21_000, pending: 7 })
    lossy.loseNext()
    expect(await store.writeWatch({ ...EMPTY_WATCH, version: 1, rulesKey: "mine" })).toBe(true)
    expect(await store.writeWatch({ ...EMPTY_WATCH, version: 1, rulesKey: "another's" })).toBe(false)
    expect(lossy.lost).toBe(4)
  })

  test("the error about a missing table names it and says what to do", async () => {
    const store = createDynamoStore(world, clientOf(world, standIn), { tableName: "nowhere", team: "test" })
    const attempt = store.acquire({ now: 1, gateMs: 1, since: 0 })
    await expect(attempt).rejects.toThrow(TableMissing)
    await expect(attempt).rejects.toThrow(/The table nowhere does not exist\..*--create-table/)
  })

  test("two processes that make the table at once both end up with it", async () => {
    const client = clientOf(world, standIn)
    const made = await Promise.all([createTable(world, client, "both"), createTable(world, client, "both")])
    expect(made).toContain(true)
    expect(await createTable(world, client, "both")).toBe(false)
  })

  test("a poll that finds nothing costs one write unit, however full the hour's counters are", async () => {
    const metered = meteredWorld(world)
    const store = await createStoreOn(metered.world, standIn)
    await store.acquire({ now: 1, gateMs: 0, since: 1_700_000_000_000 })
    const counts = Array.from({ length: 62 }, () => 99)
    await store.announceRules(1_700_000_000_000)
    await store.changeControl(1, {
      watermark: 1_700_000_000_000,
      resumeAt: 1_700_000_000_000,
      watchVersion: 1_000_000,
      dueAt: 1_700_000_000_000,
      pending: 1_000,
      unexaminedAt: 1_700_000_000_000,
      listBlockedUntil: 1_700_000_000_000,
      detailBlockedUntil: 1_700_000_000_000,
      ring: { minute: 28_333_333, fence: 10_000_000, list: counts, detail: counts },
      failure: {
        kind: "unauthorized",
        message: "x".repeat(160),
        since: 1_700_000_000_000,
        at: 1_700_000_000_000,
      },
    })
    const before = { ...metered.meter }
    const at = 1_700_000_000_000
    const acquired = await store.acquire({ now: at, gateMs: 19_000, since: 0, completedAt: at })
    expect(acquired.kind).toBe("acquired")
    expect(metered.meter.requests - before.requests).toBe(1)
    expect(metered.meter.writeUnits - before.writeUnits).toBe(1)
  })
})

describe("an index that a deploy has just added", () => {
  const asked = { from: 0, to: 1, max: 1 }

  test.each([
    "Cannot read from backfilling global secondary index: alerts",
    "The table does not have the specified index: alerts",
  ])("and of which AWS says %j is an error that says when to try again", async (message) => {
    const client = new DynamoDBClient({
      region: "us-east-1",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      ...awsClientConfig(
        { ...world, fetch: async () => refusal(message) },
        { timeoutMs: 1000, attemptsMax: 1 },
      ),
    })
    const store = createDynamoStore(world, client, { tableName: "t", team: "test" })
    await expect(store.alertedCalls(asked)).rejects.toThrow(IndexUnfinished)
    await expect(store.alertedCalls(asked)).rejects.toThrow(
      /still building an index of the table t,.*five minutes/,
    )
  })

  test.each(standIns)(
    "is told from other trouble by what $name says of one that is not there",
    async (standIn) => {
      const client = clientOf(world, standIn)
      await client.send(
        new CreateTableCommand({
          TableName: "before-alerts",
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [
            { AttributeName: "pk", AttributeType: "S" },
            { AttributeName: "sk", AttributeType: "S" },
          ],
          KeySchema: [
            { AttributeName: "pk", KeyType: "HASH" },
            { AttributeName: "sk", KeyType: "RANGE" },
          ],
        }),
      )
      // It waits until the table is ready.
      await createTable(world, client, "before-alerts")
      const store = createDynamoStore(world, client, { tableName: "before-alerts", team: "test" })
      await expect(store.alertedCalls(asked)).rejects.toThrow(IndexUnfinished)
      expect(await store.readRules()).toEqual([])
    },
  )
})

function refusal(message: string): Response {
  const body = { __type: "com.amazon.coral.validate#ValidationException", message }
  return Response.json(body, { status: 400, headers: { "content-type": "application/x-amz-json-1.0" } })
}

test("a team sees nothing of another team's", async () => {
  const [standIn] = standIns
  if (!standIn) throw new Error("dynalite runs everywhere.")
  const client = clientOf(world, standIn)
  await createTable(world, client, "shared")
  await fc.assert(
    fc.asyncProperty(fc.uuid(), async (callId) => {
      const a = createDynamoStore(world, client, { tableName: "shared", team: `a-${callId}` })
      const b = createDynamoStore(world, client, { tableName: "shared", team: `b-${callId}` })
      await a.writeCall(recordOf(callId, [dueNow]), 0)
      await a.acquire({ now: 5, gateMs: 0, since: 0 })
      expect([await b.readCall(callId), await b.readControl(), await b.dueCalls(5)]).toEqual([null, null, []])
      expect(await a.dueCalls(5)).toHaveLength(1)
    }),
    { numRuns: 5 },
  )
})

const dueNow = { channel: "slack", attempts: 0, owedAt: 1, mayRepeat: false, state: "due", dueAt: 1 } as const

/** A world that, after `loseNext`, loses the answer to the next request to DynamoDB. The request still has its effect. */
function losingWorld(inner: World): { world: World; loseNext: () => void; lost: number } {
  let isLosing = false
  const state = {
    lost: 0,
    loseNext: () => {
      isLosing = true
    },
    world: {
      ...inner,
      fetch: async (...request: Parameters<World["fetch"]>) => {
        const response = await inner.fetch(...request)
        if (!isLosing) return response
        isLosing = false
        state.lost++
        await response.arrayBuffer()
        throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })
      },
    },
  }
  return state
}
