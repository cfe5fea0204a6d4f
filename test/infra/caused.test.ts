/**
 * Causes in the local world what each alarm watches, and lets the alarm that a deploy would make ring: by its own settings, on the lines that
 * the poller and the API really log. What docs/operations.md says of it is what was seen here.
 */
import { expect, test } from "vitest"
import { createApi } from "../../packages/api/src/app.ts"
import { turnEntry } from "../../packages/functions/src/metric.ts"
import { createMemoryStore } from "../../packages/io/src/store/memory-store.ts"
import type { Store } from "../../packages/io/src/store/store.ts"
import type { LogEntry } from "../../packages/io/src/world.ts"
import { poll } from "../../packages/poller/src/poll.ts"
import {
  START,
  type TestWorld,
  addressOf,
  callAt,
  createTestWorld,
} from "../../packages/poller/src/test-world.ts"
import type { AlarmName } from "../../stacks/alarm.ts"
import {
  type Course,
  UNDER_LAMBDA,
  alarms,
  lambda,
  lostRunQueue,
  namespace,
  rang,
  written,
} from "./ringing.ts"

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Triggers the poller every twenty seconds for so long, as Lambda does, and counts what AWS counts. */
async function pollFor(
  world: TestWorld,
  ms: number,
  each: (minute: number) => void = () => {},
  everyMs = 20 * SECOND,
) {
  const course: Course = { lines: [], data: [], from: START, until: START + ms }
  let lost = 0
  for (let spent = 0; spent < ms; spent += everyMs) {
    each(Math.floor(spent / MINUTE))
    world.advance(Math.max(0, START + spent - world.world.now()))
    const at = world.world.now()
    const logged = world.logs.length
    const report = await world
      .run(poll(world.world, world.store, world.setup, world.memory))
      .catch(() => null)
    const entries = [...world.logs.slice(logged), ...(report ? [turnEntry(report)] : [])]
    course.lines.push(...entries.map((entry) => written("Poller", at, entry)))
    const hasFailed = !report?.ok
    // A tick that fails is not tried again, and leaves nothing behind.
    if (hasFailed && spent % MINUTE === 0) lost++
    course.data.push(
      lambda("Poller", "Invocations", at, 1),
      lambda("Poller", "Errors", at, Number(hasFailed)),
      lambda("Poller", "Duration", at, world.world.now() - at),
      {
        namespace: "AWS/SQS",
        metric: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: lostRunQueue },
        at,
        value: lost,
      },
    )
  }
  return course
}

/** Answers for a host from then on; null: the host does so itself again. */
function answering(world: TestWorld, host: string, answer: (() => Response) | null): void {
  const fetch = networks.get(world) ?? world.world.fetch
  networks.set(world, fetch)
  world.world.fetch = async (input, init) =>
    answer && addressOf(input).includes(host) ? answer() : fetch(input, init)
}

const networks = new Map<TestWorld, typeof fetch>()

const WAIT = { "retry-after": "900" }

let calls = 0

/** A bad call that ended in this minute, and a good one whose detail a rule needs. */
function addCalls(world: TestWorld, minute: number, plain = 1): void {
  const before = -(minute - 2) * MINUTE
  world.book.add(callAt(`flagged-${++calls}`, before, { flagged: true }))
  for (let call = 0; call < plain; call++)
    world.book.add(callAt(`plain-${++calls}`, before - call, { score: 4 }))
}

const seen = new Set<string>()

/** That these rang and no other. Returns their minutes. */
function expectRinging(course: Course, ...names: AlarmName[]) {
  const ringing = rang(course)
  expect(Object.keys(ringing).sort()).toEqual([...names].sort())
  for (const name of names) seen.add(name)
  return ringing
}

test("while all is well, nothing rings for three hours", async () => {
  const world = createTestWorld()
  expectRinging(
    await pollFor(
      world,
      3 * HOUR,
      everyFive((minute) => addCalls(world, minute)),
    ),
  )
})

/** Once in each fifth minute. */
function everyFive(work: (minute: number) => void) {
  return once((minute) => minute % 5 === 0 && work(minute))
}

