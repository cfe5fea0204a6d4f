/** Every parameter of the list: its default, its valid values, and what the API says about wrong ones. */
import { describe, expect, test } from "vitest"
import { isFiltered, parseQuery } from "./query.ts"

const parse = (text: string) => parseQuery(new URLSearchParams(text))
const errorOf = (text: string) => {
  const parsed = parse(text)
  return parsed.ok ? undefined : parsed.error
}
const queryOf = (text: string) => {
  const parsed = parse(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.query
}

test("without parameters the documented defaults hold", () => {
  expect(queryOf("")).toEqual({
    page: 1,
    limit: 20,
    search: undefined,
    callType: "all",
    agentId: undefined,
    minDuration: undefined,
    maxDuration: undefined,
    dateFrom: undefined,
    dateTo: undefined,
    sortBy: "createdAt",
    sortOrder: "desc",
  })
})

test("every parameter is read", () => {
  const text =
    "page=3&limit=100&search=%20Refund%20&callType=outgoing&agentId=agent-1&minDuration=0&maxDuration=60" +
    "&dateFrom=2024-01-15&dateTo=2024-01-15T14:30:00.5Z&sortBy=endedAt&sortOrder=asc"
  expect(queryOf(text)).toEqual({
    page: 3,
    limit: 100,
    search: "refund",
    callType: "outgoing",
    agentId: "agent-1",
    minDuration: 0,
    maxDuration: 60,
    dateFrom: Date.UTC(2024, 0, 15),
    dateTo: Date.UTC(2024, 0, 15, 14, 30, 0, 500),
    sortBy: "endedAt",
    sortOrder: "asc",
  })
})

describe("dates", () => {
  test.each([
    ["2024-01-15", "2024-01-15T00:00:00.000Z"],
    ["2024-01-15T14:30", "2024-01-15T14:30:00.000Z"],
    ["2024-01-15T14:30:05", "2024-01-15T14:30:05.000Z"],
    ["2024-01-15T14:30:05.123Z", "2024-01-15T14:30:05.123Z"],
    ["2024-01-15T14:30:05.123456Z", "2024-01-15T14:30:05.123Z"],
    ["2024-01-15T14:30:05%2B02:00", "2024-01-15T12:30:05.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
  ])("%s is %s, whatever zone this machine is in", (text, instant) => {
    expect(queryOf(`dateFrom=${text}`).dateFrom).toBe(Date.parse(instant))
  })

  test.each([
    "yesterday",
    "1705329000",
    "15/01/2024",
    "2024-1-5",
    "2023-02-29",
    "2024-01-15T25:00",
    "",
    "2024-01-15T14:30:05+02:00",
  ])("%s is refused, and the parameter named", (text) => {
    expect(errorOf(`dateFrom=${text}`)).toMatch(/^Invalid query: dateFrom must be an ISO 8601 date/)
    expect(errorOf(`dateTo=${text}`)).toMatch(/^Invalid query: dateTo must be an ISO 8601 date/)
  })
})

test.each([
  ["page=0", 'page must be an integer of at least 1, but was "0"'],
  ["page=1.5", 'page must be an integer of at least 1, but was "1.5"'],
  ["limit=0", 'limit must be an integer from 1 to 100, but was "0"'],
  ["limit=101", 'limit must be an integer from 1 to 100, but was "101"'],
  ["limit=", 'limit must be an integer from 1 to 100, but was ""'],
  ["limit=1e2", 'limit must be an integer from 1 to 100, but was "1e2"'],
  ["minDuration=-1", 'minDuration must be an integer of at least 0, but was "-1"'],
  ["maxDuration=long", 'maxDuration must be an integer of at least 0, but was "long"'],
  ["callType=INCOMING", 'callType must be one of all, incoming, outgoing, but was "INCOMING"'],
  ["sortBy=score", 'sortBy must be one of createdAt, duration, endedAt, but was "score"'],
  ["sortOrder=up", 'sortOrder must be one of asc, desc, but was "up"'],
  ["page=1&page=2", "page must be given once, but came 2 times"],
])("%s is refused: %s", (text, error) => {
  expect(errorOf(text)).toBe(`Invalid query: ${error}`)
})

test("a search or an agent of more than 200 characters is refused", () => {
  expect(errorOf(`search=${"x".repeat(200)}`)).toBeUndefined()
  expect(errorOf(`search=${"x".repeat(201)}`)).toContain("search must be a text of at most 200 characters")
  expect(errorOf(`agentId=${"x".repeat(201)}`)).toContain("agentId must be a text of at most 200 characters")
})

test("all wrong parameters are named at once", () => {
  expect(errorOf("limit=0&sortBy=x")).toBe(
    'Invalid query: limit must be an integer from 1 to 100, but was "0"; sortBy must be one of createdAt, duration, endedAt, but was "x"',
  )
})

test("unknown parameters are ignored, as most APIs do", () => {
  expect(queryOf("colour=red")).toEqual(queryOf(""))
})

test.each([
  ["", false],
  ["page=2&limit=5&sortBy=duration&sortOrder=asc", false],
  ["callType=all&search=", false],
  ["search=x", true],
  ["callType=incoming", true],
  ["agentId=a", true],
  ["minDuration=0", true],
  ["maxDuration=9", true],
  ["dateFrom=2024-01-15", true],
  ["dateTo=2024-01-15", true],
])("%s counts as filtered: %s", (text, isIt) => {
  expect(isFiltered(new URLSearchParams(text))).toBe(isIt)
})
