/** What was decided hours or days ago is read again: a flag that comes late is told, and nothing else is. */
import { NO_REVIEW } from "@earshot/core/list/review"
import type { Rule } from "@earshot/core/rule/rule"
import { describe, expect, test } from "vitest"
import { createMemory } from "./memory/memory.ts"
import { TRANSFER, type TestWorld, addressOf, callAt, createTestWorld } from "./test-world.ts"
import { dieAt } from "./test-death.ts"

const MINUTE = 60_000

const HOUR = 60 * MINUTE

const DAY = 24 * HOUR

/** A call every four minutes before the start, so that the last eighty of them are of the last five hours. */
async function oldWorld(
  calls: number,
  options: Parameters<typeof createTestWorld>[0] = {},
): Promise<TestWorld> {
  const test = createTestWorld({ lookbackMs: 8 * DAY, ...options })
  for (let call = 0; call < calls; call++) test.book.add(callAt(`call-${call}`, (call + 2) * 4 * MINUTE))
  return test
}

/** Polls every three minutes, as often as it takes. */
async function pollFor(test: TestWorld, milliseconds: number): Promise<void> {
  const until = test.world.now() + milliseconds
  while (test.world.now() < until) await test.pollAfter(3 * MINUTE)
}

/** So that no rule needs a detail. */
async function withoutDetails(test: TestWorld): Promise<void> {
  for (const id of ["angry-caller", "transferred"])
    await test.store.writeRule(rule(id, { flagged: true }, { version: 2, mode: "off" }))
}

/** Every call is known, and its record tells all. */
async function settledWorld(calls = 250): Promise<TestWorld> {
  const test = await oldWorld(calls)
  // There are details for so many calls in two hours.
  if (calls > 400) await withoutDetails(test)
  await pollFor(test, 2 * HOUR)
  expect(test.told()).toEqual([])
  expect((await test.store.readCall(`call-${calls - 1}`))?.value.isOpen).toBe(false)
  return test
}

/** A poll has no time for more than some twenty records. */
function writeSlowly(test: TestWorld): void {
  const { store } = test
  test.store = {
    ...store,
    writeCall: (record, expected) => {
      test.advance(1500)
      return store.writeCall(record, expected)
    },
  }
}

/** How often the record of each call is read from now on. */
function readsOf(test: TestWorld): Map<string, number> {
  const reads = new Map<string, number>()
  const { store } = test
  test.store = {
    ...store,
    readCalls: (ids) => {
      for (const id of ids) reads.set(id, (reads.get(id) ?? 0) + 1)
      return store.readCalls(ids)
    },
    readCall: (id) => {
      reads.set(id, (reads.get(id) ?? 0) + 1)
      return store.readCall(id)
    },
  }
  return reads
}

const rule = (id: string, when: Record<string, unknown>, changes: Partial<Rule> = {}): Rule => ({
  id,
  version: 1,
  updatedAt: null,
  isDeleted: false,
  name: id,
  mode: "live",
  severity: "info",
  when,
  settle: "PT30M",
  ...changes,
})

