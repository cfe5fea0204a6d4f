/** The page on costs is what the command prints, and what it counts is what the poller that ships uses. */
import { readFile } from "node:fs/promises"
import { expect, test } from "vitest"
import * as z from "zod"
import { dollarsOf, monthOf } from "./bill.ts"
import { costDocument } from "./document.ts"
import { FREE, PRICES, PRICES_READ } from "./price.ts"
import { Consumption, measureConsumption } from "./usage.ts"

const usages = z
  .array(Consumption)
  .parse(JSON.parse(await readFile(new URL("./usage.json", import.meta.url), "utf8")))

test("docs/costs.md is what npm run costs prints", async () => {
  const page = await readFile(new URL("../../../../docs/costs.md", import.meta.url), "utf8")
  expect(page).toBe(costDocument(usages))
  expect(usages.map(({ ratePerHour }) => ratePerHour)).toEqual([5, 60, 300])
})

test("every price has a source and a date", () => {
  expect(PRICES_READ).toMatch(/^\d{4}-\d\d-\d\d$/)
  for (const { source, dollars } of Object.values(PRICES)) {
    expect(source).toMatch(/^https:\/\//)
    expect(dollars).toBeGreaterThan(0)
  }
})

test("with no calls it measures six triggers a minute, three polls, each one write, and nothing else", async () => {
  const minutes = 6
  const idle = await measureConsumption({ ratePerHour: 0.001, hours: minutes / 60, warmUpMinutes: 2 })
  expect(idle.triggers).toBe(6 * minutes)
  expect(idle.vendorRequests).toBe(3 * minutes)
  expect(idle.alerts + idle.messages).toBe(0)
  // A poll is one write; now and then a turn has something else to write, such as an hour's coverage.
  expect(idle.writeUnits).toBeGreaterThanOrEqual(3 * minutes)
  expect(idle.writeUnits).toBeLessThan(3.5 * 3 * minutes)
})

test("a bill grows with what is used, and what AWS gives is taken off once", () => {
  const [usage] = usages
  if (!usage) throw new Error("Nothing was measured.")
  const once = monthOf(usage)
  const twice = monthOf({ ...usage, writeUnits: 2 * usage.writeUnits })
  const write = (month: typeof once) => dollarsOf(month, "tableWrite", { isFree: true })
  expect(write(twice)).toBeCloseTo(2 * write(once), 6)
  const many = { ...once, lambdaRequest: (FREE.lambdaRequest ?? 0) + 1_000_000 }
  expect(dollarsOf(many, "lambdaRequest", { isFree: true })).toBeCloseTo(PRICES.lambdaRequest.dollars, 6)
  expect(dollarsOf({ ...once, alarm: 4 }, "alarm", { isFree: true })).toBe(0)
})
