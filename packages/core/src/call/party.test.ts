/** Whatever the vendor gives as a number is understood: whom to call back, and whom nobody can. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { partyOf } from "./party.ts"

describe("a withheld number is not a number, however it is spelt:", () => {
  const WORDS = ["anonymous", "Restricted", "UNKNOWN", "unavailable", "Private", "blocked", "withheld"]
  const PHRASES = [
    "Private Number",
    "Caller ID unavailable",
    "Unknown caller",
    "No Caller ID",
    "OUT OF AREA",
    "<anonymous>",
  ]
  const KEYPAD = ["266696687", "7378742833", "2562533", "8656696", "86282452253", "7748283"]
  const ZEROS = ["0", "0000000", "0000000000", "+0000000000", "+10000000000", "000-000-0000"]
  const ADDRESSES = [
    "sip:anonymous@anonymous.invalid",
    "sip:unavailable@unknown.invalid;transport=tcp",
    '"Anonymous" <sip:anonymous@10.0.0.1:5060>',
    '"Anonymous" <sip:+15551234567@pbx.example>',
    "sip:+7378742833@pbx.example:5060",
    "tel:+266696687",
    "whatsapp:+266696687",
    "client:Anonymous",
    "Ano\u00adnymous",
    "Número privado",
    "Rufnummer unterdrückt",
  ]
  const spelt = KEYPAD.flatMap((digits) => [
    digits,
    `+${digits}`,
    `1${digits}`,
    `+1${digits}`,
    `+1 ${digits}`,
  ])
  test.each([...WORDS, ...PHRASES, ...spelt, ...ZEROS, ...ADDRESSES])("%s", (text) => {
    expect(partyOf(text)).toEqual({ kind: "withheld" })
  })
})

describe("a number is", () => {
  test.each([
    ["+15551234567", "+15551234567", null, "+1 555 123 4567"],
    ["15551234567", "+15551234567", null, "+1 555 123 4567"],
    ["(555) 123-4567", "+15551234567", null, "+1 555 123 4567"],
    ["+1 (800) 555‑0199", "+18005550199", null, "+1 800 555 0199"],
    ["+44 20 7946 0958", "+442079460958", null, "+44 20 7946 0958"],
    ["0044 20 7946 0958", "+442079460958", null, "+44 20 7946 0958"],
    ["4930123456789", "+4930123456789", null, "+49 30 123456789"],
    ["tel:+1-555-123-4567", "+15551234567", null, "+1 555 123 4567"],
    ["tel:+1-555-123-4567;ext=89", "+15551234567", "89", "+1 555 123 4567 ext. 89"],
    ["+15551234567x89", "+15551234567", "89", "+1 555 123 4567 ext. 89"],
    ["+1 555 123 4567 Ext. 8921", "+15551234567", "8921", "+1 555 123 4567 ext. 8921"],
    ["whatsapp:+15551234567", "+15551234567", null, "+1 555 123 4567"],
    ["sip:+15551234567@pbx.example:5060;user=phone", "+15551234567", null, "+1 555 123 4567"],
    ["sip:%2B15551234567@10.20.30.40", "+15551234567", null, "+1 555 123 4567"],
    ['"Ada" <sip:+15551234567@pbx.example>', "+15551234567", null, "+1 555 123 4567"],
    ["＋１５５５１２３４５６７", "+15551234567", null, "+1 555 123 4567"],
    ["\u202a+15551234567\u202c", "+15551234567", null, "+1 555 123 4567"],
    ["030 1234567", "+10301234567", null, null],
    ["5551234", null, null, "5551234"],
    ["030/12345", null, null, "030/12345"],
  ])("%s, which is %s with the extension %s and shown as %s", (text, e164, extension, display) => {
    const party = partyOf(text)
    if (display === null) return expect(party.kind).toBe("number")
    expect(party).toMatchObject({ kind: "number", e164, extension, display })
  })
})

test.each([
  [null, { kind: "unknown" }],
  ["", { kind: "unknown" }],
  [" \u200b", { kind: "unknown" }],
  ["-", { kind: "unknown" }],
  ["22395", { kind: "short-code", display: "22395" }],
  ["911", { kind: "short-code", display: "911" }],
  ["sip:2001@pbx.example", { kind: "address", display: "sip:2001@pbx.example" }],
  ["sip:ada@10.20.30.40:5060", { kind: "address", display: "sip:ada@10.20.30.40:5060" }],
  ["host-5551234567.example", { kind: "name", display: "host-5551234567.example" }],
  ["ada@example.com", { kind: "address", display: "ada@example.com" }],
  ["Ada Lovelace", { kind: "name", display: "Ada Lovelace" }],
  ["Private Dining Ltd", { kind: "name", display: "Private Dining Ltd" }],
  ["Unknown Pleasures", { kind: "name", display: "Unknown Pleasures" }],
  ["Not", { kind: "name", display: "Not" }],
])("%j is %j", (text, party) => {
  expect(partyOf(text)).toEqual(party)
})

test("any text is somebody or nobody", () => {
  const signs = fc.constantFrom(
    "+",
    "1",
    "0",
    "5",
    "(",
    ")",
    " ",
    "x",
    "ext",
    ";",
    "@",
    ":",
    "sip:",
    "<",
    ">",
    "%2b",
    ".",
    "#",
  )
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(signs, { maxLength: 300 }).map((parts) => parts.join("")),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const party = partyOf(text)
      if (party.kind === "number") expect(party.digits).toMatch(/^\d{7,18}$/)
    }),
    { numRuns: 2000 },
  )
})
