/**
 * How long a poll takes to keep its first record when a hundred rules ask fifty things each of what was said in twenty calls
 * of 60 KB, and how much of the processor it takes in all: beside the plain way, which folds both texts for each comparison
 * and judges every call before it keeps one.
 */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { MINUTE, isoOf } from "@earshot/core/instant"
import { Rule } from "@earshot/core/rule/rule"
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { createCallsApi } from "@earshot/emulators/calls-api"
import { fetchFrom } from "@earshot/emulators/network"
import { between, createRandom } from "@earshot/emulators/random"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import type { Store } from "@earshot/io/store/store"
import { realWorld } from "@earshot/io/world"
import { createMemory } from "@earshot/poller/memory/memory"
import { poll } from "@earshot/poller/poll"
import type { BenchResult } from "./result.ts"

const RULES = 100

const COMPARISONS = 50

const CALLS = 20

const CALL_CHARACTERS = 60_000

const TURNS = 200

/** The plain way is measured on this many calls, and the rest is multiplication: it takes seconds a call. */
const PLAIN_CALLS = 2

/** The least time of so many. They take turns, so that whatever else the machine does slows both alike. */
const RUNS = 3

const TARGET = 1 / 20

type Phrases = readonly (readonly string[])[]

type PlainCall = ReturnType<typeof plainCall>

export async function measureJudging(): Promise<BenchResult[]> {
  const now = Date.now()
  const { say, phrases } = createTalk()
  const calls = Array.from({ length: CALLS }, (_, index) => {
    const transcript = Array.from({ length: TURNS }, (_, turn) => ({
      speaker: turn % 2 === 0 ? "agent" : "caller",
      text: say(CALL_CHARACTERS / TURNS),
      timestamp: isoOf(now),
    }))
    const [createdAt, endedAt] = [isoOf(now - (index + 2) * MINUTE), isoOf(now - (index + 1) * MINUTE)]
    return plainCall({ id: `call-${index}`, createdAt, endedAt, transcript })
  })
  const least = { first: Infinity, all: Infinity, plain: Infinity }
  for (let run = 0; run < RUNS; run++) {
    least.plain = Math.min(least.plain, judgePlainly(calls.slice(0, PLAIN_CALLS), phrases) / PLAIN_CALLS)
    const { first, all } = await pollOnce(calls, phrases)
    least.first = Math.min(least.first, first)
    least.all = Math.min(least.all, all)
  }
  const resultOf = (what: string, ours: number, plain: number): BenchResult => ({
    name: `Processor time ${what}: ${CALLS} calls of 60 KB, ${RULES} rules of ${COMPARISONS} comparisons`,
    values: { Earshot: ours, "judged plainly, and all before the first is kept": plain },
    unit: "ms",
    ratio: ours / plain,
    target: "at most a twentieth",
    isMet: ours / plain <= TARGET,
  })
  // Each call is judged before its detail is fetched, and once more with it.
  return [
    resultOf("until a poll keeps its first record", least.first, least.plain * (CALLS + 1)),
    resultOf("of the whole poll", least.all, least.plain * CALLS * 2),
  ]
}

/** Talk of a few hundred words, and phrases of the same words. */
function createTalk() {
  const die = createRandom("judging")
  const roll = (below: number) => Math.floor(between(die, 0, below))
  const words = Array.from({ length: 400 }, () =>
    Array.from({ length: 2 + roll(7) }, () => String.fromCharCode(97 + roll(26))).join(""),
  )
  const say = (characters: number) => {
    let said = ""
    while (said.length < characters) said += `${words[roll(words.length)]} `
    return said.slice(0, characters)
  }
  return {
    say,
    phrases: Array.from({ length: RULES }, () => Array.from({ length: COMPARISONS }, () => say(25))),
  }
}

/** Milliseconds of the processor. */
function judgePlainly(calls: readonly PlainCall[], phrases: Phrases): number {
  const cpu = process.cpuUsage()
  let found = 0
  for (const { transcript } of calls) {
    for (const operand of phrases.flat()) {
      // As a field is read: its turns are joined.
      const seen = transcript.map(({ text }) => text).join("\n")
      if (seen.toLowerCase().includes(operand.toLowerCase())) found++
    }
  }
  if (found > phrases.flat().length * calls.length) throw new Error("More was found than was looked for.")
  return sinceThen(cpu)
}

function sinceThen(cpu: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(cpu)
  return (user + system) / 1000
}

async function pollOnce(calls: readonly PlainCall[], phrases: Phrases) {
  const api = createCallsApi({
    source: createCallBook(calls),
    keys: ["ew_bench"],
    limits: "none",
    now: Date.now,
  })
  const world = { ...realWorld(() => {}), fetch: fetchFrom({ "echo.win": api }) }
  const memory = createMemoryStore()
  for (const rule of rulesOf(phrases)) await memory.writeRule(rule)
  const kept: number[] = []
  const store: Store = {
    ...memory,
    writeCall: (record: CallRecord, version: number) => {
      kept.push(sinceThen(cpu))
      return memory.writeCall(record, version)
    },
  }
  const setup = {
    api: { baseUrl: "https://echo.win/api/v1", apiKey: "ew_bench", timeoutMs: 10_000 },
    channels: [],
    limits: { listPerHour: 200, detailPerHour: 500, gateMs: 0 },
    lookbackMs: 24 * 60 * MINUTE,
  }
  const cpu = process.cpuUsage()
  const report = await poll(world, store, setup, createMemory())
  const all = sinceThen(cpu)
  if (kept.length !== CALLS || !report.ok) throw new Error(`The poll kept ${kept.length} of ${CALLS} calls.`)
  return { first: kept[0] ?? Number.NaN, all }
}

function rulesOf(phrases: Phrases): Rule[] {
  return phrases.map((own, index) =>
    Rule.parse({
      id: `rule-${index}`,
      name: `Rule ${index}`,
      when: { any: own.map((contains) => ({ transcript: { contains } })) },
      settle: "PT30M",
      version: 1,
      updatedAt: null,
    }),
  )
}
