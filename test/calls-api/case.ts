/**
 * What is asked to compare an API with the document, drawn from the document itself: every parameter at, inside
 * and beyond its bounds, and every answer. A case becomes a workflow in Arazzo, which a public checker runs.
 */
import { answerOf, operationOf, resolve, type Parameter, type Schema } from "./document.ts"

export type Case = {
  name: string
  /** An operation of the document, or a path that may or may not be in it. */
  target: { operationId: string } | { path: string }
  parameters: { in: "query" | "path"; name: string; value: string | number }[]
  /** Null: no key is sent. */
  key: string | null
  /** Null: whatever comes. */
  status: number | null
  /** What must hold of the answer besides, as Arazzo writes it. */
  also: Criterion[]
}

export type Criterion = { condition: string; context?: string; type?: "regex" }

/** Keys by which the API under test knows what it is asked for. */
export const KEYS = {
  /** Each case gets a number behind it, and so limits of its own, which it does not reach. */
  ordinary: "ew_ordinary",
  wrong: "ew_wrong",
  wrongCoded: "ew_wrong_coded",
  tired: "ew_tired",
  tiredOdd: "ew_tired_odd",
  /** With the status behind it. */
  failing: "ew_failing",
  odd: "ew_odd",
}

const LIST = { operationId: "listCalls" }
const DETAIL = { operationId: "getCall" }
const UNKNOWN_ID = "no-such-call"
const example = operationOf("getCall").parameters.find(({ name }) => name === "callId")?.example ?? ""

/**
 * Every request that the document says something about, and one for each path that the API serves, documented or
 * not. `oddIds` are calls that the odd API has.
 */
export function casesOf({ paths, oddIds }: { paths: readonly string[]; oddIds: readonly string[] }): Case[] {
  const served = paths.map((path) => ({
    ...accepted(`path ${path}`, { path: path.replaceAll(/:\w+/g, String(example)) }, [], []),
    status: null,
  }))
  const cases = [...listCases(), ...detailCases(oddIds), ...[LIST, DETAIL].flatMap(refusedCases), ...served]
  return cases.map((one, index) => ({
    ...one,
    key: one.key === KEYS.ordinary ? `${KEYS.ordinary}_${index}` : one.key,
    also: [...one.also, ...headerCriteria(one)],
  }))
}

function listCases(): Case[] {
  const { parameters } = operationOf("listCalls")
  const defaults = parameters.filter(({ name }) => name === "page" || name === "limit")
  const all = parameters.map((one) => ({ ...one, value: one.example ?? one.schema.default ?? "" }))
  return [
    accepted(
      "no parameters",
      LIST,
      [],
      defaults.map(({ name, schema }) => echoed(name, schema.default ?? "")),
    ),
    accepted(
      "all parameters",
      LIST,
      all.map(({ name, value }) => ({ in: "query", name, value })),
      [],
    ),
    ...parameters.flatMap((parameter) => [
      ...rightValues(parameter).map((value) => {
        const also = defaults.includes(parameter) ? [echoed(parameter.name, value)] : []
        return accepted(
          `${parameter.name}=${value}`,
          LIST,
          [{ in: "query", name: parameter.name, value }],
          also,
        )
      }),
      ...wrongValues(resolve(parameter.schema)).map((value) => ({
        ...accepted(
          `${parameter.name}=${value}`,
          LIST,
          [{ in: "query", name: parameter.name, value }],
          [
            // The error has to say which parameter it is about.
            { context: "$response.body#/error", condition: parameter.name, type: "regex" },
          ],
        ),
        status: 400,
      })),
    ]),
    ...["createdAt", "duration", "endedAt"].map((sortBy) => ({
      ...accepted(`odd, by ${sortBy}`, LIST, [{ in: "query", name: "sortBy", value: sortBy }], []),
      key: KEYS.odd,
    })),
  ]
}

function detailCases(oddIds: readonly string[]): Case[] {
  const of = (value: string | number) => [{ in: "path" as const, name: "callId", value }]
  return [
    ...oddIds.map((id) => ({ ...accepted(`odd, ${id}`, DETAIL, of(id), []), key: KEYS.odd })),
    accepted("the documented call", DETAIL, of(example), []),
    { ...accepted("no such call", DETAIL, of(UNKNOWN_ID), saysAs(404)), status: 404 },
  ]
}

