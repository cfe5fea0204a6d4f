/** How often a rule's alerts were right, by what people said of them: of one rule, and beside each rule that is read. */
import { DAY, HOUR } from "@earshot/core/instant"
import { expect, test } from "vitest"
import * as z from "zod"
import { storeAlert } from "../test-alert.ts"
import { START, createTestApi } from "../test-api.ts"

/** Alerts of two rules: by `low-score` two right and one false alarm, by `flagged` one that nobody judged. */
async function judged() {
  const api = createTestApi()
  const alerts = ["a low-score", "b low-score", "c low-score", "d flagged"]
  await api.store.addCoverage(START - 2 * HOUR, { add: { alerts, bad: ["a"], fine: ["b"] }, remove: {} })
  await api.store.addCoverage(START - 30 * HOUR, { add: { alerts: ["e low-score"], bad: ["e"] }, remove: {} })
  await api.store.addCoverage(START - 8 * DAY, { add: { alerts: ["f low-score"], fine: ["f"] }, remove: {} })
  return api
}

const OF_RULE = { "low-score": { precision: 2 / 3, verdicts: { bad: 2, fine: 1 } } }

const NONE = { precision: null, verdicts: { bad: 0, fine: 0 } }

test("each rule that is read, alone or in the list, says how much of its last week's alerts was right, and null if nobody did", async () => {
  const api = await judged()
  const { body } = await api.call("GET", "/rules")
  expect(body).toMatchObject({
    rules: [
      { id: "angry-caller", ...NONE },
      { id: "flagged", ...NONE },
      { id: "low-score", ...OF_RULE["low-score"] },
      { id: "transferred", ...NONE },
    ],
  })
  expect((await api.call("GET", "/rules/low-score")).body).toMatchObject(OF_RULE["low-score"])
  // It says the same as its own address.
  const { precision, verdicts } = OF_RULE["low-score"]
  expect((await api.call("GET", "/rules/low-score/precision")).body).toMatchObject({ precision, ...verdicts })
  // A rule is sent back as it was read.
  const read = await api.call("GET", "/rules/low-score")
  expect(await api.call("PUT", "/rules/low-score", { body: read.body })).toMatchObject({
    status: 200,
    body: { version: 2, ...OF_RULE["low-score"] },
  })
})

test("it takes one reading of a week, however many rules there are", async () => {
  const api = await judged()
  for (let rule = 0; rule < 50; rule++)
    await api.call("POST", "/rules", { body: { name: `Rule ${rule}`, when: { flagged: true } } })
  const spans: number[] = []
  const { readCoverage } = api.store
  api.store.readCoverage = async (span) => {
    spans.push(span.to - span.from)
    return readCoverage(span)
  }
  await api.call("GET", "/rules")
  expect(spans).toHaveLength(1)
  expect(spans[0]).toBeLessThanOrEqual(7 * DAY)
})

test("a verdict counts at once, also before the poller has noted the alert, and goes when it is taken back", async () => {
  const api = createTestApi()
  await storeAlert(api, "call-1", { rule: { id: "low-score", name: "Low score", severity: "warning" } })
  const precision = async () => {
    return z
      .object({ precision: z.number().nullable() })
      .parse((await api.call("GET", "/rules/low-score")).body).precision
  }
  expect(await precision()).toBeNull()
  await api.call("POST", "/alerts/call-1/acknowledge", { body: { by: "Ann", verdict: "bad" } })
  expect(await precision()).toBe(1)
  await api.call("POST", "/alerts/call-1/acknowledge", { body: { by: "Ann", verdict: "fine" } })
  expect(await precision()).toBe(0)
  await api.call("DELETE", "/alerts/call-1/acknowledge")
  expect(await precision()).toBeNull()
  expect((await api.call("GET", "/rules/low-score/precision")).body).toMatchObject({ alerts: 1 })
})
