/** With more calls than a page holds, and after a long absence: nobody waits long, and few requests are made. */
import { HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import type { Rule } from "@earshot/core/rule/rule"
import { plainCall } from "@earshot/emulators/call-book"
import { describe, expect, test } from "vitest"
import { createMemory } from "./memory/memory.ts"
import { OPEN_CALLS_MAX } from "./commit.ts"
import { GOING, START, type TestWorld, addressOf, callAt, createTestWorld, usesOf } from "./test-world.ts"
import { dieAt } from "./test-death.ts"

const STEP = 20 * SECOND

const iso = (at: number) => new Date(at).toISOString()

/** What happens at its time, in order. */
type Happening = { at: number; happen: () => void }

/** A call that is listed while it lasts, and is flagged when it ends. */
function lasting(test: TestWorld, id: string, from: number, to: number, flagged: boolean): Happening[] {
  const ended = { status: "completed", endedAt: iso(to), duration: (to - from) / SECOND, score: 4 }
  return [
    { at: from, happen: () => test.book.add(plainCall({ id, createdAt: iso(from), ...GOING })) },
    { at: to, happen: () => test.book.change(id, { ...ended, flagged }) },
  ]
}

/** Steady calls of one to four minutes, every fifth of them flagged. */
function steadyCalls(test: TestWorld, perHour: number, hours: number, from: number): Happening[] {
  return Array.from({ length: perHour * hours }, (_, index) => {
    const at = from + Math.round((index * HOUR) / perHour)
    return lasting(test, `call-${index}`, at, at + MINUTE + ((index * 37) % 180) * SECOND, index % 5 === 0)
  }).flat()
}

/** Polls until then, while all that happens; `everyMs` apart. */
async function pollUntil(test: TestWorld, until: number, everyMs: number, happenings: Happening[]) {
  happenings.sort((a, b) => a.at - b.at)
  let polls = 0
  while (test.world.now() < until) {
    const now = test.world.now() + everyMs
    while (happenings[0] && happenings[0].at <= now) happenings.shift()?.happen()
    await test.pollAfter(everyMs)
    polls++
  }
  return polls
}

const isList = (request: string) => request.startsWith("/calls?")

const isFreshPage = (request: string) => isList(request) && request.includes("sortBy=endedAt")

const isRecent = (request: string, now: number) =>
  Date.parse(new URLSearchParams(request.slice("/calls?".length)).get("dateFrom") ?? "") > now - HOUR

/** How long after its end each call was told, in milliseconds. */
function delaysOf(test: TestWorld, ends: ReadonlyMap<string, number>): Map<string, number> {
  const told = test.told()
  const delays = told.map((id, index): [string, number] => {
    return [id, (test.slack.received[index]?.receivedAt ?? Number.NaN) - (ends.get(id) ?? Number.NaN)]
  })
  expect(delays.length).toBe(new Set(told).size)
  return new Map(delays)
}

/** So that no rule needs a detail. */
async function withoutDetails(test: TestWorld): Promise<void> {
  for (const id of ["angry-caller", "transferred"]) {
    const off: Rule = {
      id,
      version: 2,
      updatedAt: null,
      isDeleted: false,
      name: id,
      mode: "off",
      severity: "info",
      when: { flagged: true },
      settle: "PT30M",
    }
    await test.store.writeRule(off)
  }
}

describe("with more calls in the window than a page holds", () => {
  test("a call that is flagged at its end is told by the next poll or the one after, with one list a poll and what is spare", async () => {
    const test = createTestWorld({ lookbackMs: 0 })
    await test.pollAfter(0)
    const happenings = steadyCalls(test, 150, 2, START)
    const ends = new Map<string, number>()
    for (let index = 0; index < 300; index += 5)
      ends.set(`call-${index}`, happenings[2 * index + 1]?.at ?? Number.NaN)
    // For as long as it lasts, the scan alone would not show the newest calls and this one.
    happenings.push(...lasting(test, "long", START, START + 5 * HOUR, false))
    const polls = await pollUntil(test, START + 2 * HOUR + 6 * MINUTE, STEP, happenings)
    const delays = delaysOf(test, ends)
    expect([...delays.keys()].sort()).toEqual([...ends.keys()].sort())
    // The poll itself, and a second for each message before it.
    expect(Math.max(...delays.values())).toBeLessThanOrEqual(2 * STEP + 3 * SECOND)
    const lists = test.requests.filter(isList)
    expect(lists.length).toBeLessThanOrEqual(polls + 1 + 14 * 2.2)
    expect(test.requests.filter(isFreshPage).length).toBeGreaterThan(polls / 4)
  })

  test.each([30, 90])(
    "a call of three hours among %d an hour is told by the next poll or the one after, for few details",
    async (perHour) => {
      const test = createTestWorld({ lookbackMs: 0 })
      await withoutDetails(test)
      await test.pollAfter(0)
      const end = START + 3 * HOUR + 7 * SECOND
      const happenings = [
        ...steadyCalls(test, perHour, 4, START),
        ...lasting(test, "long", START + SECOND, end, true),
      ]
      const first = await pollUntil(test, end - 3 * MINUTE, MINUTE, happenings)
      await pollUntil(test, end + 5 * MINUTE, STEP, happenings)
      expect(first).toBeGreaterThan(170)
      expect(delaysOf(test, new Map([["long", end]])).get("long")).toBeLessThanOrEqual(2 * STEP + 3 * SECOND)
      const looks = test.requests.filter((request) => request === "/calls/long")
      expect(looks.length).toBeLessThanOrEqual(20)
    },
  )

  test("a poll that finds nothing new writes once and reads nothing, even while it follows a call from before the window", async () => {
    const test = createTestWorld()
    test.book.add(callAt("long", 4 * HOUR, GOING))
    for (let call = 0; call < 90; call++) test.book.add(callAt(`call-${call}`, (call + 20) * MINUTE))
    // Until all is read again that is to be read again, and a look at the call is not due.
    for (let minute = 0; minute < 65; minute++) await test.pollAfter(MINUTE)
    const used = usesOf(test)
    const idle: string[] = []
    for (let poll = 0; poll < 20; poll++) {
      used.length = 0
      await test.pollAfter(STEP)
      idle.push(used.join(" "))
    }
    expect(idle.filter((uses) => uses === "acquire").length).toBeGreaterThan(10)
    expect(idle.filter((uses) => uses.includes("writeWatch")).length).toBeLessThanOrEqual(2)
  })
})

describe("a page that is too large", () => {
  test("is asked for with fewer rows, later ones with ever more again, and nothing is missed", async () => {
    const test = createTestWorld()
    let rowsMax = 25
    for (let call = 0; call < 60; call++)
      test.book.add(callAt(`call-${call}`, (call + 3) * MINUTE, { flagged: call % 20 === 0 }))
    const { fetch } = test.world
    test.world.fetch = async (input, init) => {
      const limit = new URL(addressOf(input)).searchParams.get("limit")
      const answer = await fetch(input, init)
      return limit !== null && Number(limit) > rowsMax ? new Response("x".repeat(17_000_000)) : answer
    }
    expect(await test.pollAfter(0)).toMatchObject({ ok: true })
    const limitsOf = () =>
      test.requests.splice(0).flatMap((request) => Number(/[?&]limit=(\d+)/.exec(request)?.[1] ?? []))
    expect(limitsOf().slice(0, 2)).toEqual([100, 25])
    for (let poll = 0; poll < 6; poll++) await test.pollAfter(STEP)
    expect(Math.max(...limitsOf())).toBeLessThan(30)
    expect(test.told().sort()).toEqual(["call-0", "call-20", "call-40"])
    rowsMax = 100
    for (let poll = 0; poll < 100; poll++) await test.pollAfter(STEP)
    expect(limitsOf().at(-1)).toBe(100)
  })
})

describe("more open calls than may be remembered", () => {
  test("are given up, those that ended longest ago, and counted; one that is flagged later is told all the same", async () => {
    const test = createTestWorld({ limits: { detailPerHour: 1 } })
    const count = OPEN_CALLS_MAX + 40
    for (let call = 0; call < count; call++) test.book.add(callAt(`call-${call}`, 5 * MINUTE + call * SECOND))
    for (let poll = 0; poll < 20; poll++) await test.pollAfter(STEP)
    const open = [...(await test.store.readWatch()).calls.values()].flatMap((call) => call.open?.id ?? [])
    expect(open).toHaveLength(OPEN_CALLS_MAX)
    const given = Array.from({ length: count }, (_, call) => `call-${call}`).filter(
      (id) => !open.includes(id),
    )
    // One was looked at, and is decided.
    expect(given.slice(-39)).toEqual(Array.from({ length: 39 }, (_, index) => `call-${count - 39 + index}`))
    expect(await test.store.countUnexamined(START)).toBe(39)
    test.book.change(`call-${count - 1}`, { flagged: true })
    for (let poll = 0; poll < 40; poll++) await test.pollAfter(STEP)
    expect(test.told()).toEqual([`call-${count - 1}`])
  })
})

describe("details that were kept before a crash", () => {
  test("are not asked for again", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 12; call++) test.book.add(callAt(`call-${call}`, (call + 3) * MINUTE))
    const kept: string[] = []
    await dieAt(test, (store, die) => ({
      ...store,
      writeCall: (record, expected) => {
        if (kept.length === 5) return die()
        kept.push(record.callId)
        return store.writeCall(record, expected)
      },
    }))
    // What the dead one had under way ends.
    expect(await test.pollAfter(STEP)).toMatchObject({ kind: "skipped", reason: "busy" })
    test.requests.length = 0
    for (let poll = 0; poll < 8; poll++) {
      test.memory = createMemory()
      await test.pollAfter(STEP)
    }
    const asked = test.requests.filter((request) => request.startsWith("/calls/"))
    expect(asked.filter((request) => kept.includes(request.slice("/calls/".length)))).toEqual([])
    expect(asked).toHaveLength(7)
    expect(new Set(asked).size).toBe(7)
  })
})

