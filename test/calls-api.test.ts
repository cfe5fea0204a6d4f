/**
 * The emulator is the API that the OpenAPI document describes, and a public checker says so: over HTTP, every
 * parameter at and beyond its bounds, every answer, every field. An API that is wrong on purpose is found out.
 */
import { tmpdir } from "node:os"
import { beforeAll, describe, expect, test } from "vitest"
import { createCallsApi, type CallsApiOptions } from "../packages/emulators/src/calls-api.ts"
import { faultyFetch } from "../packages/emulators/src/network.ts"
import type { Oddities } from "../packages/emulators/src/oddity.ts"
import { createTraffic } from "../packages/emulators/src/traffic.ts"
import { casesOf, KEYS, type Case } from "./calls-api/case.ts"
import { check, redocly, type Fetch, type Verdict } from "./calls-api/checker.ts"
import { DOCUMENT_PATH } from "./calls-api/document.ts"

const NOW = Date.parse("2026-03-02T12:00:00.000Z")
const FROM = NOW - 2 * 3_600_000

const source = createTraffic({ seed: 4, ratePerHour: 10, from: FROM, withExample: true, words: "few" })

/** Half of the calls are odd in each way, and the answers have the other forms that the vendor's pages show. */
const ODD: Oddities = {
  seed: 4,
  rows: {
    nulls: 0.5,
    missing: 0.5,
    unknownValues: 0.5,
    equalTimestamps: 0.5,
    shortTranscripts: 0.5,
    zeroDuration: 0.5,
  },
  reading: { dateField: "endedAt", dateBounds: "exclusive", nulls: "first", shuffledTies: true },
  answer: { unauthorized: "coded", resetHeader: "unix", limitHeaders: "on429", limitShown: "tightest" },
}

type App = ReturnType<typeof createCallsApi>

/** The emulator in its plain and its odd form, and one that fails, as one API: the key says which is meant. */
async function emulate(
  options: Partial<CallsApiOptions> = {},
  extend: (app: App) => void = () => {},
): Promise<{ api: Fetch; cases: Case[] }> {
  const ordinary = Array.from({ length: 200 }, (_, index) => `${KEYS.ordinary}_${index}`)
  const now = () => NOW
  const plain = createCallsApi({ source, keys: [...ordinary, KEYS.tired], now, ...options })
  const odd = createCallsApi({ source, keys: [KEYS.odd, KEYS.tiredOdd], now, oddities: ODD })
  extend(plain)
  for (const [app, key] of [
    [plain, KEYS.tired],
    [odd, KEYS.tiredOdd],
  ] as const) {
    for (let count = 0; count < 100; count += 1) {
      await app.request("/api/v1/calls/nobody", { headers: { "X-API-Key": key } })
    }
  }
  const api: Fetch = async (request) => {
    const key = request.headers.get("X-API-Key") ?? ""
    const status = ([500, 502, 503] as const).find((one) => key === `${KEYS.failing}_${one}`)
    if (status) {
      const world = { random: () => 0, sleep: () => Promise.resolve() }
      return faultyFetch(fetch, [{ kind: "status", status }], world)(request)
    }
    const isOdd = [KEYS.odd, KEYS.tiredOdd, KEYS.wrongCoded].includes(key)
    return isOdd ? odd.fetch(request) : plain.fetch(request)
  }
  const routes = plain.routes.filter(({ method }) => method === "GET")
  const paths = new Set(routes.map((route) => route.path.replace("/api/v1", "")))
  const oddIds = source.callsAt(NOW).map(({ id }) => id)
  return { api, cases: casesOf({ paths: [...paths], oddIds }) }
}

test("the document is well made, by the strictest rules that the checker recommends", async () => {
  const linted = await redocly(["lint", DOCUMENT_PATH, "--extends", "recommended-strict"], tmpdir())
  expect(linted).toEqual({ code: 0, output: expect.stringContaining("Your API description is valid") })
})

describe("the emulator against the document", () => {
  let verdict: Verdict
  beforeAll(async () => {
    const { api, cases } = await emulate()
    verdict = await check(api, cases)
  })

  test("does what it says, plain and odd, right and wrong, tired and in trouble", () => {
    expect(verdict.drift).toEqual([])
  })

  test("does all of what it says: every parameter, answer and field was met", () => {
    expect(verdict.unmet).toEqual([])
  })

  test("and without oddities no less and no more: every field is there, and no other", () => {
    expect(verdict.beyond).toEqual([])
  })
})

