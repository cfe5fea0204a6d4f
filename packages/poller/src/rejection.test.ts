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

const BAD = ["angry", "flagged", "handed-on"]

/** The vendor fails to show the detail of one call, and never ends an answer while it hangs. */
function troubleVendor(test: TestWorld): { hangs: boolean } {
  const trouble = { hangs: false }
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    if (addressOf(input).endsWith("/hidden")) return new Response("", { status: 503 })
    if (!trouble.hangs) return fetch(input, init)
    return new Response(new ReadableStream({ pull: () => new Promise(() => {}) }))
  }
  return trouble
}

/** After the polls in which something may go wrong. */
const AFTERWARDS = Number.POSITIVE_INFINITY

/**
 * Polls that use whatever a poll may use: an e-mail is refused, a call is over between two polls, an answer never ends, and a call
 * is closed unexamined. `rejects` is told which poll it is.
 */
async function live(test: TestWorld, rejects: (what: string, poll: number) => boolean): Promise<void> {
  let poll = 0
  const pollAfter = async (milliseconds: number) => {
    poll++
    await test.pollAfter(milliseconds).catch((error: unknown) => {
      if (!(error instanceof Rejected)) throw error
    })
  }
  const channels = test.setup.channels.map((channel) =>
    channel.id === "email" ? { ...channel, privacy: "minimal" as const } : channel,
  )
  test.setup = { ...test.setup, channels }
  test.book.add(callAt("flagged", HOUR, { ...CALM, flagged: true }))
  test.book.add(callAt("angry", 10 * MINUTE, ANGRY))
  test.book.add(callAt("handed-on", 2 * MINUTE, GOING))
  test.book.add(callAt("hidden", 5 * MINUTE, ANGRY))
  const trouble = troubleVendor(test)
  askBefore(test, (what) => rejects(what, poll))

  test.snsStatus = 500
  await pollAfter(0)
  test.snsStatus = 0
  test.book.change("handed-on", { ...callAt("handed-on", 2 * MINUTE), ...CALM, activityTimeline: [TRANSFER] })
  await pollAfter(5 * SECOND)
  trouble.hangs = true
  await pollAfter(20 * SECOND)
  trouble.hangs = false
  // A poll that fails keeps the others out for a minute.
  for (let more = 0; more < 3; more++) await pollAfter(40 * SECOND)
  await pollAfter(7 * HOUR)
  await pollAfter(7 * DAY)
  await pollAfter(20 * SECOND)
  poll = AFTERWARDS
  for (let more = 0; more < 3; more++) await test.pollAfter(20 * SECOND)
}

/** What is awaited in the polls, in its order. */
async function awaitedIn(change: (test: TestWorld) => void = () => {}): Promise<string[]> {
  const test = createTestWorld()
  change(test)
  const awaited: string[] = []
  await live(test, (what, poll) => {
    if (poll < AFTERWARDS) awaited.push(what)
    return false
  })
  return awaited
}

/** What comes of the polls if the await with this number rejects, and in the same poll all after it if they are to. */
async function liveThrough(
  rejected: number,
  scope: "once" | "rest of the poll",
  change: (test: TestWorld) => void = () => {},
): Promise<{ unhandled: unknown[]; told: string[] }> {
  const test = createTestWorld()
  change(test)
  let awaited = 0
  let hit = AFTERWARDS
  const unhandled = await unhandledIn(() =>
    live(test, (_, poll) => {
      if (poll === AFTERWARDS) return false
      const isIt = awaited++ === rejected
      if (isIt) hit = poll
      return isIt || (scope === "rest of the poll" && poll === hit)
    }),
  )
  return { unhandled, told: test.told() }
}

test("the polls await whatever a poll may await", async () => {
  expect([...new Set(await awaitedIn())].toSorted()).toEqual([
    "cancel",
    "fetch",
    "read",
    "sleep",
    "store.acquire",
    "store.addPresence",
    "store.beginLook",
    "store.changeControl",
    "store.dueCalls",
    "store.markUnexamined",
    "store.noteReference",
    "store.readCall",
    "store.readCalls",
    "store.readIncidents",
    "store.readRules",
    "store.readWatch",
    "store.writeCall",
    "store.writeIncidents",
    "store.writeWatch",
  ])
})

test.each(["once", "rest of the poll"] as const)(
  "each of them rejects (%s): none goes unhandled, and no call is missed",
  async (scope) => {
    const awaited = await awaitedIn()
    expect(awaited.length).toBeGreaterThan(150)
    for (const [number, what] of awaited.entries()) {
      const { unhandled, told } = await liveThrough(number, scope)
      expect(unhandled, `${number} ${what}`).toEqual([])
      expect([...new Set(told)].toSorted(), `${number} ${what}`).toEqual(BAD)
    }
  },
)

/** A bug of the kind that is looked for: something is begun, and nobody waits for it or hears of its failure. */
function plantFloating(test: TestWorld): void {
  const { writeCall } = test.store
  test.store = {
    ...test.store,
    writeCall: (record, expected) => {
      void test.store.readCall(record.callId)
      return writeCall(record, expected)
    },
  }
}

test("a promise that nobody awaits is found by it", async () => {
  const awaited = await awaitedIn(plantFloating)
  const floating = [...awaited.keys()].filter((number) => awaited[number] === "store.readCall")
  let found = 0
  for (const number of floating) {
    const { unhandled } = await liveThrough(number, "once", plantFloating)
    if (unhandled.length > 0) found++
    expect(unhandled.every((reason) => reason instanceof Rejected)).toBe(true)
  }
  expect(found).toBeGreaterThan(floating.length / 3)
})
