/**
 * Every await of a poll that reaches outside rejects once: a request, a part of an answer's body, its cancellation, a sleep, and
 * each function of the store. No rejection goes unhandled, which would end a process on Lambda, and nothing is missed.
 */
import { DAY, HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import type { Store } from "@earshot/io/store/store"
import { setImmediate } from "node:timers/promises"
import { expect, test } from "vitest"
import {
  CALM,
  GOING,
  NO_METADATA,
  TRANSFER,
  type TestWorld,
  addressOf,
  callAt,
  createTestWorld,
} from "./test-world.ts"

class Rejected extends TypeError {}

/** Called with what is awaited; true: that rejects. */
type Rejects = (what: string) => boolean

/** From now on the test's world and store ask before each await. */
function askBefore(test: TestWorld, rejects: Rejects): void {
  const { fetch, sleep } = test.world
  const attempt = <T>(what: string, work: () => Promise<T>): Promise<T> =>
    rejects(what) ? Promise.reject(new Rejected(what)) : work()
  test.world.sleep = (milliseconds, signal) => attempt("sleep", () => sleep(milliseconds, signal))
  test.world.fetch = (input, init) =>
    attempt("fetch", async () => {
      const answer = await fetch(input, init)
      if (answer.body === null) return answer
      const reader = answer.body.getReader()
      const body = new ReadableStream<Uint8Array>(
        {
          pull: (controller) =>
            attempt("read", async () => {
              const { done, value } = await reader.read()
              if (done) controller.close()
              else controller.enqueue(value)
            }),
          cancel: () => attempt("cancel", () => reader.cancel()),
        },
        { highWaterMark: 0 },
      )
      return new Response(body, answer)
    })
  test.store = new Proxy(test.store, {
    get: (target, name: keyof Store) => {
      const use: unknown = target[name]
      if (typeof use !== "function" || name === "takeUnreadable") return use
      return (...facts: unknown[]) => attempt(`store.${name}`, () => Reflect.apply(use, target, facts))
    },
  })
}

/** The rejections that nobody has handled while `work` was done and just after it. */
async function unhandledIn(work: () => Promise<void>): Promise<unknown[]> {
  const unhandled: unknown[] = []
  const others = process.listeners("unhandledRejection")
  process.removeAllListeners("unhandledRejection")
  process.on("unhandledRejection", (reason) => unhandled.push(reason))
  try {
    await work()
    // It is known to be unhandled once nothing else is left to do.
    for (let turn = 0; turn < 3; turn++) await setImmediate()
  } finally {
    process.removeAllListeners("unhandledRejection")
    for (const other of others) process.on("unhandledRejection", other)
  }
  return unhandled
}

const ANGRY = {
  score: 3,
  metadata: { ...NO_METADATA, sentiment: { happy: 0, sad: 0, angry: 0.9, neutral: 0.1 } },
}

/** What is wrong with the vendor: its answers never end, or the detail of a call cannot be had. */
type Trouble = { hangs: boolean; hidden: string | null }

function trouble(test: TestWorld): Trouble {
  const { fetch } = test.world
  const what: Trouble = { hangs: false, hidden: null }
  test.world.fetch = async (input, init) => {
    const { pathname, host } = new URL(addressOf(input))
    if (pathname.endsWith(`/${what.hidden}`)) return new Response("", { status: 503 })
    if (!what.hangs || host !== "echo.win") return fetch(input, init)
    return new Response(new ReadableStream({ pull: () => new Promise(() => {}) }))
  }
  return what
}

type PollAfter = (milliseconds: number) => Promise<void>

type Course = {
  change?: (test: TestWorld) => void
  calls: readonly Parameters<TestWorld["book"]["add"]>[0][]
  /** Polls in which something may go wrong. */
  polls: (test: TestWorld, vendor: Trouble, pollAfter: PollAfter) => Promise<void>
}

/** Alerts of the list and of details, a refused e-mail, a call that is over between two polls, an answer that never ends. */
const BUSY: Course = {
  calls: [
    callAt("flagged", HOUR, { ...CALM, flagged: true }),
    callAt("angry", 10 * MINUTE, ANGRY),
    callAt("handed-on", 2 * MINUTE, GOING),
  ],
  async polls(test, vendor, pollAfter) {
    test.snsStatus = 500
    await pollAfter(0)
    test.snsStatus = 0
    const over = { ...callAt("handed-on", 2 * MINUTE), ...CALM, activityTimeline: [TRANSFER] }
    test.book.change("handed-on", over)
    await pollAfter(5 * SECOND)
    vendor.hangs = true
    await pollAfter(20 * SECOND)
    vendor.hangs = false
    await pollAfter(20 * SECOND)
  },
}

/** A call whose detail nobody gets to see is closed unexamined. */
const HIDDEN: Course = {
  calls: [callAt("hidden", 5 * MINUTE, CALM)],
  async polls(test, vendor, pollAfter) {
    vendor.hidden = "hidden"
    await test.pollAfter(0)
    await test.pollAfter(7 * HOUR)
    await pollAfter(7 * DAY)
  },
}

/** `rejects` is told which poll it is, from 0. Afterwards there are more polls, in which nothing goes wrong. */
async function live(
  test: TestWorld,
  { change, calls, polls }: Course,
  rejects: (what: string, poll: number) => boolean,
): Promise<void> {
  const channels = test.setup.channels.map((channel) =>
    channel.id === "email" ? { ...channel, privacy: "minimal" as const } : channel,
  )
  test.setup = { ...test.setup, channels }
  change?.(test)
  for (const call of calls) test.book.add(call)
  let poll = -1
  let isOver = false
  const vendor = trouble(test)
  askBefore(test, (what) => poll >= 0 && !isOver && rejects(what, poll))
  await polls(test, vendor, async (milliseconds) => {
    poll++
    await test.pollAfter(milliseconds).catch((error: unknown) => {
      if (!(error instanceof Rejected)) throw error
    })
  })
  isOver = true
  // What a poll that failed has left keeps the first from beginning until then.
  for (const milliseconds of [90 * SECOND, 20 * SECOND]) await test.pollAfter(milliseconds)
}

/** What is awaited in the polls of a course, in its order. */
async function awaitedIn(course: Course): Promise<string[]> {
  const awaited: string[] = []
  await live(createTestWorld(), course, (what) => {
    awaited.push(what)
    return false
  })
  return awaited
}

type Scope = "once" | "rest of the poll"

/** What comes of the course if the await with this number rejects, and in the same poll all after it if they are to. */
async function liveThrough(
  course: Course,
  rejected: number,
  scope: Scope,
): Promise<{ unhandled: unknown[]; told: string[] }> {
  const test = createTestWorld()
  let awaited = 0
  let hit = -1
  const unhandled = await unhandledIn(() =>
    live(test, course, (_, poll) => {
      const isIt = awaited++ === rejected
      if (isIt) hit = poll
      return isIt || (scope === "rest of the poll" && poll === hit)
    }),
  )
  return { unhandled, told: test.told() }
}

test("the polls await whatever a poll may await", async () => {
  const awaited = [...(await awaitedIn(BUSY)), ...(await awaitedIn(HIDDEN))]
  expect([...new Set(awaited)].toSorted()).toEqual([
    "cancel",
    "fetch",
    "read",
    "sleep",
    "store.acquire",
    "store.addCoverage",
    "store.addPresence",
    "store.beginLook",
    "store.changeControl",
    "store.dueCalls",
    "store.markUnexamined",
    "store.noteGap",
    "store.noteReference",
    "store.readCall",
    "store.readCalls",
    "store.readIncidents",
    "store.readPace",
    "store.readRules",
    "store.readWatch",
    "store.startCoverage",
    "store.writeCall",
    "store.writeIncidents",
    "store.writePace",
    "store.writeWatch",
  ])
})

const SCOPES: readonly Scope[] = ["once", "rest of the poll"]

test.each(SCOPES)("each of them rejects (%s): none goes unhandled, and no call is missed", async (scope) => {
  const awaited = await awaitedIn(BUSY)
  expect(awaited.length).toBeGreaterThan(100)
  for (const [number, what] of awaited.entries()) {
    const { unhandled, told } = await liveThrough(BUSY, number, scope)
    expect(unhandled, `${number} ${what}`).toEqual([])
    expect([...new Set(told)].toSorted(), `${number} ${what}`).toEqual(["angry", "flagged", "handed-on"])
  }
  for (const [number, what] of (await awaitedIn(HIDDEN)).entries())
    expect((await liveThrough(HIDDEN, number, scope)).unhandled, `${number} ${what}`).toEqual([])
})

/** A bug of the kind that is looked for: something is begun, and nobody waits for it or hears of its failure. */
const FLOATING: Course = {
  ...BUSY,
  change(test) {
    const { writeCall } = test.store
    const floating: Store["writeCall"] = (record, expected) => {
      void test.store.countUnexamined(0)
      return writeCall(record, expected)
    }
    test.store = { ...test.store, writeCall: floating }
  },
}

test("a promise that nobody awaits is found so", async () => {
  const awaited = await awaitedIn(FLOATING)
  const floating = [...awaited.keys()].filter((number) => awaited[number] === "store.countUnexamined")
  expect(floating.length).toBeGreaterThan(5)
  for (const number of floating) {
    const { unhandled, told } = await liveThrough(FLOATING, number, "once")
    expect(unhandled).toEqual([new Rejected("store.countUnexamined")])
    expect(told).toHaveLength(3)
  }
})
