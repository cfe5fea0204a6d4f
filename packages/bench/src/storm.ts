/**
 * Five thousand alerts at once to one Slack channel, on virtual time: how long until the last of them is told, and in how many messages,
 * beside one message for each alert, at the pace that Slack allows.
 */
import { DIGEST_FROM, NO_DIGESTS } from "@earshot/core/alert/digest"
import { HOUR, MINUTE, SECOND, isoOf } from "@earshot/core/instant"
import { createVirtualClock } from "@earshot/calls-api/virtual-clock"
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { createCallsApi } from "@earshot/emulators/calls-api"
import { fetchFrom } from "@earshot/emulators/network"
import { createSlackWebhook } from "@earshot/emulators/slack"
import { createSlackChannel } from "@earshot/io/channel/slack"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import type { World } from "@earshot/io/world"
import { createMemory } from "@earshot/poller/memory/memory"
import { poll } from "@earshot/poller/poll"
import type { BenchResult } from "./result.ts"

const ALERTS = 5000

const GATE_MS = 20 * SECOND

const START = Date.UTC(2026, 0, 5, 9)

const WEBHOOK = "https://hooks.slack.com/services/T0/B0/bench"

/** Where it would take longer, something is wrong. */
const TIME_MAX_MS = 12 * HOUR

export async function measureStorm(): Promise<BenchResult[]> {
  const ours = await weather(DIGEST_FROM)
  const each = await weather(NO_DIGESTS)
  const resultOf = (what: "minutes" | "messages", part: number): BenchResult => ({
    name: `A storm of ${ALERTS} alerts to one channel: ${what}`,
    values: { Earshot: ours[what], "one message each": each[what] },
    unit: what === "minutes" ? "min" : "messages",
    ratio: ours[what] / each[what],
    target: `at most 1/${part}`,
    isMet: ours[what] / each[what] <= 1 / part,
  })
  return [resultOf("minutes", 10), resultOf("messages", 50)]
}

/** From when all of them are owed until none is. */
async function weather(digestFrom: number): Promise<{ minutes: number; messages: number }> {
  const { clock, world, book, slack } = createWorld()
  const store = createMemoryStore()
  const setup = {
    api: { baseUrl: "https://echo.win/api/v1", apiKey: "ew_bench", timeoutMs: 10_000 },
    channels: [
      { ...createSlackChannel(world, { webhookUrl: WEBHOOK, privacy: "standard" as const }), digestFrom },
    ],
    limits: { listPerHour: 200, detailPerHour: 500, gateMs: 19_000 },
    lookbackMs: HOUR,
  }
  const memory = createMemory()
  const pollOnce = () => clock.run(poll(world, store, setup, memory))
  const wait = (ms: number) => clock.run(world.sleep(ms))
  book.add({
    ...plainCall({ id: "first", createdAt: isoOf(START - 2 * MINUTE), endedAt: isoOf(START) }),
    flagged: true,
  })
  await pollOnce()
  const known = await store.readCall("first")
  if (!known?.value.alert) throw new Error("The flagged call raised no alert.")
  const from = world.now()
  const owed = {
    channel: "slack",
    state: "due",
    attempts: 0,
    owedAt: from,
    mayRepeat: false,
    dueAt: from,
  } as const
  for (let call = 0; call < ALERTS; call++)
    await store.writeCall({ ...known.value, callId: `call-${call}`, deliveries: [owed] }, 0)
  await store.announceDue(from)
  const before = slack.received.length
  while ((await store.dueCalls(1)).length > 0) {
    if (world.now() - from > TIME_MAX_MS) throw new Error("The storm does not end.")
    await wait(GATE_MS)
    await pollOnce()
  }
  return { minutes: (world.now() - from) / MINUTE, messages: slack.received.length - before }
}

function createWorld() {
  const clock = createVirtualClock(START)
  const { now } = clock
  const book = createCallBook()
  const slack = createSlackWebhook({ now, path: new URL(WEBHOOK).pathname })
  const world: World = {
    fetch: fetchFrom({
      "echo.win": createCallsApi({ source: book, keys: ["ew_bench"], limits: "none", now }),
      "hooks.slack.com": slack.app,
    }),
    now,
    sleep: clock.sleep,
    random: () => 0.5,
    log: () => {},
  }
  return { clock, world, book, slack }
}
