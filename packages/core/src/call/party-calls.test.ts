/** How often somebody calls: counted by who it is, however the number is written, and whenever the calls were noticed. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { DAY, HOUR, MINUTE } from "../instant.ts"
import { START } from "../test-example.ts"
import { type PartyCall, callerOf, countPartyCalls } from "./party-calls.ts"

const incoming = (from: string | null) => callerOf({ from, type: "INCOMING" })

describe("a caller", () => {
  test("is the same however the number is written, and another with another extension", () => {
    const spellings = [
      "+15552010123",
      "(555) 201-0123",
      "1-555-201-0123",
      "sip:+15552010123@carrier.example",
      "tel:+1-555-201-0123",
    ]
    for (const from of spellings)
      expect(incoming(from), from).toEqual({ kind: "caller", text: "+15552010123" })
    expect(incoming("+15552010123 ext. 7")).toEqual({ kind: "caller", text: "+15552010123 ext. 7" })
    expect(incoming("SIP:Desk@Office.example")).toEqual(incoming("sip:desk@office.example"))
    expect(incoming("4411")).toEqual({ kind: "caller", text: "4411" })
  })

  test("is nobody where the number is withheld, only a name is there, or somebody was called", () => {
    for (const from of [
      "anonymous",
      "Restricted",
      "+17378742833",
      "No Caller ID",
      "0000000000",
      "Ann Example",
    ])
      expect(incoming(from), from).toEqual({ kind: "nobody" })
    expect(callerOf({ from: "+15552010123", type: "outbound" })).toEqual({ kind: "nobody" })
    expect(callerOf({ from: "+15552010123", type: null })).toMatchObject({ kind: "caller" })
    for (const from of [null, "", " "]) expect(incoming(from)).toEqual({ kind: "unknown" })
  })
})

describe("the calls of a caller", () => {
  const call = (key: string, ago: number): PartyCall => ({ key, at: START - ago })

  test("are those that began before or with it, within an hour, a day and a week", () => {
    const calls = [
      call("a", 0),
      call("b", 59 * MINUTE),
      call("c", HOUR),
      call("d", DAY - 1),
      call("e", DAY),
      call("f", 7 * DAY - 1),
      call("g", 7 * DAY),
      call("later", -1),
    ]
    expect(countPartyCalls(calls, START)).toEqual({ hour: 2, day: 4, week: 6 })
    expect(countPartyCalls([], START)).toEqual({ hour: 0, day: 0, week: 0 })
  })

  test("count the same in any order and however often each was noted", () => {
    const anyCalls = fc.array(
      fc.record({
        key: fc.stringMatching(/^[a-f]{2}$/),
        at: fc.integer({ min: START - 8 * DAY, max: START + DAY }),
      }),
    )
    fc.assert(
      fc.property(anyCalls, fc.infiniteStream(fc.nat()), (calls, dice) => {
        const twice = [...calls, ...calls]
          .map((one) => ({ one, place: dice.next().value }))
          .sort((a, b) => a.place - b.place)
        const counted = countPartyCalls(calls, START)
        expect(
          countPartyCalls(
            twice.map(({ one }) => one),
            START,
          ),
        ).toEqual(counted)
        expect(counted.hour).toBeLessThanOrEqual(counted.day)
        expect(counted.day).toBeLessThanOrEqual(counted.week)
      }),
    )
  })
})