describe("a call from long before the window", () => {
  test.each([
    ["hours", 200, 2 * HOUR],
    ["days", 1500, 14 * HOUR],
  ])("that is flagged %s later is told once, by each channel", async (_, calls, withinMs) => {
    const test = await settledWorld(calls)
    const flagged = `call-${calls - 10}`
    expect((await test.store.readWatch()).calls.size).toBeLessThan(120)
    test.book.change(flagged, { flagged: true })
    await pollFor(test, withinMs)
    expect(test.told()).toEqual([flagged])
    await pollFor(test, withinMs)
    expect([test.told(), test.mails.length]).toEqual([[flagged], 1])
    // It is not remembered for it.
    expect((await test.store.readWatch()).calls.size).toBeLessThan(120)
  })

  test("is told with what its detail said, without asking for it again", async () => {
    const test = await settledWorld()
    test.requests.length = 0
    test.book.change("call-200", { flagged: true })
    await pollFor(test, 3 * HOUR)
    expect(test.told()).toEqual(["call-200"])
    expect(test.requests.filter((request) => request.startsWith("/calls/"))).toEqual([])
  })

  test("is not read again once it is told", async () => {
    const test = await settledWorld()
    test.book.change("call-200", { flagged: true })
    while (test.told().length === 0) await test.pollAfter(3 * MINUTE)
    const reads = readsOf(test)
    await pollFor(test, 3 * HOUR)
    expect(reads.get("call-200") ?? 0).toBe(0)
  })

  test("is told by what its detail says, even if that has to be asked for again", async () => {
    const test = await settledWorld()
    test.book.add(callAt("unseen", 10 * HOUR, { activityTimeline: [TRANSFER] }))
    const { fetch } = test.world
    test.requests.length = 0
    const asked = () => test.requests.filter((request) => request === "/calls/unseen").length
    test.world.fetch = async (input, init) => {
      const answer = await fetch(input, init)
      const isFirst = addressOf(input).endsWith("/calls/unseen") && asked() === 1
      return isFirst ? new Response("no", { status: 500 }) : answer
    }
    while (asked() === 0) await test.pollAfter(3 * MINUTE)
    await pollFor(test, 12 * MINUTE)
    expect(test.told()).toEqual(["unseen"])
  })

  test("is told soon, even if so many have changed that a poll has no time for all of them", async () => {
    const test = await settledWorld()
    const changed = Array.from({ length: 40 }, (_, index) => `call-${200 + index}`)
    for (const id of changed) test.book.change(id, { flagged: true })
    const { store } = test
    writeSlowly(test)
    const reviewOf = async () => (await test.store.readControl())?.review ?? NO_REVIEW
    let before = await reviewOf()
    while (test.told().length === 0) {
      before = await reviewOf()
      await test.pollAfter(3 * MINUTE)
    }
    const left: number[] = []
    for (const id of changed) {
      const { value } = (await store.readCall(id)) ?? {}
      if (!value?.alert) left.push(Date.parse(value?.facts.call.createdAt ?? ""))
    }
    expect(left.length).toBeGreaterThan(0)
    // The pass goes on where something is left.
    const after = await reviewOf()
    const kinds = (["recent", "day", "week"] as const).filter(
      (kind) => after[kind].from !== before[kind].from,
    )
    expect(kinds).toHaveLength(1)
    for (const kind of kinds) expect(after[kind].from).toBeLessThanOrEqual(Math.min(...left))
    await pollFor(test, 20 * MINUTE)
    const all = (await Promise.all(changed.map((id) => store.readCall(id)))).filter(
      (call) => call?.value.alert,
    )
    expect(all).toHaveLength(40)
  })

  test("is told when details can be had again, with as many others as nobody could examine in their time", async () => {
    const test = await oldWorld(200)
    test.book.change("call-199", { activityTimeline: [TRANSFER] })
    const { fetch } = test.world
    test.world.fetch = async (input, init) =>
      addressOf(input).includes("/calls/") ? new Response("no", { status: 500 }) : fetch(input, init)
    await pollFor(test, 7 * HOUR)
    // Details are plentiful, and those of the window are waited for.
    expect(await test.store.countUnexamined(1)).toBe(120)
    test.world.fetch = fetch
    await pollFor(test, 2 * HOUR)
    expect(test.told()).toEqual(["call-199"])
  })

  test("is told although it comes after more calls of one instant than a poll reads", async () => {
    const test = await oldWorld(100)
    await withoutDetails(test)
    for (let call = 0; call < 750; call++) test.book.add(callAt(`same-${call}`, 12 * HOUR))
    test.book.add(callAt("behind", 11 * HOUR))
    await pollFor(test, 3 * HOUR)
    test.book.change("behind", { flagged: true })
    await pollFor(test, 9 * HOUR)
    expect(test.told()).toEqual(["behind"])
  })

  test("is told although a poll has died with the lease, and nothing else has happened since", async () => {
    const test = await settledWorld()
    // Few polls have more to ask than the request that each may make.
    const mortal: Parameters<typeof dieAt>[1] = (store, die) => ({
      ...store,
      changeControl: async (fence, change) => {
        const isDone = await store.changeControl(fence, change)
        return change.leaseUntil ? die() : isDone
      },
    })
    const leaseOf = async () => (await test.store.readControl())?.leaseUntil
    while ((await leaseOf()) === 0) {
      test.advance(3 * MINUTE)
      await dieAt(test, mortal).catch(() => {})
    }
    test.book.change("call-200", { flagged: true })
    test.memory = createMemory()
    await pollFor(test, 9 * HOUR)
    expect(test.told()).toEqual(["call-200"])
  })

  test("is examined while looks at calls in progress take all that new calls leave, and not while new calls take more", async () => {
    /** So many details were spent half an hour ago, and it stays so. */
    const pollAtPace = async (test: TestWorld, pace: number, milliseconds: number) => {
      const detail = Array.from({ length: 31 }, (_, minute) => (minute < 21 ? 0 : pace / 10))
      for (const until = test.world.now() + milliseconds; test.world.now() < until;) {
        const control = await test.store.readControl()
        const minute = Math.floor(test.world.now() / MINUTE)
        if (control)
          await test.store.changeControl(control.fence, { ring: { ...control.ring, minute, detail } })
        await test.pollAfter(3 * MINUTE)
      }
    }
    const examinedAt = async (pace: number) => {
      const test = await oldWorld(200)
      await test.store.acquire({ now: test.world.now(), gateMs: 0, since: 0 })
      await pollAtPace(test, 500, 7 * HOUR)
      expect(await test.store.countUnexamined(1)).toBe(200)
      const reads = readsOf(test)
      await pollAtPace(test, pace, 4 * HOUR)
      // While it cannot be examined, its record is not read again and again.
      if (pace >= 400) expect(Math.max(0, ...reads.values())).toBeLessThanOrEqual(1)
      return test.requests.filter((request) => request.startsWith("/calls/")).length
    }
    // All but the eighty of the window.
    expect(await examinedAt(380)).toBe(120)
    expect(await examinedAt(400)).toBe(0)
  })

  test("is told although the process that judged it is long gone", async () => {
    const test = await settledWorld()
    test.memory = createMemory()
    test.book.change("call-200", { flagged: true })
    await pollFor(test, 3 * HOUR)
    expect([test.told(), test.mails.length]).toEqual([["call-200"], 1])
  })

  test("is not told if it started before the first poll and its look-back", async () => {
    const test = createTestWorld({ lookbackMs: 2 * HOUR })
    for (let call = 0; call < 250; call++) test.book.add(callAt(`call-${call}`, (call + 2) * 4 * MINUTE))
    await pollFor(test, 2 * HOUR)
    test.book.change("call-200", { flagged: true })
    await pollFor(test, 14 * HOUR)
    expect(test.told()).toEqual([])
  })

  test("that nobody has seen when it was new is told as well", async () => {
    const test = await settledWorld()
    test.book.add(callAt("unseen", 10 * HOUR, { flagged: true }))
    await pollFor(test, 3 * HOUR)
    expect([test.told(), test.mails.length]).toEqual([["unseen"], 1])
  })
})

