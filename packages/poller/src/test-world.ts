/**
 * For tests: a world on a virtual clock in which the Calls API, Slack and SNS are the emulators, and everything
 * that is sent can be looked at.
 */
import { createVirtualClock } from "@earshot/calls-api/virtual-clock"
import { NO_DIGESTS } from "@earshot/core/alert/digest"
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
import { type Memory, createMemory } from "./memory/memory.ts"
import { poll } from "./poll.ts"
import type { PollSetup } from "./setup.ts"
import type { PollReport } from "./report.ts"
import { type Sent, createTestSns } from "./test-sns.ts"

export const START = Date.UTC(2026, 0, 5, 9)

const GATE_MS = 19_000

export const WEBHOOK = "https://hooks.slack.com/services/T000/B000/X000"

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

type Options = {
  calls?: Omit<Partial<CallsApiOptions>, "now">
  limits?: Partial<Limits>
  lookbackMs?: number
}

export function createTestWorld(options: Options = {}): TestWorld {
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
  const sns = createTestSns(state, mails)
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
  const setup = setupOf(world, options)
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

function setupOf(world: World, { limits, lookbackMs }: Options): PollSetup {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" }
  const client = createSnsClient(world, { region: "us-east-1", credentials })
  return {
    api: { baseUrl: "https://echo.win/api/v1", apiKey: "ew_test", timeoutMs: 10_000 },
    channels: [
      createSlackChannel(world, { webhookUrl: WEBHOOK, privacy: "standard" }),
      createEmailChannel(client, {
        topicArn: "arn:aws:sns:us-east-1:123456789012:alerts",
        privacy: "standard",
      }),
      // Most tests look at each call by itself.
    ].map((channel) => ({ ...channel, digestFrom: NO_DIGESTS })),
    limits: { listPerHour: 200, detailPerHour: 500, gateMs: GATE_MS, ...limits },
    lookbackMs: lookbackMs ?? 24 * 3_600_000,
  }
}

/** Does something as soon as a request to such an address is made. */
export function during(test: TestWorld, address: RegExp, happen: () => void): void {
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    if (address.test(addressOf(input))) happen()
    return fetch(input, init)
  }
}

/** The names of the store's functions, as they are used from now on. */
export function usesOf(test: TestWorld): string[] {
  const used: string[] = []
  test.store = new Proxy(test.store, {
    get: (target, name, receiver) => {
      // Asks nothing of the table.
      if (name !== "takeUnreadable") used.push(String(name))
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

/** The facts of a call that went well, but for what else is said of it. */
export const CALM = {
  score: 4,
  metadata: { ...NO_METADATA, sentiment: { happy: 1, sad: 0, angry: 0, neutral: 0 } },
}

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
