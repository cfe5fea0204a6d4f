/** A watch stored by an earlier Earshot is read, with every open call and what it waits for. */
import { expect, test } from "vitest"
import { MINUTE, SECOND } from "../instant.ts"
import { START, openOf, watchOf, watchedOf } from "../test-example.ts"
import { PackedWatch, packWatch, unpackWatch } from "./packed-watch.ts"

/** Written by the code of that version. */
const FORMER = {
  version: 12,
  rulesKey: "a@1",
  calls:
    "$DwyMDmoLSlOdDi8vPx16EA mm8y7c00 1k2j3h4g\n" +
    "$ex0sPgoLTA2OD6Gyw9Tl9g mm8y8mao abc\n" +
    '"front\\u0020desk\\u0020\\"1\\"" mm8y9wlc zz9',
  open:
    '[["7b1d2c3e-0a0b-4c0d-8e0f-a1b2c3d4e5f6",1772442080000,null,false,false,0,1772442120000,null,false],' +
    '["front desk \\"1\\"",1772442180000,1772442240000,true,true,3,1772442540000,1772444040000,true]]',
}

const read = (packed: object) => unpackWatch(PackedWatch.parse(JSON.parse(JSON.stringify(packed))))

test("each call is known at its place, and each open one with its state", () => {
  const minute = (minutes: number) => START + minutes * MINUTE
  const going = { firstSeenAt: minute(1) + 20 * SECOND, nextLookAt: minute(2) }
  const ended = openOf({
    firstSeenAt: minute(3),
    endedAt: minute(4),
    wantsDetail: true,
    isAnalysed: true,
    looks: 3,
    nextLookAt: minute(9),
    settlesAt: minute(34),
    isKept: true,
  })
  // With fingerprints that no row has, so that each row is judged again.
  const seen = { fingerprint: "" }
  const calls = [
    watchedOf("0f0c8c0e-6a0b-4a53-9d0e-2f2f3f1d7a10", START, seen),
    watchedOf("7b1d2c3e-0a0b-4c0d-8e0f-a1b2c3d4e5f6", minute(1), { ...seen, open: going }),
    watchedOf('front desk "1"', minute(2), { ...seen, open: { ...ended, id: 'front desk "1"' } }),
  ]
  expect(read(FORMER)).toEqual(watchOf(calls, { version: 12, rulesKey: "a@1" }))
})

test("it is written in the present form from then on, and read back", () => {
  const watch = read(FORMER)
  expect(packWatch(watch)).not.toHaveProperty("open")
  expect(read(packWatch(watch))).toEqual(watch)
})

test("an empty one is empty", () => {
  expect(read({ ...FORMER, calls: "", open: "[]" }).calls.size).toBe(0)
})

test.each([
  ["a call without its start", { calls: FORMER.calls.replace(" mm8y7c00", "") }],
  ["a start that is none", { calls: FORMER.calls.replace("mm8y7c00", "!") }],
  ["an id that is none", { calls: `call abc f` }],
  ["a call twice", { calls: `${FORMER.calls}\n${FORMER.calls}` }],
  ["an open call that is not among the calls", { calls: FORMER.calls.split("\n")[0] }],
  ["open calls that are no JSON", { open: FORMER.open.slice(0, -1) }],
  ["open calls that lack a value", { open: FORMER.open.replace(/,true\]\]$/, "]]") }],
  ["open calls of another shape", { open: "{}" }],
])("%s: it throws, because a damaged memory must not look like an empty one", (_, damage) => {
  expect(() => read({ ...FORMER, ...damage })).toThrow()
})
