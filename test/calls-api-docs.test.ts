/**
 * The table of the vendor's Calls API in the docs is whole and true: it has each line of the vendor's page, and the
 * tests and the code that it names exist.
 */
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import documentedDetail from "../packages/calls-api/src/documented-detail.json" with { type: "json" }
import documentedList from "../packages/calls-api/src/documented-list.json" with { type: "json" }

const PAGE = new URL("../docs/calls-api.md", import.meta.url)
const text = readFileSync(PAGE, "utf8")

/** The lines of the vendor's page in its order, but for its headings and the JSON of its two examples. */
const LINES: readonly (readonly [string, string])[] = [
  [
    "Calls API",
    "The Calls API allows you to programmatically access call logs from your echowin account. You can list calls with filtering and search, and retrieve detailed information including transcripts and recording URLs.",
  ],
  ["List Calls", "200 requests per hour"],
  ["Get Call Details", "500 requests per hour"],
  ["Max Results Per Page", "100 calls"],
  ["/api/v1/calls", "Get a paginated list of calls with optional filtering and search"],
  ["page", "integer (default: 1): Page number"],
  ["limit", "integer (default: 20): Number of results per page (max 100)"],
  ["search", "string: Search in phone numbers (from/to), transcripts, and summaries"],
  ["callType", "string (default: all): Filter by call type: all, incoming, or outgoing"],
  ["agentId", "string: Filter by agent ID (UUID)"],
  ["minDuration", "integer: Minimum call duration in seconds"],
  ["maxDuration", "integer: Maximum call duration in seconds"],
  ["dateFrom", "string: Start date for filtering (ISO 8601 format)"],
  ["dateTo", "string: End date for filtering (ISO 8601 format)"],
  ["sortBy", "string (default: createdAt): Sort field: createdAt, duration, or endedAt"],
  ["sortOrder", "string (default: desc): Sort order: asc or desc"],
  [
    "/api/v1/calls/:callId",
    "Get detailed information about a specific call including full transcript, activity timeline, and metadata",
  ],
  ["callId", "string, required: The unique identifier (UUID) of the call"],
  ['{"error": "Call not found"}', "the body of a 404"],
]

/** What the page says of fields, in its reference at the end. */
const EXPLAINED: Readonly<Record<string, string>> = {
  id: "Unique identifier for the call",
  from: "Caller's phone number",
  to: "Recipient's phone number",
  type: "INCOMING or OUTGOING",
  duration: "Call duration in seconds",
  summary: "AI-generated summary of the call",
  score: "Call quality score (0-5)",
  recordingUrl: "URL to the call recording audio file",
  "transcript[].speaker": '"caller" or "agent"',
  "transcript[].text": "The spoken text",
  "transcript[].timestamp": "When this was spoken (ISO 8601)",
}

const ACTIVITIES: readonly (readonly [string, string])[] = [
  ["RESPONSE", "Agent or caller speech"],
  ["TOOL_CALL", "Agent used a tool (e.g., check inventory, send email)"],
  ["TRANSFER", "Call was transferred"],
  ["SEND_EMAIL", "Email was sent during call"],
  ["SEND_TEXT", "SMS was sent during call"],
  ["HANGUP", "Call ended"],
  ["CALL_ANSWERED", '"CALL_ANSWERED"'],
]

/** What has to be said of what the page does not say: a word of each question. */
const OPEN_QUESTIONS = [
  /`dateFrom` and `dateTo`/,
  /bounds included/,
  /one `createdAt`/,
  /score, summary and sentiment appear/,
  /change later/,
  /score of 0/,
  /values does `status`/,
  /null or absent/,
  /scale of sentiment/,
  /filtered list a search/,
  /fixed or a sliding/,
  /types of activity/,
  /speakers/,
  /number that is withheld/,
]

type Row = { section: string; cells: string[] }

const rows = rowsOf(text)
const links = new Map(
  [...text.matchAll(/^\[([^\]]+)\]: (\S+)$/gm)].map(([, name = "", to = ""]) => [name, to]),
)

