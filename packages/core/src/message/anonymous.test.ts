/** At standard privacy nobody learns who called: names, numbers and addresses are planted in every way, and looked for. */
import type { CallDetail } from "@earshot/calls-api/call"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { activityOf, detailOf } from "../test-example.ts"
import { anonymousText, strangerOf } from "./anonymous.ts"

const textOf = (summary: string, changes: Partial<CallDetail> = {}) =>
  anonymousText(summary, strangerOf(detailOf({ summary, ...changes })))

const said = (...turns: [string, string][]) => ({
  transcript: turns.map(([speaker, text]) => ({ speaker, text, timestamp: null })),
})

describe("a summary", () => {
  test.each([
    [
      "Thandi Hallowick called about the return of a deposit. Thandi was very upset about the service.",
      "The caller called about the return of a deposit. The caller was very upset about the service.",
    ],
    [
      "Called Oskar Ashdown-Pike about a cleaning. Oskar agreed.",
      "Called the caller about a cleaning. The caller agreed.",
    ],
    [
      "The caller, Mr. O'Brien, wanted a table on Monday, June 3.",
      "The caller wanted a table on Monday, June 3.",
    ],
    ["A refund was promised to Wren's husband.", "A refund was promised to [name]'s husband."],
    ["The caller asked for Invisalign and an X-ray.", "The caller asked for [name] and an X-ray."],
    [
      "The tool get_account failed (503 Service Unavailable).",
      "The tool get_account failed (503 Service Unavailable).",
    ],
    ["Front desk promised a call back by 5 PM.", "Front desk promised a call back by 5 PM."],
    ["The number is +1 (555) 123-4567 or 5551234567.", "The number is [number] or [number]."],
    ["The caller left ada@mail.example and www.ada.example/x.", "The caller left [address] and [link]"],
    ["Ordered 2 tables for 12 people at 7:30.", "Ordered 2 tables for 12 people at 7:30."],
  ])("%s is shown as: %s", (summary, shown) => {
    expect(textOf(summary)).toBe(shown)
  })

  test("is not shown where nobody can tell names from words", () => {
    expect(textOf("thandi hallowick called about a deposit.")).toBeNull()
    expect(textOf("THANDI HALLOWICK CALLED ABOUT A DEPOSIT.")).toBeNull()
    expect(textOf("山田太郎さんから電話がありました。")).toBeNull()
    expect(textOf("The caller is 山田太郎.")).toBeNull()
    expect(textOf("Herr Schmidt rief wegen Kaution, Wohnung, Schaden, Miete und Heizung an.")).toBeNull()
  })

  test("names the other party of an outgoing call as the one who was called", () => {
    expect(textOf("Called Ada Netherby about a bill. Ada was upset.", { type: "OUTGOING" })).toBe(
      "Called the person called about a bill. The person called was upset.",
    )
  })

  test("may name the agent, unless the caller has the same name", () => {
    const agent = { id: null, name: "Hollis, Brindlegate Rentals" }
    expect(textOf("Hollis of Brindlegate Rentals promised a call back.", { agent })).toBe(
      "Hollis of Brindlegate Rentals promised a call back.",
    )
  })
})

describe("a name is known", () => {
  /** A sentence in which it is written small, so that only somebody who knows it leaves it out. */
  const summary = "The caller thandi hallowick wanted a refund."
  test.each<[string, Partial<CallDetail>]>([
    ["said by the caller", said(["agent", "Hello?"], ["caller", "My name is Thandi Hallowick."])],
    [
      "in small letters",
      said(["agent", "Hello?"], ["caller", "hi my name is thandi hallowick and i want a refund"]),
    ],
    ["as an answer", said(["agent", "May I have your name?"], ["caller", "Hallowick. First name Thandi."])],
    ["by the agent", said(["agent", "Hi, am I speaking with Thandi Hallowick?"], ["caller", "Yes."])],
    ["in place of the number", { from: "Thandi Hallowick" }],
    ["beside the number", { from: '"Thandi Hallowick" <sip:+15551234567@pbx.example>' }],
    ["in an address", { from: "sip:thandi.hallowick@pbx.example" }],
    ["in what the agent remembers", { memory: "Thandi Hallowick prefers mornings." }],
    [
      "in what a tool was given",
      {
        activityTimeline: [
          {
            ...activityOf("TOOL_CALL"),
            toolData: { tool: "book", args: { first_name: "Thandi", lastName: "Hallowick" } },
          },
        ],
      },
    ],
    [
      "in what a tool found",
      {
        activityTimeline: [
          { ...activityOf("TOOL_CALL"), toolData: { result: [{ customer: "Thandi Hallowick" }] } },
        ],
      },
    ],
    [
      "in an e-mail address that a tool was given",
      {
        activityTimeline: [
          { ...activityOf("SEND_EMAIL"), toolData: { email: "thandi.hallowick@mail.example" } },
        ],
      },
    ],
  ])("%s", (_, changes) => {
    expect(textOf(summary, changes)).toBe("The caller wanted a refund.")
  })

  test("and words that everybody uses stay, though somebody has them as a name", () => {
    const will = said(["agent", "Hello?"], ["caller", "My name is Will Young."])
    expect(textOf("The agent will call back. Will Young was upset.", will)).toBe(
      "The agent will call back. The caller was upset.",
    )
  })
})