/** At these minutes, once. */
function at(works: Record<number, () => unknown>) {
  return once((minute) => works[minute]?.())
}

/** Once in each minute, however often the poller is triggered in it. */
function once(work: (minute: number) => unknown) {
  let last = -1
  return (minute: number) => {
    if (minute !== last) work(minute)
    last = minute
  }
}

test("a key that the vendor limits for a quarter of an hour rings CoverageLag, which failing polls never did", async () => {
  const world = createTestWorld()
  const course = await pollFor(
    world,
    HOUR,
    at({
      20: () => answering(world, "echo.win", () => new Response("{}", { status: 429, headers: WAIT })),
      35: () => answering(world, "echo.win", null),
    }),
  )
  const { CoverageLag = [] } = expectRinging(course, "CoverageLag")
  expect(CoverageLag[0]).toBeLessThan(32)
  expect(CoverageLag.at(-1)).toBeLessThan(42)
})

test("a vendor that answers 500 rings PollerFailing and CoverageLag, and fills the queue of lost runs", async () => {
  const world = createTestWorld()
  const course = await pollFor(
    world,
    HOUR,
    at({
      10: () => answering(world, "echo.win", () => new Response("no", { status: 500 })),
      30: () => answering(world, "echo.win", null),
    }),
  )
  const ringing = expectRinging(course, "CoverageLag", "PollerFailing", "RunsLost")
  expect(ringing["PollerFailing"]?.[0]).toBeLessThan(18)
  // What was lost lies in the queue until somebody has read it.
  expect(ringing["RunsLost"]?.at(-1)).toBe(60)
})

test("a table that nobody can write to rings CoverageLag by silence", async () => {
  const world = createTestWorld()
  const whole = world.store
  const denying = { ...whole, acquire: () => Promise.reject(new Error("denied")) } satisfies Store
  const course = await pollFor(
    world,
    40 * MINUTE,
    at({ 10: () => (world.store = denying), 25: () => (world.store = whole) }),
  )
  expectRinging(course, "CoverageLag", "PollerFailing", "RunsLost")
})

test("nothing triggers the poller: PollerSilent and CoverageLag ring within ten minutes", () => {
  const course: Course = { lines: [], data: [], from: START, until: START + 10 * MINUTE }
  expectRinging(course, "PollerSilent", "CoverageLag")
})

test("a webhook that is gone rings ChannelRefusing soon, and DeliveryLate", async () => {
  const world = createTestWorld()
  answering(world, "hooks.slack.com", () => new Response("no_service", { status: 404 }))
  const course = await pollFor(
    world,
    2 * HOUR,
    everyFive((minute) => minute < 30 && addCalls(world, minute)),
  )
  const { ChannelRefusing = [] } = expectRinging(course, "ChannelRefusing", "DeliveryLate")
  // It does not come and go with each attempt.
  expect(ChannelRefusing.at(-1)).toBe(120)
  expect(ChannelRefusing.length).toBe(120 - (ChannelRefusing[0] ?? 0) + 1)
})

test("a webhook that fails for half an hour rings DeliveryLate, and one that fails for three minutes nothing", async () => {
  const during = async (minutes: number) => {
    const world = createTestWorld()
    return pollFor(
      world,
      HOUR,
      at({
        5: () => answering(world, "hooks.slack.com", () => new Response("no", { status: 500 })),
        6: () => addCalls(world, 6),
        [5 + minutes]: () => answering(world, "hooks.slack.com", null),
      }),
    )
  }
  expectRinging(await during(30), "DeliveryLate")
  expectRinging(await during(3))
})

test("a message that is given up after a day rings AlertsUndelivered", async () => {
  const world = createTestWorld()
  answering(world, "hooks.slack.com", () => new Response("no_service", { status: 404 }))
  addCalls(world, 1)
  const { lines, data, until } = await pollFor(world, 26 * HOUR, () => {}, 5 * MINUTE)
  // Triggers every five minutes tell nothing of the other alarms.
  const own = data.filter(({ metric }) => metric === "AlertsUndelivered")
  const course = { lines: lines.filter(({ text }) => text.includes("delivery.dead")), data: own, until }
  const ringing = rang({ ...course, from: until - 3 * HOUR })
  expect(ringing["AlertsUndelivered"]?.length).toBeGreaterThan(30)
  seen.add("AlertsUndelivered")
})

