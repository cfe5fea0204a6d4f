/** A reference from a message leads to its call, for those who have the token. */
import { recordJudgement } from "@earshot/core/alert/call-record"
import { callReference } from "@earshot/core/fingerprint"
import { judge } from "@earshot/core/rule/judgement"
import { START, factsOf, ruleOf } from "@earshot/core/test-example"
import { expect, test } from "vitest"
import { createTestApi } from "../test-api.ts"

test("a reference leads to the call, however it is typed, and one that nobody was given to none", async () => {
  const api = createTestApi()
  const facts = factsOf({ id: "call-1", flagged: true })
  const rule = ruleOf({ flagged: true }, { name: "Flagged", severity: "warning" })
  await api.store.writeCall(recordJudgement(null, facts, judge([rule], facts, START), ["slack"], START), 0)
  await api.store.noteReference("call-1")
  const reference = callReference("call-1")
  const found = {
    calls: [{ id: "call-1", agent: "Front desk", severity: "warning", reasons: ["Flagged"] }],
  }
  expect(await api.call("GET", `/calls/${reference}`)).toMatchObject({ status: 200, body: found })
  expect(await api.call("GET", `/calls/${reference.toLowerCase()}`)).toMatchObject({
    status: 200,
    body: found,
  })
  expect(await api.call("GET", `/calls/${callReference("call-2")}`)).toMatchObject({ status: 404 })
  // Its record may be gone, or damaged, before the reference is.
  await api.store.noteReference("call-3")
  expect(await api.call("GET", `/calls/${callReference("call-3")}`)).toMatchObject({ status: 404 })
})