/** Names of many kinds; none of their parts is a word of the sentences below. */
const NAMES = [
  ["Thandi", "Hallowick"],
  ["Mirela", "Ashdown-Pike"],
  ["José", "Nuñez"],
  ["Zoë", "O'Rourke"],
  ["Łukasz", "Wójcik"],
  ["Jürgen", "Großmann"],
  ["Xiu", "Ngo"],
  ["Ada", "McAllister"],
] as const

const without = (text: string) =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replaceAll("ł", "l")
    .replaceAll("Ł", "L")
    .replaceAll("ß", "ss")

const SPELLINGS: ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toUpperCase(),
  (name) => `${name}'s`,
  (name) => `${name}’s`,
  (name) => without(name),
  (name) => without(name).toUpperCase(),
  (name) => name.normalize("NFD"),
  (name) => `"${name}"`,
  (name) => `(${name})`,
  (name) => `Mrs. ${name}`,
  (name) => name.split("").join("\u00ad"),
  (name) => `${name},`,
  (name) => `${name}-${name}`,
]

const SENTENCES: ((name: string) => string)[] = [
  (name) => `${name} called about a deposit.`,
  (name) => `The caller asked why ${name} was charged twice.`,
  (name) => `A refund was promised to ${name} by the agent.`,
  (name) => `Was ${name} at home? The agent asked.`,
  (name) => `It was agreed that ${name} pays later.`,
  (name) => `The agent said: ${name} may call again.`,
  (name) => `The matter is open; ${name} will write.\n${name} hung up.`,
]

const NUMBERS: ((digits: string) => string)[] = [
  (digits) => `+${digits}`,
  (digits) => digits,
  (digits) => digits.slice(1),
  (digits) => `(${digits.slice(1, 4)}) ${digits.slice(4, 7)}-${digits.slice(7)}`,
  (digits) => `${digits.slice(1, 4)}.${digits.slice(4, 7)}.${digits.slice(7)}`,
  (digits) => `${digits.slice(1, 4)} ${digits.slice(4, 7)} ${digits.slice(7)}`,
  (digits) => digits.slice(1).split("").join(" "),
  (digits) => digits.slice(1).split("").join(", "),
  (digits) => digits.slice(4),
  (digits) => digits.slice(4).split("").join("-"),
  (digits) => digits.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  (digits) => digits.slice(1).replace(/\d/g, (digit) => `${SPOKEN[Number(digit)]} `),
]

const SPOKEN = "zero one two three four five six seven eight nine".split(" ")

test("no canary gets through: a name in any spelling and any part, the number in any format", () => {
  const anyCase = fc.record({
    person: fc.constantFrom(...NAMES),
    parts: fc.constantFrom("first", "last", "both", "turned"),
    spell: fc.constantFrom(...SPELLINGS),
    sentences: fc.array(fc.constantFrom(...SENTENCES), { minLength: 1, maxLength: 3 }),
    number: fc.constantFrom(...NUMBERS),
    isKnown: fc.boolean(),
  })
  let shown = 0
  fc.assert(
    fc.property(anyCase, ({ person: [first, last], parts, spell, sentences, number, isKnown }) => {
      const name = { first, last, both: `${first} ${last}`, turned: `${last}, ${first}` }[parts]
      const digits = "15551238976"
      const summary = `${sentences.map((sentence) => sentence(spell(name))).join(" ")} Number: ${number(digits)}.`
      const introduced = isKnown ? said(["agent", "Hi."], ["caller", `My name is ${first} ${last}.`]) : {}
      const text = textOf(summary, { from: `+${digits}`, ...introduced }) ?? ""
      const bare = without(text).toLowerCase()
      for (const part of [first, ...last.split(/[-']/)].map((one) => without(one).toLowerCase()))
        if (part.length > 1) expect(bare.split(/[^a-z]+/)).not.toContain(part)
      expect(text.normalize("NFKC").replace(/\D/g, "")).not.toMatch(/5551238|1238976/)
      for (const word of SPOKEN.slice(5)) expect(bare).not.toContain(` ${word} `)
      expect(text.isWellFormed()).toBe(true)
      if (text !== "") shown++
    }),
    { numRuns: 6000 },
  )
  // What is never shown gives nothing away, and says nothing.
  expect(shown).toBeGreaterThan(4000)
})

test("any text at all is text afterwards, or is not shown", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc
      .array(fc.constantFrom("Ada", " ", ".", "'s", "1", "@", "[", "the", "É", "\ud83d", "\u202e"), {
        maxLength: 40,
      })
      .map((parts) => parts.join("")),
  )
  fc.assert(
    fc.property(anyText, (text) => {
      const shown = textOf(text)
      if (shown !== null)
        expect(shown.replace(/\[name\]/g, "")).not.toMatch(/\bAda\b|\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+ [Cc]alled/u)
    }),
    { numRuns: 3000 },
  )
})
