/**
 * For tests: a world on a virtual clock in which the Calls API, Slack and SNS are the emulators, and everything
 * that is sent can be looked at.
 */
import { createVirtualClock } from "@earshot/calls-api/virtual-clock"
import type { Limits } from "@earshot/core/turn/budget"
import { type CallBook, createCallBook, plainCall } from "@earshot/emulators/call-book"
import { type CallsApiOptions, createCallsApi } from "@earshot/emulators/calls-api"
import { fetchFrom } from "@earshot/emulators/network"
import { type SlackWebhook, createSlackWebhook } from "@earshot/emulators/slack"
import { createEmailChannel, createSnsClient } from "@earshot/io/channel/email"
import { createSlackChannel } from "@earshot/io/channel/slack"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import type { Store } from "@earshot/io/store/store"
import type { LogEntry, World } from "@earshot/io/world"
import { Hono } from "hono"
import { type Memory, createMemory } from "./memory/memory.ts"
import { poll } from "./poll.ts"
import type { PollSetup } from "./setup.ts"
import type { PollReport } from "./report.ts"

export const START = Date.UTC(2026, 0, 5, 9)

const GATE_MS = 19_000

const WEBHOOK = "https://hooks.slack.com/services/T000/B000/X000"

export type Sent = { subject: string; body: string; attributes: Record<string, string> }

export type TestWorld = {
  world: World
  book: CallBook
  slack: SlackWebhook
  mails: Sent[]
  /** SNS answers this status instead of taking the message; 0: it takes it. */
  snsStatus: number
  /** Every request to the Calls API: its path and query. */
  requests: string[]
  logs: LogEntry[]
  store: Store
  memory: Memory
  setup: PollSetup
  /** Moves the clock and polls. */
  pollAfter: (milliseconds: number) => Promise<PollReport>
  /** Runs work that sleeps on the clock. */
  run: <T>(work: Promise<T>) => Promise<T>
  advance: (milliseconds: number) => void
  /** The ids of the calls that Slack was told of. */
  told: () => string[]
}

export function createTestWorld(
  options: {
    calls?: Omit<Partial<CallsApiOptions>, "now">
    limits?: Partial<Limits>
    lookbackMs?: number
  } = {},
): TestWorld {
  const clock = createVirtualClock(START)
  let ahead = 0
  const now = () => clock.now() + ahead
  const book = createCallBook()
  const callsApi = createCallsApi({ source: book, keys: ["ew_test"], limits: "none", ...options.calls, now })
  const slack = createSlackWebhook({ now, path: new URL(WEBHOOK).pathname })
  const mails: Sent[] = []
  const requests: string[] = []
  const logs: LogEntry[] = []
  const state = { snsStatus: 0 }
  const sns = new Hono()
  sns.post("/", async (context) => {
    if (state.snsStatus !== 0)
      return context.text(snsError(state.snsStatus), 500, { "content-type": "text/xml" })
    const form = new URLSearchParams(await context.req.text())
    mails.push({
      subject: form.get("Subject") ?? "",
      body: form.get("Message") ?? "",
      attributes: Object.fromEntries(
        [1, 2, 3].map((entry) => [
          form.get(`MessageAttributes.entry.${entry}.Name`) ?? "",
          form.get(`MessageAttributes.entry.${entry}.Value.StringValue`) ?? "",
        ]),
      ),
    })
    return context.text(SNS_ANSWER, 200, { "content-type": "text/xml" })
  })
  const served = fetchFrom({
    "echo.win": callsApi,
    "hooks.slack.com": slack.app,
    "sns.us-east-1.amazonaws.com": sns,
  })
  const world: World = {
    fetch: async (input, init) => {
      const url = new URL(addressOf(input))
      if (url.host === "echo.win") requests.push(url.pathname.replace("/api/v1", "") + url.search)
      return served(input, init)
    },
    now,
    sleep: clock.sleep,
    random: () => 0.5,
    log: (entry) => logs.push(entry),
  }
  const credentials = { accessKeyId: "test", secretAccessKey: "test" }
  const client = createSnsClient(world, { region: "us-east-1", credentials })
  const setup: PollSetup = {
    api: { baseUrl: "https://echo.win/api/v1", apiKey: "ew_test", timeoutMs: 10_000 },
    channels: [
      createSlackChannel(world, { webhookUrl: WEBHOOK, privacy: "standard" }),
      createEmailChannel(client, {
        topicArn: "arn:aws:sns:us-east-1:123456789012:alerts",
        privacy: "standard",
      }),
    ],
    limits: { listPerHour: 200, detailPerHour: 500, gateMs: GATE_MS, ...options.limits },
    lookbackMs: options.lookbackMs ?? 24 * 3_600_000,
  }
  const test: TestWorld = {
    world,
    book,
    slack,
    mails,
    requests,
    logs,
    store: createMemoryStore(),
    memory: createMemory(),
    setup,
    get snsStatus() {
      return state.snsStatus
    },
    set snsStatus(status) {
      state.snsStatus = status
    },
    advance: (milliseconds) => {
      ahead += milliseconds
    },
    run: (work) => clock.run(work),
    pollAfter: (milliseconds) => {
      ahead += milliseconds
      return clock.run(poll(test.world, test.store, test.setup, test.memory))
    },
    told: () =>
      slack.received.map(({ payload }) => /"text":"call ([\w-]+)"/.exec(JSON.stringify(payload))?.[1] ?? ""),
  }
  return test
}

