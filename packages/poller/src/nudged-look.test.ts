/** What a nudge does: it makes the poller look now, within what polls leave, and changes nothing else. */
import { NUDGE_TRIES_MAX, type Nudge } from "@earshot/core/turn/nudge"
import { usedInHour } from "@earshot/core/turn/budget"
import { describe, expect, test } from "vitest"
import { createMemory } from "./memory/memory.ts"
import { poll } from "./poll.ts"
import type { PollReport } from "./report.ts"
import {
  CALM,
  GOING,
  START,
  TRANSFER,
  type TestWorld,
  callAt,
  createTestWorld,
  usesOf,
} from "./test-world.ts"

const MINUTE = 60_000

const nudge = (hint: Partial<Nudge> = {}): Nudge => ({ id: null, party: null, tries: 0, ...hint })

/** Moves the clock, and nudges. */
async function nudgeAfter(test: TestWorld, milliseconds: number, ...nudges: Nudge[]): Promise<PollReport> {
  test.advance(milliseconds)
  return test.run(poll(test.world, test.store, test.setup, test.memory, nudges))
}

/** A world that has polled, with these calls in progress, and asks nothing between two polls by itself. */
async function nudgedWorld(
  calls: Record<string, object> = { going: {} },
  options: Parameters<typeof createTestWorld>[0] = {},
): Promise<TestWorld> {
  const test = createTestWorld(options)
  for (const [id, facts] of Object.entries(calls))
    test.book.add(callAt(id, 2 * MINUTE, { ...GOING, ...facts }))
  expect(await test.pollAfter(0)).toMatchObject({ kind: "poll", alerts: 0 })
  test.requests.length = 0
  return test
}

/** A call ends now, having been transferred. */
function end(test: TestWorld, id: string): void {
  const endedAt = new Date(test.world.now()).toISOString()
  test.book.change(id, { status: "completed", duration: 60, endedAt, activityTimeline: [TRANSFER], ...CALM })
}

