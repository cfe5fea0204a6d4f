/** The README's examples are the files beside it, and they work, with the real `fetch` over a real connection. */
import { readdirSync, readFileSync } from "node:fs"
import { createServer } from "node:http"
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { createCallsApi } from "@earshot/emulators/calls-api"
import { EXAMPLE_CALL } from "@earshot/emulators/example"
import { afterAll, beforeAll, expect, test } from "vitest"
import { lowScores } from "../examples/low-scores.ts"
import { moodOf } from "../examples/mood.ts"
import { secondsTalked } from "../examples/talk-time.ts"
import { callsApi, world } from "../examples/world.ts"
import { LIST_PARAMETERS } from "./client.ts"

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8")
const EXAMPLES = new URL("../examples/", import.meta.url)

const source = createCallBook([
  EXAMPLE_CALL,
  plainCall({ id: "bad", score: 1.5, summary: null, duration: 30 }),
])
const app = createCallsApi({ source, keys: ["ew_local"], now: () => Date.parse("2026-01-06T00:00:00.000Z") })
const server = createServer((request, response) => {
  const headers = { "x-api-key": String(request.headers["x-api-key"]) }
  void Promise.resolve(app.fetch(new Request(`http://localhost${request.url}`, { headers }))).then(
    async (answer) =>
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text()),
  )
})
const api = (key = "ew_local") => {
  const address = server.address()
  return callsApi(key, `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/api/v1`)
}
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve)))
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())))

test("every example of the README is a file, word for word, and every file is there", () => {
  const blocks = [...README.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code)
  const files = readdirSync(EXAMPLES).map((name) => readFileSync(new URL(name, EXAMPLES), "utf8"))
  expect(new Set(blocks)).toEqual(new Set(files))
})

test("low scores", async () => {
  expect(await lowScores(world, api())).toEqual(["bad (1.5): no summary yet"])
  expect(await lowScores(world, api("ew_wrong"))).toEqual(["The API key was not accepted (401)."])
})

test("the mood of a call", async () => {
  expect(await moodOf(world, api(), "call-uuid-1234")).toBe("0% angry")
  expect(await moodOf(world, api(), "nobody")).toBe("deleted")
})

test("talk time", async () => {
  expect(await secondsTalked(world, api(), "2024-01-15")).toBe(245)
  expect(await secondsTalked(world, api(), "2026-01-05")).toBe(30)
  await expect(secondsTalked(world, api("ew_wrong"), "2026-01-05")).rejects.toThrow("not accepted")
})

test("the README's table names every parameter, and every test file that it points to exists", () => {
  for (const name of LIST_PARAMETERS) expect(README).toContain(`\`${name}\``)
  const named = [...README.matchAll(/`([a-z-]+\.test\.ts)`/g)].map(([, name]) => name)
  const tests = readdirSync(new URL(".", import.meta.url)).filter((name) => name.endsWith(".test.ts"))
  expect(named.filter((name) => name !== undefined && !tests.includes(name))).toEqual([])
})