/** The answers that come whatever is asked: without a key, with a wrong one, over the limit, and from a vendor in trouble. */
function refusedCases(target: { operationId: string }): Case[] {
  const ask = (name: string, key: string | null, status: number, also: Criterion[]): Case => {
    const isDetail = target.operationId === DETAIL.operationId
    const parameters = isDetail ? [{ in: "path" as const, name: "callId", value: example }] : []
    return { name: `${target.operationId} ${name}`, target, parameters, key, status, also }
  }
  return [
    ask("without a key", null, 401, saysAs(401, "missing")),
    ask("with a wrong key", KEYS.wrong, 401, saysAs(401, "invalid")),
    ask("with a wrong key, on the later page", KEYS.wrongCoded, 401, saysAs(401, "coded")),
    ask("over the limit", KEYS.tired, 429, saysAs(429)),
    ask("over the limit, in the other form", KEYS.tiredOdd, 429, saysAs(429)),
    ...[500, 502, 503].map((status) =>
      ask(`from a vendor in trouble (${status})`, `${KEYS.failing}_${status}`, status, []),
    ),
  ]
}

function accepted(
  name: string,
  target: Case["target"],
  parameters: Case["parameters"],
  also: Criterion[],
): Case {
  return { name, target, parameters, key: KEYS.ordinary, status: 200, also }
}

/** The bounds, the default, the choices and the example of a parameter. */
function rightValues({ schema, example }: Parameter): (string | number)[] {
  const { minimum, maximum, enum: choices = [], default: usual } = schema
  const values = [minimum, maximum, ...choices, usual, example].filter((value) => value !== undefined)
  const more = isDate(resolve(schema)) ? ["2024-01-15", "2024-01-15T15:30:00+01:00"] : []
  return [...new Set([...values, ...more])]
}

function wrongValues(schema: Schema): (string | number)[] {
  if (schema.enum) return ["sideways", schema.enum[0]?.toUpperCase() ?? ""]
  if (isDate(schema)) return ["yesterday", "2024-02-30"]
  if (schema.type !== "integer") return []
  const beyond = [(schema.minimum ?? 0) - 1, ...(schema.maximum === undefined ? [] : [schema.maximum + 1])]
  return [...beyond, "1.5", "ten"]
}

function isDate(schema: Schema): boolean {
  return schema.anyOf?.some(({ format }) => format === "date-time") ?? false
}

function echoed(name: string, value: string | number): Criterion {
  return { condition: `$response.body#/pagination/${name} == ${value}` }
}

/** The error must be the one of the document's example of this status. */
function saysAs(status: number, name?: string): Criterion[] {
  const media = answerOf(operationOf(status === 404 ? "getCall" : "listCalls"), status)?.content?.[
    "application/json"
  ]
  const body = name === undefined ? media?.example : media?.examples?.[name]?.value
  if (typeof body !== "object" || body === null) throw new Error(`There is no example of ${status}.`)
  return Object.entries(body)
    .filter(([field]) => field === "error" || field === "code")
    .map(([field, text]) => ({ condition: `$response.body#/${field} == '${text}'` }))
}

/** Each header that the document has for an answer must be there, and of its type. */
function headerCriteria({ target, status, key }: Case): Criterion[] {
  if (status === null || !("operationId" in target)) return []
  const { headers = {} } = answerOf(operationOf(target.operationId), status) ?? {}
  // In its other forms the API tells of its limits only when it has to.
  const mayBeAbsent = key === KEYS.odd || key === KEYS.tiredOdd
  return Object.entries(headers).flatMap(([name, header]) => {
    const { required = false, schema = {} } = resolve(header)
    if (mayBeAbsent && !required) return []
    const condition = `^(${patternOf(schema)})$`
    return [{ context: `$response.header.${name}`, condition, type: "regex" as const }]
  })
}

function patternOf(schema: Schema): string {
  const { type, format, anyOf } = resolve(schema)
  if (anyOf) return anyOf.map(patternOf).join("|")
  if (type === "integer") return "\\d+"
  if (format === "date-time") return "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z"
  throw new Error(`No header is known to be of the type ${String(type)}.`)
}

/** The cases as workflows of one step each, so that one which fails ends no other. */
export function arazzoOf(
  cases: readonly Case[],
  { documentPath, url }: { documentPath: string; url: string },
): object {
  const workflows = cases.map(({ name, target, parameters, key, status, also }, index) => {
    const header = key === null ? [] : [{ in: "header", name: "X-API-Key", value: key }]
    const where =
      "path" in target
        ? { "x-operation": { url: `${url}${target.path}`, method: "get" } }
        : { operationId: `$sourceDescriptions.api.${target.operationId}` }
    const answered = status === null ? [] : [{ condition: `$statusCode == ${status}` }]
    return {
      workflowId: `case-${index}`,
      summary: name,
      steps: [
        {
          stepId: "ask",
          ...where,
          parameters: [...header, ...parameters],
          successCriteria: [...answered, ...also],
        },
      ],
    }
  })
  return {
    arazzo: "1.0.1",
    info: { title: "The Calls API against its document", version: "1" },
    sourceDescriptions: [{ name: "api", type: "openapi", url: documentPath }],
    workflows,
  }
}
