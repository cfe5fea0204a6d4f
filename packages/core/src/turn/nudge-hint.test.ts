/** What is made of whatever somebody has written into the vendor's workflow editor. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { isSameParty, nudgeIn, partyDigits } from "./nudge-hint.ts"
import { Nudge, NudgeMessage } from "./nudge.ts"

const hintOf = (body: unknown, query = "") => {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  const { id, party } = nudgeIn(text, new URLSearchParams(query))
  return { id, party }
}

const NOTHING = { id: null, party: null }

describe("a hint", () => {
  test.each([
    [{ callId: "c-1" }, { id: "c-1", party: null }],
    [{ call_id: "c-1" }, { id: "c-1", party: null }],
    [{ id: "c-1" }, { id: "c-1", party: null }],
    [
      { "Call-ID": "c-1", phone: "$phone" },
      { id: "c-1", party: null },
    ],
    [{ id: 4711 }, { id: "4711", party: null }],
    [{ phone: "+1 (555) 010-0001" }, { id: null, party: "15550100001" }],
    [{ from: "0049 30/123 45-67" }, { id: null, party: "49301234567" }],
    [{ callerNumber: "tel:+4930.1234567" }, { id: null, party: "49301234567" }],
    [{ caller_number: 15550100001 }, { id: null, party: "15550100001" }],
    [{ data: { call: { id: "deep" } } }, { id: "deep", party: null }],
    ["call_id=c-1&from=%2B15550100001", { id: "c-1", party: "15550100001" }],
    ["not JSON, no form", NOTHING],
    ["", NOTHING],
    ["null", NOTHING],
    ["[]", NOTHING],
    ['"c-1"', NOTHING],
  ])("of %j is %j", (body, hint) => {
    expect(hintOf(body)).toEqual(hint)
  })

  test("is found in the query too, and the body's goes first", () => {
    expect(hintOf("", "call_id=q")).toEqual({ id: "q", party: null })
    expect(hintOf({ id: "b" }, "call_id=q")).toEqual({ id: "b", party: null })
  })

  test.each([
    "$call_id",
    "{{call.id}}",
    "<id>",
    "%id%",
    "[id]",
    "null",
    "undefined",
    "",
    "  ",
    "two words",
    "é",
  ])("is not what stands for one: %j", (value) => {
    expect(hintOf({ call_id: value, id: "c-1" })).toEqual({ id: "c-1", party: null })
    expect(hintOf({ call_id: value })).toEqual(NOTHING)
  })

  test.each([
    "$call_from",
    "anonymous",
    "sip:anna@example.com",
    "Anna",
    "Anna, +49 30 123456",
    "123456@example",
    "911",
    "1".repeat(16),
    "",
    "+",
  ])("is not a number: %j", (value) => {
    expect(hintOf({ from: value })).toEqual(NOTHING)
  })

  test("fits into a message, whatever it is made of", () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .dictionary(fc.constantFrom("id", "call_id", "from", "phone", "x"), fc.jsonValue())
        .map((body) => JSON.stringify(body)),
    )
    fc.assert(
      fc.property(anything, (body) => {
        const nudge = nudgeIn(body, new URLSearchParams())
        expect(Nudge.parse(nudge)).toEqual(nudge)
        expect(NudgeMessage.safeParse({ nudges: [nudge] }).success).toBe(true)
      }),
    )
  })

  test("nested as deep as it likes, is read to a bounded depth", () => {
    expect(hintOf(`${'{"a":'.repeat(600)}{"id":"c"}${"}".repeat(600)}`)).toEqual(NOTHING)
  })
})

describe("numbers", () => {
  const same = (one: string, other: string) => isSameParty(partyDigits(one) ?? "", partyDigits(other) ?? "")

  test("are the same in every spelling, with their country or without", () => {
    expect(same("+49 30 1234567", "030 1234567")).toBe(true)
    expect(same("+1 (555) 010-0001", "5550100001")).toBe(true)
    expect(same("+15550100001", "001 555 010 0001")).toBe(true)
  })

  test("are others if they only end alike", () => {
    expect(same("+15550100001", "100001")).toBe(false)
    expect(same("+15550100001", "+15550100002")).toBe(false)
    expect(same("+4930234567", "+4940234567")).toBe(false)
  })
})