describe("a nudge between two polls", () => {
  test("that names a call has its detail fetched at once, and people are told", async () => {
    const test = await nudgedWorld({ one: {}, two: {} })
    end(test, "two")
    const report = await nudgeAfter(test, 3000, nudge({ id: "two" }))
    expect(report).toMatchObject({
      kind: "look",
      details: 1,
      alerts: 1,
      delivered: 2,
      nudge: { asked: 1, sooner: 1 },
    })
    expect(report.putBack).toBeUndefined()
    expect(test.requests).toEqual(["/calls/two"])
    expect(test.told()).toEqual(["two"])
  })

  test("is answered while rules are being edited as well: for a minute they are read, once a look", async () => {
    const test = await nudgedWorld({ one: {}, two: {} })
    await test.store.announceRules(test.world.now())
    await test.pollAfter(20_000)
    end(test, "two")
    const used = usesOf(test)
    expect(await nudgeAfter(test, 3000, nudge({ id: "two" }))).toMatchObject({ kind: "look", alerts: 1 })
    expect(used.filter((use) => use === "readRules")).toHaveLength(2)
    expect(await nudgeAfter(test, 2500, nudge({ id: "two" }))).toMatchObject({ kind: "skipped" })
    expect(await test.pollAfter(3500)).toMatchObject({ kind: "look", details: 1 })
  })

  test("that meets an edit of a rule is put back for a second, and then answered, by the edited rules", async () => {
    const test = await nudgedWorld({ one: {} })
    await test.store.announceRules(test.world.now())
    end(test, "one")
    const met = await nudgeAfter(test, 3000, nudge({ id: "one" }))
    expect(met).toMatchObject({ reason: "overtaken", putBack: { afterMs: 1000 } })
    expect(await nudgeAfter(test, 1000, ...(met.putBack?.nudges ?? []))).toMatchObject({
      kind: "look",
      alerts: 1,
    })
    expect(test.told()).toEqual(["one"])
  })

  test("needs no look to be due, and the one that was looked at just now is looked at again", async () => {
    const test = await nudgedWorld()
    expect(await test.pollAfter(6000)).toMatchObject({ kind: "look", details: 1 })
    end(test, "going")
    expect(await nudgeAfter(test, 500, nudge({ id: "going" }))).toMatchObject({ kind: "look", alerts: 1 })
  })

  test.each(["+49 (30) 1234567", "0301234567", "0049301234567"])(
    "that names a number has the call with that number looked at: %s",
    async (spelling) => {
      const test = await nudgedWorld({ one: { from: "+4930555000" }, two: { from: spelling } })
      end(test, "two")
      expect(await nudgeAfter(test, 3000, nudge({ party: "49301234567" }))).toMatchObject({
        details: 1,
        alerts: 1,
      })
      expect(test.requests).toEqual(["/calls/two"])
      expect(JSON.stringify(test.logs)).not.toContain("1234567")
    },
  )

  test("that says nothing has the calls in progress looked at, while they are few", async () => {
    const test = await nudgedWorld({ one: {}, two: {} })
    end(test, "one")
    expect(await nudgeAfter(test, 3000, nudge())).toMatchObject({
      details: 2,
      alerts: 1,
      nudge: { sooner: 1 },
    })
  })

  test("that says nothing has the list read if many are in progress, by one request, and then the detail", async () => {
    const calls = Object.fromEntries(["a", "b", "c", "d", "e"].map((id) => [id, {}]))
    const test = await nudgedWorld(calls)
    end(test, "d")
    expect(await nudgeAfter(test, 3000, nudge())).toMatchObject({ kind: "look", details: 1, alerts: 1 })
    expect(test.requests).toHaveLength(2)
    expect(test.requests[0]).toMatch(/^\/calls\?.*sortBy=endedAt/)
    expect(test.requests[1]).toBe("/calls/d")
  })

  test("finds a call that no list has shown yet by its id, and the list tells nobody of it again", async () => {
    const test = await nudgedWorld({})
    test.book.add(callAt("short", 0, { createdAt: new Date(START + 1000).toISOString(), ...GOING }))
    test.advance(2000)
    end(test, "short")
    const report = await nudgeAfter(test, 0, nudge({ id: "short" }))
    expect(report).toMatchObject({ kind: "look", details: 1, alerts: 1, nudge: { sooner: 1 } })
    expect(report.putBack).toBeUndefined()
    expect(test.requests).toEqual(["/calls/short"])
    expect(await nudgeAfter(test, 2500, nudge({ id: "short" }))).toMatchObject({ kind: "skipped" })
    expect(test.requests).toHaveLength(1)
    expect((await test.store.readWatch()).calls.size).toBe(0)
    const { toldShare } = test.memory.nudge
    expect(toldShare).toBeGreaterThan(0)
    // The list moves the cursor past it as ever, and says nothing that the record does not.
    expect(await test.pollAfter(20_000)).toMatchObject({ kind: "poll", new: 1, alerts: 0 })
    expect(test.memory.nudge.toldShare).toBe(toldShare)
    for (let trigger = 0; trigger < 6; trigger++) await test.pollAfter(10_000)
    expect([test.told(), test.mails.length]).toEqual([["short"], 1])
  })

  test("that names a call which no list shows and which goes on is put back, and asks twice", async () => {
    const test = await nudgedWorld({})
    test.book.add(callAt("new", -1000, GOING))
    const first = await nudgeAfter(test, 3000, nudge({ id: "new" }))
    expect(first).toMatchObject({ kind: "look", details: 1, alerts: 0, putBack: { afterMs: 1000 } })
    expect(await nudgeAfter(test, 2500, nudge({ id: "new", tries: 1 }))).toMatchObject({ details: 1 })
    expect(await nudgeAfter(test, 2500, nudge({ id: "new", tries: 2 }))).toMatchObject({ kind: "skipped" })
    expect(test.requests).toEqual(["/calls/new", "/calls/new"])
    expect(await test.store.readCall("new")).toBeNull()
  })

  test("that names what is no call asks for it once, keeps nothing, and says no more than one without an id", async () => {
    const test = await nudgedWorld({ one: {} })
    const report = await nudgeAfter(test, 3000, nudge({ id: "forged" }))
    expect(report).toMatchObject({ kind: "look", details: 1, alerts: 0, unexamined: 0 })
    expect(await nudgeAfter(test, 2500, ...(report.putBack?.nudges ?? []))).toMatchObject({ details: 1 })
    expect(await nudgeAfter(test, 2500, nudge({ id: "forged" }))).toMatchObject({ details: 1 })
    expect(test.requests).toEqual(["/calls/forged", "/calls/one", "/calls/one"])
    expect(await test.store.readCall("forged")).toBeNull()
    expect((await test.store.readWatch()).calls.size).toBe(1)
  })

  test("that names a call of long ago raises no alert of it", async () => {
    const test = await nudgedWorld({})
    test.book.add(callAt("ancient", 30 * 60 * MINUTE, { activityTimeline: [TRANSFER] }))
    expect(await nudgeAfter(test, 3000, nudge({ id: "ancient" }))).toMatchObject({ details: 1, alerts: 0 })
    expect(await test.store.readCall("ancient")).toBeNull()
    expect(test.told()).toEqual([])
  })

  test("for which there is no detail now is put back, not dropped", async () => {
    const test = await nudgedWorld()
    const control = await test.store.readControl()
    const ring = { minute: Math.floor(START / MINUTE), fence: control?.fence ?? 0, list: [], detail: [70] }
    expect(await test.store.changeControl(control?.fence ?? 0, { ring })).toBe(true)
    test.memory.turn.control = control && { ...control, ring }
    for (const id of ["going", "unlisted"]) {
      const report = await nudgeAfter(test, 2500, nudge({ id }))
      expect(report).toMatchObject({
        kind: "skipped",
        putBack: { nudges: [nudge({ id, tries: 1 })], afterMs: 1000 },
      })
    }
    expect(test.requests).toEqual([])
  })

  test("makes many nudges one look at several calls", async () => {
    const test = await nudgedWorld({ one: {}, two: {}, three: {} })
    for (const id of ["one", "two", "three"]) end(test, id)
    const nudges = ["one", "two", "three", "two", "one"].map((id) => nudge({ id }))
    expect(await nudgeAfter(test, 3000, ...nudges)).toMatchObject({
      details: 3,
      nudge: { asked: 5, sooner: 3 },
    })
  })

  test("that comes twice asks once; one that names no call waits until two seconds have passed since the last", async () => {
    const test = await nudgedWorld({ one: {}, two: {} })
    end(test, "one")
    await nudgeAfter(test, 3000, nudge({ id: "one" }))
    test.requests.length = 0
    expect(await nudgeAfter(test, 500, nudge({ id: "one" }))).toMatchObject({ kind: "skipped" })
    const second = await nudgeAfter(test, 500, nudge())
    expect(second).toMatchObject({ kind: "skipped", putBack: { nudges: [nudge({ tries: 1 })] } })
    expect(second.putBack?.afterMs).toBeLessThanOrEqual(2000)
    expect(test.requests).toEqual([])
    end(test, "two")
    expect(await nudgeAfter(test, 100, nudge({ id: "two" }))).toMatchObject({ kind: "look", alerts: 1 })
  })

  test("about a call that is over and decided asks nothing", async () => {
    const test = await nudgedWorld({})
    test.book.add(callAt("old", 5 * MINUTE))
    await test.pollAfter(20_000)
    test.requests.length = 0
    expect(await nudgeAfter(test, 3000, nudge({ id: "old" }))).toMatchObject({
      kind: "skipped",
      reason: "early",
    })
    expect(test.requests).toEqual([])
  })

  test("that comes before the vendor shows the end is put back for one second, then two, then four", async () => {
    const test = await nudgedWorld()
    let report = await nudgeAfter(test, 3000, nudge({ id: "going" }))
    const waits: number[] = []
    while (report.putBack) {
      const { nudges, afterMs } = report.putBack
      waits.push(afterMs)
      report = await nudgeAfter(test, afterMs, ...nudges)
      expect(report).toMatchObject({ kind: "look", details: 1 })
    }
    expect(waits).toEqual([1000, 2000, 4000])
    expect(NUDGE_TRIES_MAX).toBe(3)
  })

  test("that names a call is not refused because others, which named none, had it looked at before", async () => {
    const test = await nudgedWorld({ one: {}, two: {} })
    for (let minute = 0; minute < 8; minute++) {
      await test.pollAfter(20_000)
      await nudgeAfter(test, 5000, nudge())
    }
    await test.pollAfter(20_000)
    end(test, "one")
    expect(await nudgeAfter(test, 5000, nudge({ id: "one" }))).toMatchObject({ kind: "look", alerts: 1 })
  })

  test("that names a call again and again while it goes on asks four times in five minutes", async () => {
    const test = await nudgedWorld()
    let looks = 0
    for (let time = 0; time < 8; time++) {
      const report = await nudgeAfter(test, 2000, nudge({ id: "going" }))
      if (report.kind === "look") looks += report.details
    }
    expect(looks).toBe(4)
    for (let time = 0; time < 15; time++) await test.pollAfter(20_000)
    expect(await nudgeAfter(test, 5000, nudge({ id: "going" }))).toMatchObject({ kind: "look", details: 1 })
  })

  test("that names a call which was looked at a moment ago is put back, not dropped", async () => {
    const test = await nudgedWorld()
    await nudgeAfter(test, 3000, nudge())
    expect(await nudgeAfter(test, 500, nudge({ id: "going" }))).toMatchObject({
      kind: "skipped",
      putBack: { nudges: [nudge({ id: "going", tries: 1 })], afterMs: 1000 },
    })
  })

  test("shows an end before the list does: the list's row is then no reason for another look, its score is", async () => {
    for (const [score, details] of [
      [null, 0],
      [4, 1],
    ] as const) {
      const test = await nudgedWorld({ going: {} }, { limits: { detailPerHour: 20 } })
      end(test, "going")
      test.book.change("going", { score: null, metadata: null })
      expect(await nudgeAfter(test, 16_000, nudge({ id: "going" }))).toMatchObject({
        kind: "look",
        details: 1,
      })
      test.book.change("going", { score })
      expect(await test.pollAfter(4000)).toMatchObject({ kind: "poll", listed: 1, details })
    }
  })
})