describe("the table of the vendor's page", () => {
  const said = rows.filter(({ section }) => section === "What the page says")

  test("has each of its lines and nothing else, in its order", () => {
    expect(said.map(({ cells }) => cells.slice(0, 2).map(plain))).toEqual([
      ...LINES,
      ...fieldLines(),
      ...ACTIVITIES,
    ])
  })

  test("names a test for the emulator and one for the client on each of them", () => {
    const others = rows.filter(({ section }) => section === "What the vendor's other pages add")
    expect(others.length).toBeGreaterThan(5)
    const bare = [...said, ...others].filter(
      ({ cells }) => cells.length !== 4 || cells.slice(2).some((cell) => testsIn(cell).length === 0),
    )
    expect(bare).toEqual([])
  })
})

describe("what is not known", () => {
  const open = rows.filter(({ section }) => section.startsWith("What is not known"))

  test("is all there", () => {
    const questions = open.map(({ cells }) => cells[0] ?? "")
    expect(OPEN_QUESTIONS.filter((word) => !questions.some((question) => word.test(question)))).toEqual([])
  })

  test("names the code and a test on each line, and the code has what is named", () => {
    for (const { cells } of open) {
      const [question, so = "", code = "", tests = ""] = cells
      const named = [...code.matchAll(/\[[\w/-]+\]\(([^)]+)\) `(\w+)`/g)]
      expect([so.length > 10, named.length > 0, testsIn(tests).length > 0], question).toEqual([
        true,
        true,
        true,
      ])
      for (const [, file = "", name = ""] of named) {
        expect(readFileSync(new URL(file, PAGE), "utf8"), file).toMatch(new RegExp(`\\b${name}\\b`))
      }
    }
  })
})

test("every test that is named exists, in a file that exists", () => {
  const named = rows.flatMap(({ cells }) => cells.flatMap(testsIn))
  expect(named.length).toBeGreaterThan(150)
  const missing = named.filter(({ file, name }) => !titlesOf(file).has(name))
  expect(missing).toEqual([])
})

test("every file that is linked exists", () => {
  const inline = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, to = ""]) => to)
  expect([...inline, ...links.values()].filter((to) => !existsSync(new URL(to, PAGE)))).toEqual([])
})

/** The rows of all tables, each with the heading of the second level that it stands under. */
function rowsOf(markdown: string): Row[] {
  let section = ""
  let isBody = false
  return markdown.split("\n").flatMap((line) => {
    if (line.startsWith("## ")) section = line.slice(3)
    const wasBody = isBody
    isBody = line.startsWith("|---") || (isBody && line.startsWith("|"))
    if (!wasBody || !isBody) return []
    const cells = line.slice(1, -1).split(" | ")
    return [{ section, cells: cells.map((cell) => cell.trim()) }]
  })
}

/** A row for each value of the two examples: what the page explains of it, or else the first value that is not null. */
function fieldLines(): [string, string][] {
  const values = new Map<string, unknown>()
  const note = (path: string, value: unknown) => {
    // What a tool answers is the tool's business.
    const isValue = typeof value !== "object" || value === null || path.endsWith("toolData.result")
    if (!isValue) return Object.entries(value).forEach(([name, part]) => note(pathOf(path, name), part))
    if ((values.get(path) ?? null) === null) values.set(path, value)
  }
  note("", documentedDetail.data)
  note("", { pagination: documentedList.pagination })
  values.delete("activityTimeline[].toolData")
  note("", documentedList.data[0])
  return [...values].map(([path, value]) => [path, EXPLAINED[path] ?? JSON.stringify(value)])
}

function pathOf(path: string, name: string): string {
  if (/^\d+$/.test(name)) return `${path}[]`
  return path === "" ? name : `${path}.${name}`
}

function plain(cell: string): string {
  return cell.replaceAll("`", "")
}

function testsIn(cell: string): { file: string; name: string }[] {
  return [...cell.matchAll(/\[([\w/-]+)\] "([^"]+)"/g)].map(([, label = "", name = ""]) => ({
    file: links.get(label) ?? label,
    name,
  }))
}

const titles = new Map<string, ReadonlySet<string>>()

/** What the tests of a file, and the groups of them, are called. */
function titlesOf(file: string): ReadonlySet<string> {
  const known = titles.get(file)
  if (known) return known
  const path = fileURLToPath(new URL(file, PAGE))
  const source = existsSync(path) ? readFileSync(path, "utf8") : ""
  // The title is the first argument: of the test itself, or of what `each` has made of it.
  const found = source.matchAll(/(?:\b(?:test|describe)\(|\)\()\s*"((?:[^"\\]|\\.)+)"/g)
  const read = new Set([...found].map(([, title = ""]) => title))
  titles.set(file, read)
  return read
}
