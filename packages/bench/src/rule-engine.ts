/**
 * How long it takes to judge the documented call by a rule of ten comparisons, beside two libraries that people would take
 * for it: json-rules-engine, which gives reasons as Earshot does, and sift, which gives only the truth. All judge in one
 * process and take turns, so that whatever else the machine does slows them alike. json-rules-engine is measured in both ways in which
 * it can be given a call: as one fact with paths, which is how its documentation refers to the properties of an object, and by which
 * the target goes; and with each value made ready as a fact of its own, before the time is taken.
 */
import { Facts } from "@earshot/core/call/facts"
import { HOUR, instantOf } from "@earshot/core/instant"
import { judge, truthOfRule } from "@earshot/core/rule/judgement"
import { type CompiledRule, Rule, compileRules } from "@earshot/core/rule/rule"
import { EXAMPLE_CALL } from "@earshot/emulators/example"
import { Engine } from "json-rules-engine"
import sift from "sift"
import type { BenchResult } from "./result.ts"

/** All ten hold or fail so that the rule matches, and no part is decided by its first comparison. */
const WHEN = {
  status: "completed",
  spam: false,
  type: "INCOMING",
  duration: { gte: 10 },
  "sentiment.happy": { gte: 0.5 },
  any: [
    { flagged: true },
    { score: { lte: 2 } },
    { transferred: true },
    { "transcript.caller": { contains: "in stock" } },
  ],
  not: { "agent.name": "Night line" },
}

/** The same in sift's words. */
const QUERY = {
  status: "completed",
  spam: false,
  type: "INCOMING",
  duration: { $gte: 10 },
  "metadata.sentiment.happy": { $gte: 0.5 },
  $or: [
    { flagged: true },
    { score: { $lte: 2 } },
    { "activityTimeline.type": "TRANSFER" },
    { transcript: { $elemMatch: { speaker: "caller", text: /in stock/i } } },
  ],
  $nor: [{ "agent.name": "Night line" }],
}

const JUDGEMENTS = 2000

const RUNS = 15

const REASONS_TARGET = 1 / 50

/** The least times of so many runs, in microseconds for one judgement. */
type Times = { judged: number; truth: number; engine: number; engineOfFacts: number; sift: number }

export async function measureRuleEngines(): Promise<BenchResult[]> {
  const { judged, truth, engine, engineOfFacts, sift } = await measureTimes()
  return [
    {
      name: "A rule of ten comparisons on the documented call, with its reasons",
      values: { Earshot: judged, "json-rules-engine": engine },
      unit: "µs",
      ratio: judged / engine,
      target: "at most a fiftieth",
      isMet: judged / engine <= REASONS_TARGET,
    },
    {
      name: "The same with its reasons, beside json-rules-engine with each value as a fact of its own",
      values: { Earshot: judged, "json-rules-engine": engineOfFacts },
      unit: "µs",
      ratio: judged / engineOfFacts,
      target: null,
      isMet: true,
    },
    {
      name: "The same, its truth alone",
      values: { Earshot: truth, sift },
      unit: "µs",
      ratio: truth / sift,
      target: "not slower",
      isMet: truth <= sift,
    },
  ]
}

