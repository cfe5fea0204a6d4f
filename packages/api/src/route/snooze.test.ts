/** People snooze rules and channels for a while, and see what is held meanwhile. */
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { rest } from "@earshot/core/alert/delivery"
import { testRecord } from "@earshot/core/alert/channel-test"
import { DAY, HOUR, MINUTE, isoOf } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { START, createTestApi } from "../test-api.ts"

const NOUNS = [
  ["/channels/slack", { name: "Slack" }],
  ["/rules/flagged", { name: "Flagged" }],
] as const

test.each(NOUNS)("%s is snoozed for a time, which ends by itself", async (path, known) => {
  const api = createTestApi()
  const snoozed = await api.call("POST", `${path}/snooze`, { body: { for: "PT8H" } })
  const until = isoOf(START + 8 * HOUR)
  expect(snoozed).toMatchObject({ status: 200, body: { ...known, version: 2, snoozedUntil: until } })
  expect(snoozed.headers.get("etag")).toBe('"2"')
  expect((await api.call("GET", path)).body).toMatchObject({ snoozedUntil: until })
  api.advance(8 * HOUR)
  expect((await api.call("GET", path)).body).toMatchObject({ snoozedUntil: null })
})

test.each(NOUNS)("%s is woken by DELETE, and the poller is asked to look for what was held", async (path) => {
  const api = createTestApi()
  await api.call("POST", `${path}/snooze`, { body: { until: isoOf(START + DAY) } })
  api.advance(MINUTE)
  const woken = await api.call("DELETE", `${path}/snooze`)
  expect(woken).toMatchObject({ status: 200, body: { version: 3, snoozedUntil: null } })
  expect(await api.store.readControl()).toMatchObject({
    dueAskedAt: START + MINUTE,
    rulesChangedAt: START + MINUTE,
  })
})

test.each(NOUNS)("%s stays snoozed when it is edited, also by what was read", async (path) => {
  const api = createTestApi()
  await api.call("POST", `${path}/snooze`, { body: { for: "P1D" } })
  const { body } = await api.call("GET", path)
  const edited = await api.call("PUT", path, { body: Object.assign({}, body, { name: "Other" }) })
  expect(edited).toMatchObject({ status: 200, body: { name: "Other", snoozedUntil: isoOf(START + DAY) } })
})

test.each(NOUNS)("a snooze of %s is an edit of a version", async (path) => {
  const api = createTestApi()
  const late = await api.call("POST", `${path}/snooze`, { body: { for: "PT2H" }, ifMatch: '"7"' })
  expect(late.status).toBe(412)
  expect((await api.call("POST", `${path}/snooze`, { body: { for: "PT2H" }, ifMatch: '"1"' })).status).toBe(
    200,
  )
  expect((await api.call("DELETE", `${path}/snooze`, { ifMatch: '"1"' })).status).toBe(412)
})

test.each([
  ["less than an hour", { for: "PT30M" }],
  ["more than a week", { for: "P8D" }],
  ["a time that is over", { until: isoOf(START - DAY) }],
  ["a time beyond a week", { until: isoOf(START + 8 * DAY) }],
  ["both", { for: "PT2H", until: isoOf(START + 2 * HOUR) }],
  ["neither", {}],
  ["no duration", { for: "tomorrow" }],
  ["no time", { until: "tomorrow" }],
  ["something else", { for: "PT2H", why: "noise" }],
  ["no JSON", "tomorrow"],
])("%s is no snooze", async (_, body) => {
  const api = createTestApi()
  for (const [path] of NOUNS) {
    expect((await api.call("POST", `${path}/snooze`, { body })).status).toBe(400)
    expect((await api.call("GET", path)).body).toMatchObject({ version: 1, snoozedUntil: null })
  }
})

test("there is no snooze of what there is not", async () => {
  const api = createTestApi()
  for (const path of ["/channels/none", "/rules/none"]) {
    expect((await api.call("POST", `${path}/snooze`, { body: { for: "PT2H" } })).status).toBe(404)
    expect((await api.call("DELETE", `${path}/snooze`)).status).toBe(404)
  }
})

test("what is held is counted, and said until when", async () => {
  const api = createTestApi()
  const record = testRecord("slack", "x", START)
  const held = record.deliveries.map((delivery) => rest(delivery, START + 8 * HOUR, START))
  const reasons = record.alert?.reasons.map((reason) => ({ ...reason, ruleId: "flagged" })) ?? []
  const alert = { raisedAt: START, reasons }
  await api.store.writeCall({ ...record, callId: "held", alert, deliveries: held }, 0)
  await api.store.writeCall({ ...record, callId: "due" }, 0)
  await api.call("POST", "/channels/slack/snooze", { body: { for: "PT8H" } })
  await api.call("POST", "/rules/flagged/snooze", { body: { for: "PT9H" } })
  expect((await api.call("GET", "/channels/slack")).body).toMatchObject({
    health: { state: "ok", owed: 2, held: 1, heldUntil: isoOf(START + 8 * HOUR) },
  })
  expect((await api.call("GET", "/channels/email")).body).toMatchObject({
    health: { owed: 0, held: 0, heldUntil: null },
  })
  expect((await api.call("GET", "/rules/flagged")).body).toMatchObject({ held: 1 })
  const rules = (await api.call("GET", "/rules")).body
  expect(rules).toMatchObject({
    rules: DEFAULT_RULES.map(({ id }) => ({ id, held: id === "flagged" ? 1 : 0 })).sort((a, b) =>
      a.id < b.id ? -1 : 1,
    ),
  })
})

test("quiet hours say until when the channel is left alone", async () => {
  const api = createTestApi()
  // Monday, 10:00 in Berlin.
  const quietHours = { from: "09:30", until: "11:00", days: ["mon"] }
  await api.call("PATCH", "/channels/slack", { body: { quietHours, timeZone: "Europe/Berlin" } })
  expect((await api.call("GET", "/channels/slack")).body).toMatchObject({
    health: { heldUntil: isoOf(START + HOUR) },
  })
  api.advance(HOUR)
  expect((await api.call("GET", "/channels/slack")).body).toMatchObject({ health: { heldUntil: null } })
})

test("quiet hours that never end are refused", async () => {
  const api = createTestApi()
  const quietHours = { from: "08:00", until: "08:00" }
  expect((await api.call("PATCH", "/channels/slack", { body: { quietHours } })).status).toBe(400)
  const weekend = { ...quietHours, days: ["sat", "sun"] }
  expect((await api.call("PATCH", "/channels/slack", { body: { quietHours: weekend } })).status).toBe(200)
})
