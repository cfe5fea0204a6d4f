/** GET /fields says what a condition may name, and how often it was there. */
import { DAY } from "@earshot/core/instant"
import { FIELDS } from "@earshot/core/rule/field"
import { NO_PRESENCE, dayOf } from "@earshot/core/rule/presence"
import { expect, test } from "vitest"
import { createTestApi } from "../test-api.ts"
import { FieldList } from "./field.ts"

test("every field is listed with its operators, and with how many of the last week's calls had it", async () => {
  const api = createTestApi()
  const now = api.world.now()
  const counted = {
    ...NO_PRESENCE,
    calls: 40,
    details: 30,
    scoresAboveOne: 0,
    present: { score: 12, memory: 3 },
  }
  await api.store.addPresence(dayOf(now - 6 * DAY), counted)
  await api.store.addPresence(dayOf(now), counted)
  await api.store.addPresence(dayOf(now - 7 * DAY), counted)
  const { status, body } = await api.call("GET", "/fields")
  expect(status).toBe(200)
  const { fields } = FieldList.parse(body)
  expect(fields.map(({ name }) => name)).toEqual(FIELDS.map(({ name }) => name))
  const named = (name: string) => fields.find((field) => field.name === name)
  expect(named("score")).toMatchObject({ type: "number", source: "list", calls: 80, present: 24 })
  expect(named("score")?.operators).toContain("lte")
  expect(named("memory")).toMatchObject({ source: "detail", isPersonal: true, calls: 60, present: 6 })
  expect(named("summary")).toMatchObject({ calls: 80, present: 0 })
})