test("a vendor that asks to be left alone is not asked for old calls", async () => {
  const test = await settledWorld()
  const { fetch } = test.world
  const pages = async (headers: Record<string, string>) => {
    test.world.fetch = async (input, init) => {
      const response = await fetch(input, init)
      return addressOf(input).includes("/calls?")
        ? new Response(await response.text(), { headers })
        : response
    }
    const before = test.requests.length
    expect(await test.pollAfter(2 * HOUR)).toMatchObject({ ok: true })
    // The vendor's own count of an hour is no old call.
    const listed = test.requests.slice(before).filter((request) => request.startsWith("/calls?"))
    return listed.filter((request) => !request.includes("limit=1&")).length
  }
  const resetAt = () => `${Math.floor(test.world.now() / 1000) + 3 * 3600}`
  const nothingLeft = {
    "x-ratelimit-limit": "200",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": resetAt(),
  }
  expect(await pages(nothingLeft)).toBe(1)
  expect(await pages({})).toBe(2)
})

test("of more calls of one instant than a poll has time for those left over are shown again, with no request to spare", async () => {
  const test = createTestWorld({ limits: { listPerHour: 181 } })
  await withoutDetails(test)
  for (let call = 0; call < 249; call++) test.book.add(callAt(`same-${call}`, 30 * MINUTE))
  for (let call = 0; call < 110; call++) test.book.add(callAt(`later-${call}`, 4 * MINUTE - call * 1000))
  const { store } = test
  writeSlowly(test)
  await pollFor(test, 2 * HOUR)
  const records = await Promise.all(Array.from({ length: 249 }, (_, call) => store.readCall(`same-${call}`)))
  expect(records.filter((record) => record === null)).toEqual([])
})