async function measureTimes(): Promise<Times> {
  const { rule, facts, now } = exampleOf()
  const engine = engineOf((path) => ({ fact: "call", path: `$.${path}` }))
  const engineOfFacts = engineOf((path) => ({ fact: path }))
  const values = valuesOf(facts)
  const { call } = facts
  const isMatch = sift(QUERY)
  const times: Times = {
    judged: Infinity,
    truth: Infinity,
    engine: Infinity,
    engineOfFacts: Infinity,
    sift: Infinity,
  }
  for (let run = 0; run < RUNS; run++) {
    const timeOf = (name: keyof Times, startedAt: number) => {
      times[name] = Math.min(times[name], ((performance.now() - startedAt) * 1000) / JUDGEMENTS)
    }
    const judgeStart = performance.now()
    for (let index = 0; index < JUDGEMENTS; index++) {
      const [verdict] = judge([rule], facts, now).verdicts
      if (verdict?.findings.length !== 7) throw new Error("Earshot gives other reasons.")
    }
    timeOf("judged", judgeStart)
    const truthStart = performance.now()
    for (let index = 0; index < JUDGEMENTS; index++)
      if (truthOfRule(rule, facts, now) !== "true") throw new Error("Earshot finds it untrue.")
    timeOf("truth", truthStart)
    const siftStart = performance.now()
    for (let index = 0; index < JUDGEMENTS; index++)
      if (!isMatch(call)) throw new Error("sift finds it untrue.")
    timeOf("sift", siftStart)
    const engineStart = performance.now()
    for (let index = 0; index < JUDGEMENTS; index++) {
      const { results } = await engine.run({ call })
      if (results.length !== 1) throw new Error("json-rules-engine finds it untrue.")
    }
    timeOf("engine", engineStart)
    const factsStart = performance.now()
    for (let index = 0; index < JUDGEMENTS; index++) {
      const { results } = await engineOfFacts.run(values)
      if (results.length !== 1) throw new Error("json-rules-engine finds the values untrue.")
    }
    timeOf("engineOfFacts", factsStart)
  }
  return times
}

function exampleOf(): { rule: CompiledRule; facts: Facts; now: number } {
  const [rule] = compileRules([
    Rule.parse({ id: "ten", name: "Ten", when: WHEN, settle: "PT30M", version: 1, updatedAt: null }),
  ])
  const end = instantOf(EXAMPLE_CALL.endedAt)
  if (!rule || end === null) throw new Error("The documented call cannot be judged.")
  const seen = { firstSeenAt: end, detailedAt: end + HOUR, detailIsFinal: true, overAt: end }
  return { rule, facts: Facts.parse({ call: EXAMPLE_CALL, ...seen }), now: end + HOUR }
}

/** What the rule asks of the call, by the paths that it has there. */
function valuesOf({ call }: Facts): Record<string, unknown> {
  const { status, spam, type, duration, flagged, score, activityTimeline, transcript } = call
  const happy = call.metadata?.sentiment?.happy
  const own = { status, spam, type, duration, flagged, score, activityTimeline, transcript }
  return { ...own, "metadata.sentiment.happy": happy, "agent.name": call.agent?.name }
}

/** `at`: how a condition refers to a value of the call. */
function engineOf(at: (path: string) => { fact: string; path?: string }): Engine {
  const engine = new Engine()
  type Turns = NonNullable<Facts["call"]["transcript"]>
  engine.addOperator("says", (turns: Turns, phrase: string) =>
    turns.some(({ speaker, text }) => speaker === "caller" && text?.includes(phrase)),
  )
  type Activities = NonNullable<Facts["call"]["activityTimeline"]>
  engine.addOperator("happened", (activities: Activities, type: string) =>
    activities.some((activity) => activity.type === type),
  )
  engine.addRule({
    event: { type: "matched" },
    conditions: {
      all: [
        { ...at("status"), operator: "equal", value: "completed" },
        { ...at("spam"), operator: "equal", value: false },
        { ...at("type"), operator: "equal", value: "INCOMING" },
        { ...at("duration"), operator: "greaterThanInclusive", value: 10 },
        { ...at("metadata.sentiment.happy"), operator: "greaterThanInclusive", value: 0.5 },
        {
          any: [
            { ...at("flagged"), operator: "equal", value: true },
            { ...at("score"), operator: "lessThanInclusive", value: 2 },
            { ...at("activityTimeline"), operator: "happened", value: "TRANSFER" },
            { ...at("transcript"), operator: "says", value: "in stock" },
          ],
        },
        { not: { ...at("agent.name"), operator: "equal", value: "Night line" } },
      ],
    },
  })
  return engine
}