describe("a nudge never stands in a poll's way:", () => {
  test("when a poll may start, it is one", async () => {
    const test = await nudgedWorld()
    end(test, "going")
    expect(await nudgeAfter(test, 20_000, nudge())).toMatchObject({ kind: "poll", listed: 1, alerts: 1 })
  })

  test("just before, it asks nothing and is left to the poll, which has it come again if it does not show the end", async () => {
    for (const [isOver, again] of [
      [true, undefined],
      [false, { nudges: [nudge({ id: "going", tries: 1 })], afterMs: 2000 }],
    ] as const) {
      const test = await nudgedWorld()
      const used = usesOf(test)
      for (const at of [18_300, 18_700, 18_999, 19_500]) {
        const report = await nudgeAfter(test, START + at - test.world.now(), nudge({ id: "going" }))
        expect(report).toMatchObject({ kind: "skipped", reason: "early" })
        expect(report.putBack).toBeUndefined()
      }
      expect(test.requests).toEqual([])
      expect(used.filter((use) => use === "beginLook" || use === "acquire")).toEqual([])
      if (isOver) end(test, "going")
      const report = await test.pollAfter(START + 20_000 - test.world.now())
      expect(report).toMatchObject({ kind: "poll", alerts: isOver ? 1 : 0 })
      expect(report.putBack).toEqual(
        again && { ...again, nudges: Array.from({ length: 4 }, () => again.nudges[0]) },
      )
      expect(test.memory.nudge.toldShare > 0).toBe(isOver)
      // It is left to that one alone.
      expect((await test.pollAfter(20_000)).putBack).toBeUndefined()
    }
  })

  test("polls come no more often with nudges than ticks alone would have them come", async () => {
    const test = await nudgedWorld()
    let polls = 0
    for (let second = 0; second < 1200; second++) {
      const report = await nudgeAfter(test, 1000, nudge({ id: `forged-${second}` }))
      if (report.kind === "poll") polls++
    }
    expect(polls).toBeLessThanOrEqual(1200 / 20)
  })

  test("another process than the one that polled last leaves everything alone, and puts it back", async () => {
    const test = await nudgedWorld()
    const other = createMemory()
    test.advance(5000)
    const report = await test.run(poll(test.world, test.store, test.setup, other, [nudge({ id: "going" })]))
    expect(report).toMatchObject({ kind: "skipped", putBack: { nudges: [{ tries: 1 }], afterMs: 1000 } })
    expect(test.requests).toEqual([])
  })

  test("while another process polls, it is put back for a second", async () => {
    const test = await nudgedWorld()
    test.advance(21_500)
    const { fence = 0 } = (await test.store.readControl()) ?? {}
    expect(await test.store.changeControl(fence, { leaseUntil: test.world.now() + 30_000 })).toBe(true)
    expect(await nudgeAfter(test, 0, nudge({ id: "going" }))).toMatchObject({
      kind: "skipped",
      reason: "busy",
      putBack: { nudges: [nudge({ id: "going", tries: 1 })], afterMs: 1000 },
    })
  })

  test("overtaken by a poll, it is put back for a second", async () => {
    const test = await nudgedWorld()
    test.store.beginLook = async () => null
    expect(await nudgeAfter(test, 3000, nudge({ id: "going" }))).toMatchObject({
      kind: "skipped",
      reason: "overtaken",
      putBack: { nudges: [nudge({ id: "going", tries: 1 })], afterMs: 1000 },
    })
  })

  test("that has become a poll comes again behind it, if it says which call it means", async () => {
    const test = await nudgedWorld()
    const report = await nudgeAfter(test, 20_000, nudge(), nudge({ id: "going" }))
    expect(report).toMatchObject({
      kind: "poll",
      putBack: { nudges: [nudge({ id: "going", tries: 1 })], afterMs: 2000 },
    })
  })

  test("that has become a poll does not come again about a call that it has shown to be over", async () => {
    const test = await nudgedWorld({ going: {}, other: {} })
    end(test, "going")
    expect(await nudgeAfter(test, 20_000, nudge({ id: "going" }), nudge({ id: "other" }))).toMatchObject({
      kind: "poll",
      putBack: { nudges: [nudge({ id: "other", tries: 1 })] },
    })
  })

  test("that comes when a poll or a look has shown the end counts as one that tells of it", async () => {
    const test = await nudgedWorld({ going: {}, other: {} })
    end(test, "going")
    expect(await test.pollAfter(20_000)).toMatchObject({ kind: "poll", alerts: 1 })
    expect(test.memory.nudge.toldShare).toBe(0)
    await nudgeAfter(test, 3000, nudge({ id: "going" }))
    const { toldShare } = test.memory.nudge
    expect(toldShare).toBeGreaterThan(0)
    end(test, "other")
    await nudgeAfter(test, 17_000, nudge({ id: "other" }))
    expect(test.memory.nudge.toldShare).toBeGreaterThan(toldShare)
  })

  test("one that was put back three times is given up", async () => {
    const test = await nudgedWorld()
    const tired = nudge({ id: "going", tries: NUDGE_TRIES_MAX })
    expect(await nudgeAfter(test, 3000, { ...tired, tries: tired.tries - 1 })).toHaveProperty("putBack")
    expect(await nudgeAfter(test, 3000, tired)).not.toHaveProperty("putBack")
  })
})

