/**
 * The parameters of the list: from text to a query, or to the sentence in a 400.
 *
 * Unknown parameters are ignored. Every wrong one is named, with what was expected and what came.
 */

export type CallQuery = {
  readonly page: number
  readonly limit: number
  /** In lower case, because search ignores case. */
  readonly search: string | undefined
  readonly callType: "all" | "incoming" | "outgoing"
  readonly agentId: string | undefined
  readonly minDuration: number | undefined
  readonly maxDuration: number | undefined
  /** Epoch milliseconds, as is `dateTo`. */
  readonly dateFrom: number | undefined
  readonly dateTo: number | undefined
  readonly sortBy: "createdAt" | "duration" | "endedAt"
  readonly sortOrder: "asc" | "desc"
}

export type ParsedQuery =
  | { readonly ok: true; readonly query: CallQuery }
  | { readonly ok: false; readonly error: string }

const LIMIT_DEFAULT = 20
const LIMIT_MAX = 100
/** Nobody searches for more, and every call's transcript is compared with it. */
const TEXT_MAX = 200

/** `aboveMax`: what happens to a limit over 100: an error, or 100. */
export function parseQuery(params: URLSearchParams, aboveMax: "reject" | "clamp" = "reject"): ParsedQuery {
  const errors: string[] = []
  const limitMax = aboveMax === "clamp" ? Number.MAX_SAFE_INTEGER : LIMIT_MAX
  const read = <T>(name: string, parse: (text: string) => T | undefined, expected: string): T | undefined => {
    const values = params.getAll(name)
    const value = values[0]
    if (value === undefined) return undefined
    if (values.length > 1) {
      errors.push(`${name} must be given once, but came ${values.length} times`)
      return undefined
    }
    const parsed = parse(value)
    if (parsed === undefined) errors.push(`${name} must be ${expected}, but was "${value.slice(0, 60)}"`)
    return parsed
  }
  const integer = (name: string, min: number, max: number) =>
    read(name, (text) => parseInteger(text, min, max), describeInteger(min, max))
  const oneOf = <T extends string>(name: string, values: readonly T[]) =>
    read(name, (text) => values.find((value) => value === text), `one of ${values.join(", ")}`)
  const text = (name: string) =>
    read(name, parseText, `a text of at most ${TEXT_MAX} characters without a zero character`)
  const date = (name: string) => read(name, parseDate, DATE_EXPECTED)

  const query: CallQuery = {
    page: integer("page", 1, Number.MAX_SAFE_INTEGER) ?? 1,
    limit: Math.min(integer("limit", 1, limitMax) ?? LIMIT_DEFAULT, LIMIT_MAX),
    search: text("search")?.toLowerCase() || undefined,
    callType: oneOf("callType", ["all", "incoming", "outgoing"]) ?? "all",
    agentId: text("agentId") || undefined,
    minDuration: integer("minDuration", 0, Number.MAX_SAFE_INTEGER),
    maxDuration: integer("maxDuration", 0, Number.MAX_SAFE_INTEGER),
    dateFrom: date("dateFrom"),
    dateTo: date("dateTo"),
    sortBy: oneOf("sortBy", ["createdAt", "duration", "endedAt"]) ?? "createdAt",
    sortOrder: oneOf("sortOrder", ["asc", "desc"]) ?? "desc",
  }
  if (errors.length > 0) return { ok: false, error: `Invalid query: ${errors.join("; ")}` }
  return { ok: true, query }
}

const FILTERS = ["search", "callType", "agentId", "minDuration", "maxDuration", "dateFrom", "dateTo"]

/** Whether the request narrows the list. The vendor limits "filtered queries"; sorting and paging are not that. */
export function isFiltered(params: URLSearchParams): boolean {
  return FILTERS.some((name) => params.has(name) && params.get(name) !== "" && params.get(name) !== "all")
}

function parseInteger(text: string, min: number, max: number): number | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined
  const value = Number(text)
  return value >= min && value <= max ? value : undefined
}

function describeInteger(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER
    ? `an integer of at least ${min}`
    : `an integer from ${min} to ${max}`
}

/** A zero character occurs in no text that databases store, and most refuse to search for it. */
function parseText(text: string): string | undefined {
  return text.length <= TEXT_MAX && !text.includes("\0") ? text.trim() : undefined
}

const DATE_EXPECTED =
  'an ISO 8601 date or date and time such as 2024-01-15 or 2024-01-15T14:30:00.000Z (in a URL, a "+" is written %2B)'

const DATE = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/

/** Epoch milliseconds. A date alone means its first instant, and a time without an offset is in UTC. */
function parseDate(text: string): number | undefined {
  const match = DATE.exec(text)
  if (!match) return undefined
  const [, day = "", time = "", , , offset = ""] = match
  // JavaScript takes February 30 for March 1; this does not.
  const midnight = new Date(`${day}T00:00:00.000Z`)
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return undefined
  const instant = Date.parse(`${day}${time || "T00:00"}${offset ? "" : "Z"}`)
  return Number.isNaN(instant) ? undefined : instant
}
