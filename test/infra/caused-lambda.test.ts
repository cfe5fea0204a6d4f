/**
 * The alarms on numbers that only Lambda has, caused with the bundled functions under Lambda's own runtime client: what they do there, and
 * what does not get to start, is counted as Lambda counts it, and the alarm that a deploy would make rings.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { bundleAsDeployed } from "../../packages/bench/src/deployed-bundle.ts"
import { START } from "../../packages/poller/src/test-world.ts"
import { type Outside, startOutside } from "../lambda/outside.ts"
import { startLambda } from "../lambda/runtime.ts"
import { type Service, createService } from "../lambda/service.ts"
import { UNDER_LAMBDA, alarms, lambda } from "./ringing.ts"
import { ringingMinutes } from "./cloud-watch.ts"

const MINUTE = 60_000

const work = mkdtempSync(path.join(tmpdir(), "earshot-caused-"))
const stops: (() => Promise<unknown> | void)[] = [() => rmSync(work, { recursive: true, force: true })]

afterAll(async () => {
  for (const stop of stops.toReversed()) await stop()
})

let outside: Outside

beforeAll(async () => {
  outside = await startOutside()
  stops.push(outside.stop)
  for (const name of ["poller", "api"])
    await bundleAsDeployed({ entry: `packages/functions/src/${name}.ts` }, path.join(work, name))
})

let started = 0

/** What the process that was started last has written. */
let written = () => ""

async function start(name: "poller" | "api", variables: Record<string, string>) {
  const { EchowinApiKey = "", SlackWebhookUrl = "", ApiToken = "" } = outside.secrets
  const secrets = { ECHOWIN_API_KEY: EchowinApiKey, SLACK_WEBHOOK_URL: SlackWebhookUrl, API_TOKEN: ApiToken }
  const process = await startLambda({
    task: path.join(work, name),
    work: path.join(work, `client-${++started}`),
    module: "bundle",
    variables: { ...outside.variables, ...secrets, ...variables },
  })
  stops.push(process.stop)
  written = process.output
  return process
}

/** In which minutes of the first hour the alarm rang. */
function minutesOf(name: string, function_: "Poller" | "Api", { counted }: Service): number[] {
  const data = counted.map(({ metric, at, value }) => lambda(function_, metric, at, value))
  const found = alarms.find((one) => one.name === name)
  if (!found) throw new Error(`There is no alarm ${name}.`)
  return ringingMinutes(found.alarm, data, { from: START, until: START + 60 * MINUTE })
}

const HEALTH = {
  version: "2.0",
  routeKey: "$default",
  rawPath: "/health",
  rawQueryString: "",
  headers: { host: "abc.lambda-url.eu-central-1.on.aws" },
  requestContext: {
    domainName: "abc.lambda-url.eu-central-1.on.aws",
    http: { method: "GET", path: "/health", protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
    requestId: "1",
    stage: "$default",
    timeEpoch: 1796018400000,
  },
  isBase64Encoded: false,
}

/** Asks the API for its health once a minute. */
async function askMinutes(minutes: number, variables: Record<string, string>): Promise<Service> {
  const service = createService(() => start("api", variables), 10)
  for (let minute = 10; minute < 10 + minutes; minute++) await service.invoke(HEALTH, START + minute * MINUTE)
  return service
}

test("triggers that come while a run has taken all the concurrency there is ring PollerThrottled", async () => {
  const service = createService(() => start("poller", {}), 1)
  const during = async (minute: number, triggers: number) => {
    const arrives = outside.holdNext()
    const first = service.invoke({}, START + minute * MINUTE)
    const release = await arrives
    for (let trigger = 0; trigger < triggers; trigger++)
      expect(await service.invoke({}, START + minute * MINUTE + trigger)).toBe("refused")
    release()
    expect(await first).toMatchObject({ kind: "response", body: { ok: true } })
  }
  for (const minute of [10, 11]) await during(minute, 2)
  // Two minutes are chance.
  expect(minutesOf("PollerThrottled", "Poller", service)).toEqual([])
  for (const minute of [12, 13]) await during(minute, 1)
  await during(14, 0)
  const ringing = minutesOf("PollerThrottled", "Poller", service)
  expect(ringing[0]).toBe(13)
  expect(ringing.at(-1)).toBeLessThan(18)
})

test.each([
  ["a secret that no token can be", { API_TOKEN: "short" }, "API_TOKEN is wrong"],
  ["too little memory", { NODE_OPTIONS: "--max-old-space-size=6" }, "heap out of memory"],
])("an API with %s rings ApiCrashing", async (_, variables, said) => {
  const service = await askMinutes(3, variables)
  expect(service.counted.filter(({ metric, value }) => metric === "Errors" && value === 1)).toHaveLength(3)
  expect(written()).toContain(said)
  expect(minutesOf("ApiCrashing", "Api", service)).not.toEqual([])
})

test("an API that answers, be it that Earshot is failing, does not", async () => {
  const service = await askMinutes(4, {})
  expect(service.counted.filter(({ metric }) => metric === "Invocations")).toHaveLength(4)
  expect(minutesOf("ApiCrashing", "Api", service)).toEqual([])
})

test("these are all that are caused here", () => {
  expect(UNDER_LAMBDA).toEqual(["PollerThrottled", "ApiCrashing"])
})