describe("anybody who has learnt the secret", () => {
  test("can use a fifth of the hour's details and four lists, and no more", async () => {
    const calls = Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`call-${index}`, {}]))
    const test = await nudgedWorld(calls)
    let details = 0
    let lists = 0
    for (let second = 0; second < 1750; second++) {
      const report = await nudgeAfter(
        test,
        2000,
        nudge({ id: `call-${second % 90}` }),
        nudge({ id: `x-${second}` }),
      )
      if (report.kind === "look") {
        details += test.requests.filter((path) => path.startsWith("/calls/")).length
        lists += test.requests.filter((path) => path.startsWith("/calls?")).length
      }
      test.requests.length = 0
    }
    expect(details).toBeGreaterThan(80)
    expect(details).toBeLessThanOrEqual(100)
    expect(lists).toBeLessThanOrEqual(4)
    const control = await test.store.readControl()
    expect(control && usedInHour(control.ring, "list")).toBeLessThanOrEqual(200)
  })

  /** Of the hour's hundred details nudges have used this many, as is stored. */
  async function usedUpTo(used: number): Promise<TestWorld> {
    const test = await nudgedWorld({ one: {}, two: {} })
    const control = await test.store.readControl()
    const nudges = { at: test.world.now(), list: [], detail: [used, 0, 0, 0, 0], looks: 1, sooner: 0 }
    expect(await test.store.changeControl(control?.fence ?? 0, { nudges })).toBe(true)
    test.memory = createMemory()
    await test.pollAfter(20_000)
    test.requests.length = 0
    return test
  }

  test("is held to that by what is stored, whichever process is nudged", async () => {
    const test = await usedUpTo(100)
    expect(await nudgeAfter(test, 5000, nudge({ id: "one" }))).toMatchObject({ details: 0 })
    expect(test.requests).toEqual([])
  })

  test("has the last detail for a call of the list or for one that no list has shown, not for both", async () => {
    const test = await usedUpTo(99)
    await nudgeAfter(test, 5000, nudge({ id: "one" }), nudge({ id: "unknown" }))
    expect(test.requests).toEqual(["/calls/one"])
  })

  test("writes a nudge down once in ten minutes, if it leads to nothing else", async () => {
    const test = await nudgedWorld({})
    test.book.add(callAt("old", 5 * MINUTE))
    await test.pollAfter(20_000)
    const used = usesOf(test)
    for (let time = 0; time < 10; time++) await nudgeAfter(test, 500, nudge({ id: "old" }))
    expect(used).toEqual(["changeControl"])
    expect((await test.store.readControl())?.nudges.at).toBeGreaterThan(START - MINUTE)
  })
})

test("what nudges have led to is counted in the state", async () => {
  const test = await nudgedWorld({ one: {}, two: {} })
  end(test, "one")
  await nudgeAfter(test, 3000, nudge({ id: "one" }))
  end(test, "two")
  await nudgeAfter(test, 3000, nudge({ id: "two" }))
  expect((await test.store.readControl())?.nudges).toMatchObject({
    looks: 2,
    sooner: 2,
    detail: [2],
  })
})

test("a nudged look costs one write if it finds nothing new", async () => {
  const test = await nudgedWorld()
  const used = usesOf(test)
  expect(await nudgeAfter(test, 3000, nudge({ id: "going" }))).toMatchObject({ kind: "look", details: 1 })
  expect(used).toEqual(["beginLook"])
})
