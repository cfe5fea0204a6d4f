/**
 * Builds side by side, on the same calls: how soon each has seen what there is to know, what it has missed, and what it costs. The other
 * build is a folder with its sources, installed; all that is asked of it is its simulation.
 */
import { HOUR, type Instant, isoOf } from "@earshot/core/instant"
import type { Scenario } from "@earshot/simulation/scenario"
import type { SimulatedCall } from "@earshot/simulation/truth/call"
import { existsSync } from "node:fs"
import path from "node:path"
import { pathToFileURL } from "node:url"
import { quantile } from "./latency.ts"
import { type Sights, createSightings } from "./sighting.ts"

/** What came of one run; turns and requests to the table by the hour. */
export type Race = Sights & {
  missed: number
  wrong: number
  violations: number
  turns: number
  writes: number
}

type Outcome = {
  problems: readonly string[]
  missed: number
  falseAlerts: number
  violations: number
}

type OtherScenario = Pick<Scenario, "days" | "seed" | "profile" | "rate" | "asked" | "trace">

/** Where builds have had their simulation. */
const PLACES = ["packages/simulation/src/simulation.ts", "packages/local/src/simulation.ts"]

export async function olderBuild(
  folder: string,
): Promise<{ simulate: (scenario: OtherScenario) => Promise<Outcome> }> {
  const place = PLACES.map((file) => path.resolve(folder, file)).find((file) => existsSync(file))
  if (place === undefined) throw new Error(`There is no build of Earshot in ${folder}.`)
  return import(pathToFileURL(place).href)
}

export type Racer = "older" | "polled" | "nudged"

/** Watches a simulation by its requests and its trace, until `until`. */
export function createRacer(calls: readonly SimulatedCall[], until: Instant) {
  const sightings = createSightings(calls, until)
  const counts = { turns: 0, writes: 0 }
  const last = isoOf(until)
  const hours = (until - (calls[0]?.createdAt ?? until)) / HOUR
  return {
    hooks: {
      asked: (url: URL, at: Instant) => {
        if (at <= until) sightings.asked(url, at)
      },
      // A line begins with its time; a process speaks to the table, or says what its turn did.
      trace: (line: string) => {
        const [, at = "", what = ""] = /^(\S+) p\d+ (store|\{)/.exec(line) ?? []
        if (what === "" || at > last) return
        counts[what === "store" ? "writes" : "turns"]++
      },
    },
    race: ({ missed, falseAlerts, violations }: Outcome): Race => {
      const { turns, writes } = counts
      return {
        ...sightings.sights(),
        missed,
        wrong: falseAlerts,
        violations,
        turns: turns / hours,
        writes: writes / hours,
      }
    },
  }
}

const RACERS = [
  ["older", "the other build"],
  ["polled", "without nudges"],
  ["nudged", "with nudges, 9 of 10"],
] as const satisfies readonly (readonly [Racer, string])[]

type RaceRun = { run: { racer?: Racer; rate: number }; race?: Race }

/** A table in Markdown: a line for each measure, by calls an hour. */
export function raceTable(made: readonly RaceRun[], rates: readonly number[]): string {
  const racers = RACERS.filter(([kind]) => made.some(({ run, race }) => race && run.racer === kind))
  const lines = rates.flatMap((rate) => {
    const figures = racers.map(([kind]) => figuresOf(racesOf(made, kind, rate)))
    const names = Object.keys(figures[0] ?? {})
    return names.map((name) => `| ${rate} | ${name} | ${figures.map((of) => of[name] ?? "").join(" | ")} |`)
  })
  const heads = [
    "calls an hour",
    "until an answer shows it, and what it costs",
    ...racers.map(([, name]) => name),
  ]
  return [`| ${heads.join(" | ")} |`, `|${"---|".repeat(heads.length)}`, ...lines].join("\n")
}

function racesOf(made: readonly RaceRun[], kind: Racer, rate: number): Race[] {
  return made.flatMap(({ run, race }) => (race && run.racer === kind && run.rate === rate ? [race] : []))
}

function figuresOf(races: readonly Race[]): Record<string, string> {
  const all = (of: "end" | "analysis") => races.flatMap((race) => race[of]).sort((a, b) => a - b)
  const sum = (of: "missed" | "wrong" | "violations" | "never" | "turns" | "writes") =>
    races.reduce((total, race) => total + race[of], 0)
  const [end, analysis] = [all("end"), all("analysis")]
  return {
    "the call's end, mean and p99": timesOf(end),
    "score, flag and mood, mean and p99": timesOf(analysis),
    "missed, false alerts, limits exceeded": `${sum("missed")}, ${sum("wrong")}, ${sum("violations")}`,
    "turns of the poller an hour": (sum("turns") / races.length).toFixed(0),
    "requests to the table an hour": (sum("writes") / races.length).toFixed(0),
  }
}

function timesOf(sorted: readonly number[]): string {
  const mean = sorted.reduce((total, one) => total + one, 0) / sorted.length
  return `${(mean / 1000).toFixed(1)} s, ${(quantile(sorted, 0.99) / 1000).toFixed(0)} s`
}