describe("after three days without a poll", () => {
  test("the list is read once, with little more than a request for a hundred calls, and never more than 200 in an hour", async () => {
    const test = createTestWorld({ lookbackMs: 0 })
    await withoutDetails(test)
    await test.pollAfter(0)
    const absence = 72 * HOUR
    const count = 72 * 200
    for (let index = 0; index < count; index++) {
      const at = START + Math.floor(((index + 0.5) * absence) / count)
      const flagged = index % 1000 === 500
      test.book.add(
        plainCall({
          id: `call-${index}`,
          createdAt: iso(at),
          endedAt: iso(at + MINUTE),
          duration: 60,
          flagged,
        }),
      )
    }
    // One that ends as the first poll comes is not told hours later.
    test.book.change(`call-${count - 4}`, { flagged: true })
    test.requests.length = 0
    test.advance(absence)
    const times: number[] = []
    let hasCaughtUp = false
    let promptAt: number | null = null
    for (let polls = 0; !hasCaughtUp && polls < 400; polls++) {
      const before = test.requests.filter(isList).length
      await test.pollAfter(STEP)
      const [first = "", ...further] = test.requests.filter(isList).slice(before)
      const asked = 1 + further.length
      // The list of the newest is one page, whatever is behind.
      if (isFreshPage(first))
        expect(further.filter((request) => isRecent(request, test.world.now()))).toEqual([])
      for (let list = 0; list < asked; list++) times.push(test.world.now())
      if (promptAt === null && test.told().includes(`call-${count - 4}`)) promptAt = polls
      const control = await test.store.readControl()
      hasCaughtUp = control?.resumeAt === null && (control.watermark ?? 0) > START + absence - 10 * MINUTE
    }
    expect(hasCaughtUp).toBe(true)
    const lists = test.requests.filter(isList)
    const fresh = lists.filter(isFreshPage)
    expect(lists.length - fresh.length).toBeLessThanOrEqual(1.1 * Math.ceil(count / 100))
    for (const [index, time] of times.entries())
      expect(times.slice(index).filter((later) => later - time <= HOUR).length).toBeLessThanOrEqual(200)
    const flagged = Array.from({ length: 14 }, (_, index) => `call-${index * 1000 + 500}`)
    for (let poll = 0; poll < 10; poll++) await test.pollAfter(STEP)
    expect(test.told().sort()).toEqual([...flagged, `call-${count - 4}`].sort())
    expect(promptAt).toBeLessThanOrEqual(2)
  })
})