describe("of calls that have not changed", () => {
  test("each record is read once by a process, however often the list is read again", async () => {
    const test = await settledWorld()
    test.memory = createMemory()
    const reads = readsOf(test)
    await pollFor(test, 14 * HOUR)
    const old = Array.from({ length: 100 }, (_, index) => `call-${150 + index}`)
    expect(old.map((id) => reads.get(id))).toEqual(old.map(() => 1))
    expect(Math.max(...reads.values())).toBe(1)
    const lists = test.requests.filter((request) => request.startsWith("/calls?"))
    expect(lists.length).toBeGreaterThan(14 * 20 + 14)
    expect(test.told()).toEqual([])
  })

  test("none is written, and none remembered", async () => {
    const test = await settledWorld()
    const { store } = test
    const written: string[] = []
    test.store = {
      ...store,
      writeCall: (record, expected) => {
        written.push(record.callId)
        return store.writeCall(record, expected)
      },
      writeWatch: (watch) => {
        written.push("watch")
        return store.writeWatch(watch)
      },
    }
    test.memory = createMemory()
    await pollFor(test, 4 * HOUR)
    expect(written).toEqual([])
  })
})

describe("a rule that is new", () => {
  const edit = async (test: TestWorld, edited: Rule) => {
    await test.store.announceRules(test.world.now())
    await test.store.writeRule(edited)
  }

  test("tells of no old call that has not changed, and of one whose row does", async () => {
    const test = await settledWorld()
    await edit(test, rule("any", { duration: { gte: 1 } }))
    await pollFor(test, 3 * HOUR)
    const told = test.told().length
    expect(told).toBeLessThan(5)
    test.book.change("call-200", { summary: "It was put right." })
    await pollFor(test, 3 * HOUR)
    expect(test.told().slice(told)).toEqual(["call-200"])
  })

  test("tells of no old call that has not changed, not even if it needs what only a detail has", async () => {
    const test = await oldWorld(250)
    // Of every second call a rule of before has never been decided either.
    for (let call = 0; call < 250; call += 2) test.book.change(`call-${call}`, { score: null })
    await withoutDetails(test)
    await pollFor(test, 2 * HOUR)
    expect(test.requests.filter((request) => request.startsWith("/calls/"))).toEqual([])
    await edit(test, rule("calm", { "sentiment.angry": { lte: 0.1 } }))
    test.memory = createMemory()
    await pollFor(test, 3 * HOUR)
    const old = test.told().filter((id) => Number(id.replace("call-", "")) > 100)
    expect(old).toEqual([])
  })

  test("tells of no old call of which a detail says more than the list", async () => {
    const test = await oldWorld(250, { calls: { oddities: { rows: { shortTranscripts: 1 } } } })
    const turn = (text: string) => ({ speaker: "caller", text, timestamp: "" })
    const transcript = [turn("Hello."), turn("Well."), turn("I will call again."), turn("Bye.")]
    for (let call = 0; call < 250; call++) test.book.change(`call-${call}`, { transcript })
    await pollFor(test, 2 * HOUR)
    await edit(test, rule("any", { duration: { gte: 1 } }))
    test.memory = createMemory()
    await pollFor(test, 3 * HOUR)
    const old = test.told().filter((id) => Number(id.replace("call-", "")) > 100)
    expect(old).toEqual([])
  })
})
