/** What people see in a terminal: no line is wider than it is, and nothing is lost on the way. */
import { NO_VITALS } from "@earshot/poller/vital"
import { expect, test } from "vitest"
import { createPaint, mailBox, pollLine, slackBox } from "./terminal.ts"

const plain = createPaint(false, {})

const report = {
  ok: true,
  kind: "poll" as const,
  listed: 6,
  new: 6,
  unreadable: 0,
  details: 1,
  alerts: 1,
  delivered: 2,
  failed: 0,
  pending: 0,
  unexamined: 0,
  watermark: null,
  budget: { list: { used: 1, limit: 200 }, detail: { used: 2, limit: 500 } },
  isComplete: true,
  vitals: NO_VITALS,
  durationMs: 1,
}

const AT = new Date(2026, 10, 22, 22, 34, 15)

const COUNTS = "22:34:15  poll    6 listed · 6 new · 1 detail · 1 alert · 2 delivered"

const LEFT = "left this hour: 199 lists, 498 details"

const widest = (text: string) => Math.max(...text.split("\n").map((line) => line.length))

test("a poll is one line where there is room; else what is left stands below it", () => {
  expect(pollLine(report, AT, plain, 120)).toBe(`${COUNTS}   ${LEFT}`)
  expect(pollLine(report, AT, plain, 80)).toBe(`${COUNTS}\n          ${LEFT}`)
  expect(widest(pollLine(report, AT, plain, 60) ?? "")).toBeLessThanOrEqual(60)
})

test("a poll that failed says why, whole, within the terminal", () => {
  const error = "The Calls API could not be reached (ECONNREFUSED). Check ECHOWIN_BASE_URL."
  const text = pollLine({ ...report, ok: false, error }, AT, plain, 60) ?? ""
  expect(text.replace(/\s+/g, " ")).toContain(error)
  expect(widest(text)).toBeLessThanOrEqual(60)
})

test("a look between polls that asked for nothing is no line", () => {
  expect(pollLine({ ...report, kind: "look", details: 0 }, AT, plain, 80)).toBeNull()
  expect(pollLine({ ...report, kind: "skipped", reason: "early" }, AT, plain, 80)).toBeNull()
  expect(pollLine({ ...report, kind: "skipped", reason: "blocked" }, AT, plain, 80)).toContain(
    "asked to wait",
  )
})

test("a look that a nudge asked for says what it has won", () => {
  const look = { ...report, kind: "look", nudge: { asked: 1, sooner: 1 } } as const
  expect(pollLine(look, AT, plain, 140, 7400)).toBe(
    `22:34:15  nudge             1 detail · 1 alert · 2 delivered · a call's end seen 7 s sooner   ${LEFT}`,
  )
  const nothing = { ...look, nudge: { asked: 1, sooner: 0 } }
  expect(pollLine(nothing, AT, plain, 140, 7400)).not.toContain("sooner")
})

const TALK =
  "> caller: 8 weeks. It's my money, $900, and you're sitting on it. I've talked to a lawyer about this."

test.each([60, 80, 120])("a message is framed within %i columns, and a quotation stays one", (columns) => {
  const blocks = [
    { type: "header", text: { text: "🔴 Angry caller" } },
    { type: "section", text: { text: `*Summary*\n${"word ".repeat(40)}\n${TALK.replace(">", "&gt;")}` } },
    {
      type: "context",
      elements: [{ text: "call 8a4c249a-dc98-47d7-a3d9-78dcfdb1dc7e" }, { text: "low-score@1" }],
    },
  ]
  const slack = slackBox(blocks, plain, columns)
  const mail = mailBox(
    { subject: "s".repeat(70), body: `Why\n${TALK}`, attributes: {} },
    true,
    plain,
    columns,
  )
  expect(widest(slack)).toBeLessThanOrEqual(columns)
  expect(widest(mail.replace(/s{70}/, ""))).toBeLessThanOrEqual(columns)
  const quoted = slack.split("\n").filter((line) => line.startsWith("  ┃ > "))
  expect(quoted.map((line) => line.slice("  ┃ > ".length)).join(" ")).toBe(TALK.slice(2))
})

test("what Slack shows in bold type is bold, even where a line ends within it", () => {
  const bold = createPaint(true, { FORCE_COLOR: "1" })
  const text = { text: `*Why* ${"a *very long name of a rule* ".repeat(4)}` }
  expect(slackBox([{ type: "section", text }], bold, 60)).not.toContain("*")
})

test("a message says which of several channels it went to", () => {
  expect(slackBox([], plain, 60, "Night shift")).toBe("  ┃ Slack, Night shift")
  expect(slackBox([], plain, 60)).toBe("  ┃ Slack")
})

test("colours follow the terminal, NO_COLOR and FORCE_COLOR", () => {
  expect(createPaint(true, {})("red", "x")).not.toBe("x")
  for (const [isTerminal, variables] of [
    [false, {}],
    [true, { NO_COLOR: "1" }],
  ] as const) {
    expect(createPaint(isTerminal, variables)("red", "x")).toBe("x")
  }
  expect(createPaint(false, { FORCE_COLOR: "1" })("red", "x")).not.toBe("x")
})