test("more calls than details ring DetailsStarved, and CallsUnexamined once they are closed without", async () => {
  const world = createTestWorld({ limits: { detailPerHour: 4 } })
  const course = await pollFor(
    world,
    8 * HOUR,
    everyFive((minute) => addCalls(world, minute, 3)),
    40 * SECOND,
  )
  expectRinging(course, "DetailsStarved", "CallsUnexamined")
})

test("a damaged rule rings StoredUnreadable", async () => {
  const world = createTestWorld()
  world.store = {
    ...world.store,
    readRules: async () => [{ id: "odd", version: 2, isReadable: false }],
  } satisfies Store
  expectRinging(await pollFor(world, 90 * MINUTE), "StoredUnreadable")
})

test("an API whose table answers nothing rings ApiFailing; one that is asked what is not there does not", async () => {
  const logs: LogEntry[] = []
  const world = { ...createTestWorld().world, log: (entry: LogEntry) => void logs.push(entry) }
  const ask = async (store: Store) => {
    const api = createApi(world, store, { token: "a-token-of-the-tests", intervalMs: 0 })
    for (let request = 0; request < 4; request++)
      await api.request("/rules", { headers: { authorization: "Bearer a-token-of-the-tests" } })
  }
  const apiCourse = () => {
    const lines = logs.map((entry) => written("Api", START + 5 * MINUTE, entry))
    const invoked = Array.from({ length: 40 }, (_, minute) =>
      lambda("Poller", "Invocations", START + minute * MINUTE, 1),
    )
    const lag = Array.from({ length: 40 }, (_, minute) => ({
      namespace,
      metric: "lagSeconds",
      dimensions: { source: "poller" },
      at: START + minute * MINUTE,
      value: 0,
    }))
    return { lines, data: [...invoked, ...lag], from: START, until: START + 40 * MINUTE }
  }
  await ask(createMemoryStore())
  expectRinging(apiCourse())
  await ask({
    ...createMemoryStore(),
    readRules: () => Promise.reject(new Error("no table")),
  } satisfies Store)
  expectRinging(apiCourse(), "ApiFailing")
})

/** The longest run of a course, in milliseconds. */
const longest = ({ data }: Course) =>
  Math.max(...data.filter(({ metric }) => metric === "Duration").map(({ value }) => value))

test("whatever hangs, no run is slow: a turn is over before", async () => {
  const world = createTestWorld()
  const { fetch } = world.world
  const hang = () => (world.world.fetch = () => new Promise(() => {}))
  const works = at({ 10: hang, 40: () => (world.world.fetch = fetch) })
  const course = await pollFor(world, HOUR, (minute) => {
    if (minute < 10) addCalls(world, minute, 3)
    works(minute)
  })
  expect(longest(course)).toBeGreaterThan(9 * SECOND)
  expect(longest(course)).toBeLessThan(50 * SECOND)
  expect(Object.keys(rang(course))).not.toContain("PollerSlow")
})

test("a machine that stands still in the middle of polls rings PollerSlow", async () => {
  const world = createTestWorld()
  const { fetch } = world.world
  const course = await pollFor(
    world,
    HOUR,
    at({
      10: () => {
        world.world.fetch = (input, init) => {
          world.advance(55 * SECOND)
          return fetch(input, init)
        }
      },
      25: () => (world.world.fetch = fetch),
    }),
    MINUTE,
  )
  const { PollerSlow = [] } = rang(course)
  expect(PollerSlow[0]).toBeLessThan(25)
  expect(PollerSlow.at(-1)).toBeLessThan(45)
  seen.add("PollerSlow")
})

test("each alarm was caused", () => {
  expect([...seen, ...UNDER_LAMBDA].sort()).toEqual(alarms.map(({ name }) => name).sort())
})
