/** The line of a turn is a document of CloudWatch's embedded metric format where a deployment wants one, and no other line ever is. */
import { FIRST_CONTROL } from "@earshot/core/turn/control"
import { realWorld } from "@earshot/io/world"
import { type PollReport, emptyReport } from "@earshot/poller/report"
import { expect, test } from "vitest"
import { METRIC_DIMENSIONS, turnEntry, withMetrics } from "./metric.ts"

const AT = Date.UTC(2026, 0, 5)

const limits = { listPerHour: 200, detailPerHour: 500, gateMs: 19_000 }

const report: PollReport = emptyReport({
  kind: "poll",
  control: FIRST_CONTROL,
  ring: FIRST_CONTROL.ring,
  limits,
})

/** What a line of the log says. */
function lineOf(told: PollReport, namespace: string | null) {
  const lines: string[] = []
  const dress = namespace === null ? undefined : withMetrics(namespace, () => AT)
  realWorld((line) => void lines.push(line), dress).log(turnEntry(told))
  expect(lines).toHaveLength(1)
  return JSON.parse(lines[0] ?? "")
}

/** By the rules of the specification: each metric is a number of the document, each dimension a text. */
function namesIn(
  document: Record<string, unknown>,
  directive: { Dimensions: string[][]; Metrics: { Name: string }[] },
) {
  for (const set of directive.Dimensions) {
    expect(set.length).toBeGreaterThan(0)
    for (const name of set) expect(document[name]).toEqual(expect.stringMatching(/^.{1,1024}$/))
  }
  for (const { Name } of directive.Metrics) expect(document[Name]).toEqual(expect.any(Number))
  return directive.Metrics.map(({ Name }) => Name)
}

function headOf({ _aws: head }: ReturnType<typeof lineOf>) {
  return head
}

test("the lag is always a metric; another number only while it says something, so that it costs nothing otherwise", () => {
  const vitals = { ...report.vitals, lagSeconds: 0 }
  const calm = lineOf({ ...report, vitals }, "earshot/production")
  const head = headOf(calm)
  expect(head).toEqual({
    Timestamp: AT,
    CloudWatchMetrics: [
      {
        Namespace: "earshot/production",
        Dimensions: [Object.keys(METRIC_DIMENSIONS)],
        Metrics: [{ Name: "lagSeconds", Unit: "Seconds" }],
      },
    ],
  })
  expect(namesIn(calm, head.CloudWatchMetrics[0])).toEqual(["lagSeconds"])
  const bad = { lagSeconds: 400, undeliveredSeconds: 900, refusing: 1, waiting: 3, latencySeconds: 2 }
  const line = lineOf({ ...report, unexamined: 2, vitals: bad }, "earshot/production")
  expect(namesIn(line, headOf(line).CloudWatchMetrics[0]).sort()).toEqual(
    [...Object.keys(bad), "unexamined"].sort(),
  )
  expect(line).toMatchObject({ event: "poll", ...bad, unexamined: 2 })
})

test("before any poll has completed there is no lag, and silence is what rings", () => {
  expect(lineOf(report, "earshot/production")).not.toHaveProperty("_aws")
})

test("without a namespace the line is plain, and so is every other line of the log", () => {
  const vitals = { ...report.vitals, lagSeconds: 5 }
  expect(lineOf({ ...report, vitals }, null)).not.toHaveProperty("_aws")
  const other = { level: "warn", event: "list.clock", why: "x", lagSeconds: 5 } as const
  expect(withMetrics("earshot/production", () => AT)(other)).toBe(other)
})
