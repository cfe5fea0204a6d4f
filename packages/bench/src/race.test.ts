/** What a race counts: the first answer that shows a fact, of every call, and each build in a column of its own. */
import { HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import { START } from "@earshot/simulation/scenario"
import { type SimulatedCall } from "@earshot/simulation/truth/call"
import { NO_ROWS } from "@earshot/simulation/truth/oddity"
import { createCallTraffic } from "@earshot/simulation/truth/traffic"
import path from "node:path"
import { expect, test } from "vitest"
import { olderBuild, raceTable } from "./race.ts"
import { runOne } from "./run.ts"
import { createSightings } from "./sighting.ts"

const END = START + 2 * HOUR

function callOf(times: Partial<SimulatedCall>): SimulatedCall {
  const options = { seed: 1, perHour: 60, from: START, to: END, hasCrowds: false, oddities: NO_ROWS }
  const [call] = createCallTraffic(options).callsAt(END)
  if (!call) throw new Error("There is no call.")
  const never = Number.POSITIVE_INFINITY
  return { ...call, createdAt: START, visibleAt: START, flaggedAt: never, deletedAt: never, ...times }
}

const list = (more = "") =>
  new URL(`https://echo.win/api/v1/calls?dateFrom=2026-01-05T00:00:00.000Z&limit=100${more}`)

test("a fact is seen by the first answer that shows it: moods by details alone", () => {
  const endedAt = START + MINUTE
  const call = callOf({ endedAt, scoreAt: endedAt + 20 * SECOND, sentimentAt: endedAt + 22 * SECOND })
  const { asked, sights } = createSightings([call], END)
  asked(list(), endedAt - SECOND)
  asked(new URL(`https://echo.win/api/v1/calls/${call.id}`), endedAt + 3 * SECOND)
  asked(list("&sortBy=endedAt"), endedAt + 4 * SECOND)
  asked(list(), endedAt + 25 * SECOND)
  expect(sights()).toEqual({ end: [3000], analysis: [5000], never: 1 })
  asked(new URL(`https://echo.win/api/v1/calls/${call.id}`), endedAt + 31 * SECOND)
  expect(sights()).toEqual({ end: [3000], analysis: [5000, 9000], never: 0 })
})

test("the races of one rate are one line for each measure, a column for each build", async () => {
  const at = { kind: "race", rate: 20, seed: 1, hours: 1 } as const
  const made = [await runOne({ ...at, racer: "polled" }), await runOne({ ...at, racer: "nudged" })]
  const own = path.resolve(import.meta.dirname, "../../..")
  const older = await runOne({ ...at, racer: "older", folder: own })
  // The same build on the same calls, by way of its folder.
  expect(older.race).toEqual(made[0]?.race)
  expect(raceTable(made, [20]).split("\n")).toHaveLength(2 + 5)
  const table = raceTable([...made, older], [20])
  expect(table.split("\n")[0]).toMatch(/the other build \| without nudges \| with nudges, 9 of 10 \|$/)
  expect(table).toMatch(/\| 20 \| missed, false alerts, limits exceeded \| 0, 0, 0 \| 0, 0, 0 \| 0, 0, 0 \|/)
})

test("a folder without a build is named", async () => {
  await expect(olderBuild("/nowhere")).rejects.toThrow("There is no build of Earshot in /nowhere.")
})