/** What is wrong with the API that follows, and what the checker has to say of it. */
const FAULTS: [string, RegExp][] = [
  ["a number is text", /schema-consistency: .*score.* must be number/],
  ["a time is not ISO 8601", /schema-consistency: .*endedAt.* does not match format/],
  ["a score is above 5", /schema-consistency: .*score.* must be <= 5/],
  ["a limit above 100 is taken", /schema-consistency: Invalid query parameter "limit"/],
  ["a documented value is refused", /^sortBy=endedAt: success criteria check: \$statusCode == 200/],
  ["the default is another", /^no parameters: success criteria check: .*limit == 20/],
  ["an error does not say what it is about", /^page=0: success criteria check: page/],
  ["a path is not documented", /undocumented-endpoint: .*GET \/api\/v1\/agents/],
  ["a status is not documented", /^no such call: status code check/],
  ["a type of content is not documented", /^minDuration=0: content-type check/],
  [
    "a body is not the documented one",
    /^getCall with a wrong key: success criteria check: .*Invalid API key/,
  ],
  ["a header is missing", /^listCalls over the limit: success criteria check: /],
  ["the door is open", /^listCalls without a key: success criteria check: \$statusCode == 401/],
]

describe("an API that is wrong in many ways", () => {
  let verdict: Verdict
  beforeAll(async () => {
    const { api, cases } = await emulate({ oddities: { answer: { limitAboveMax: "clamp" } } }, (app) =>
      app.get("/agents", (context) => context.json({ data: [] })),
    )
    verdict = await check(spoil(api), cases)
  })

  test.each(FAULTS)("is found out where %s", (_name, found) => {
    expect(verdict.drift).toContainEqual(expect.stringMatching(found))
  })

  test.each([
    ["a field is one that no page has", /undocumented field "data.updatedAt"/],
    ["a field is gone", /missing required field "data.favorite"/],
  ])("is found out where %s", (_name, found) => {
    expect(verdict.beyond).toContainEqual(expect.stringMatching(found))
  })

  test("is found out where it never gives an answer that it should", () => {
    expect(verdict.unmet).toContain("getCall response 404")
  })
})

/** Makes an API wrong in the ways of `FAULTS`, each in another answer. */
function spoil(api: Fetch): Fetch {
  return async (request) => {
    const url = new URL(request.url)
    const asks = (name: string, value: string) => url.searchParams.get(name) === value
    const isDetail = url.pathname.endsWith("/call-uuid-1234")
    const key = request.headers.get("X-API-Key")
    if (key === null && !isDetail) request.headers.set("X-API-Key", `${KEYS.ordinary}_199`)
    if (url.pathname.endsWith("/calls") && url.search === "") url.searchParams.set("limit", "25")
    if (asks("sortBy", "endedAt")) url.searchParams.set("sortBy", "endedat")

    const answer = await api(new Request(url, request))
    const { headers } = answer
    const status = url.pathname.endsWith("/no-such-call") ? 410 : answer.status
    if (asks("minDuration", "0")) headers.set("Content-Type", "text/csv")
    if (answer.status === 429) headers.delete("Retry-After")
    let text = await answer.text()
    if (asks("callType", "all")) text = text.replaceAll(/"score":([\d.]+)/g, '"score":"$1"')
    if (asks("callType", "incoming")) text = text.replaceAll(/"score":([\d.]+)/g, '"score":1$1')
    if (asks("sortOrder", "asc")) text = text.replaceAll(/"endedAt":"([\d-]+)T[^"]*"/g, '"endedAt":"$1 noon"')
    if (asks("page", "0")) text = '{"error":"Something is wrong."}'
    if (isDetail && key === KEYS.wrong) text = '{"error":"Go away."}'
    if (isDetail && status === 200)
      text = text.replace(/"favorite":\w+/, '"updatedAt":"2024-01-15T14:30:00.000Z"')
    return new Response(text, { status, headers })
  }
}