/** A poll of another process, unless its `memory` is given, which dies where the store says so. */
export async function dieAt(
  test: TestWorld,
  mortal: (store: Store, die: () => Promise<never>) => Store,
  memory = createMemory(),
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const die = () => {
      resolve()
      return new Promise<never>(() => {})
    }
    const outlived = () => reject(new Error("The poll did not die."))
    test.run(poll(test.world, mortal(test.store, die), test.setup, memory)).then(outlived, outlived)
  })
}

/** Does something as soon as a request to such an address is made. */
export function during(test: TestWorld, address: RegExp, happen: () => void): void {
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    if (address.test(addressOf(input))) happen()
    return fetch(input, init)
  }
}

/**
 * A poll of a process that dies at its nth use of the world or the store. Half of the deaths come before the effect,
 * half after it: whoever died does not know. Another process, unless its `memory` is given.
 */
export function dying(
  test: TestWorld,
  deathAt: number,
  memory = createMemory(),
): { poll: () => Promise<{ died: boolean }> } {
  let uses = 0
  const never = new Promise<never>(() => {})
  let tell: (died: true) => void = () => {}
  const death = new Promise<true>((resolve) => {
    tell = resolve
  })
  const mortal = <Arguments extends unknown[], Result>(work: (...given: Arguments) => Promise<Result>) => {
    return async (...given: Arguments): Promise<Result> => {
      uses++
      if (uses < deathAt) return work(...given)
      if (uses === deathAt && deathAt % 2 === 0) await work(...given)
      tell(true)
      return never
    }
  }
  const { store, world } = test
  const mortalStore = {
    ...store,
    acquire: mortal(store.acquire),
    beginLook: mortal(store.beginLook),
    changeControl: mortal(store.changeControl),
    readWatch: mortal(store.readWatch),
    writeWatch: mortal(store.writeWatch),
    readCall: mortal(store.readCall),
    writeCall: mortal(store.writeCall),
    dueCalls: mortal(store.dueCalls),
    readRules: mortal(store.readRules),
  }
  // The channels and the vendor's client have the world that the test made, so its fetch dies for all of them.
  const mortalFetch = mortal(world.fetch.bind(world))
  return {
    poll: async () => {
      const alive = world.fetch
      world.fetch = mortalFetch
      const over = poll(world, mortalStore, test.setup, memory).then(() => false)
      const died = await Promise.race([over, death])
      world.fetch = alive
      return { died }
    },
  }
}

/** The names of the store's functions, as they are used from now on. */
export function usesOf(test: TestWorld): string[] {
  const used: string[] = []
  test.store = new Proxy(test.store, {
    get: (target, name, receiver) => {
      used.push(String(name))
      return Reflect.get(target, name, receiver)
    },
  })
  return used
}

/** Where a request goes. */
export function addressOf(input: Parameters<World["fetch"]>[0]): string {
  return input instanceof Request ? input.url : input.toString()
}

/** The facts of a call that goes on. */
export const GOING = { status: "in_progress", endedAt: null, duration: null, score: null, metadata: null }

export const NO_METADATA = { callQuality: null, technicalIssues: null, usage: null, callCost: null }

export const TRANSFER = {
  id: "t",
  type: "TRANSFER",
  sender: "agent",
  data: null,
  toolData: null,
  timestamp: "",
}

/** A completed call that began so long before the clock's start, and lasted a minute. */
export function callAt(
  id: string,
  millisecondsBefore: number,
  facts: Parameters<typeof plainCall>[0] | object = {},
) {
  const createdAt = new Date(START - millisecondsBefore).toISOString()
  const endedAt = new Date(START - millisecondsBefore + 60_000).toISOString()
  return plainCall({ createdAt, endedAt, duration: 60, ...facts, id })
}

const SNS_ANSWER =
  '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m</MessageId></PublishResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>'

function snsError(status: number): string {
  return `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>${status}</Message></Error><RequestId>r</RequestId></ErrorResponse>`
}
