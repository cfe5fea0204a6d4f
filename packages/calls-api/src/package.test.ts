/**
 * The package as it would be published: packed by npm, unpacked in an empty folder as the README says, with only zod
 * and tsx beside it, it runs the README's examples.
 */
import { execFile } from "node:child_process"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { createRequire } from "node:module"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { createCallsApi } from "@earshot/emulators/calls-api"
import { EXAMPLE_CALL } from "@earshot/emulators/example"
import { afterAll, beforeAll, expect, test } from "vitest"

const HERE = fileURLToPath(new URL("..", import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), "calls-api-"))
const home = path.join(folder, "node_modules", "@earshot", "calls-api")
const run = promisify(execFile)

beforeAll(async () => {
  mkdirSync(home, { recursive: true })
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: HERE })
  const [packed]: [{ filename: string }] = JSON.parse(stdout)
  await run("tar", ["-xzf", path.join(folder, packed.filename), "-C", home, "--strip-components=1"])
  // What an installation would bring: its one dependency, and tsx to run TypeScript.
  const require = createRequire(import.meta.url)
  for (const name of ["zod", "tsx"]) {
    const found = path.dirname(require.resolve(`${name}/package.json`))
    symlinkSync(found, path.join(folder, "node_modules", name), "junction")
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

test("has what it needs, and neither tests nor what only they use", () => {
  const files = readdirSync(path.join(home, "src"))
  expect(files).toContain("client.ts")
  expect(files.filter((name) => /test|bench|\.json$|virtual/.test(name))).toEqual([])
  for (const name of files) {
    const imported = readFileSync(path.join(home, "src", name), "utf8").matchAll(/ from "([^"]+)"/g)
    for (const [, from = ""] of imported) {
      const isThere = from === "zod" || existsSync(path.join(home, "src", from))
      expect(isThere, `${name} imports ${from}`).toBe(true)
    }
  }
})

test("runs the README's examples from an empty folder with Node and tsx", async () => {
  const source = createCallBook([EXAMPLE_CALL, plainCall({ id: "bad", score: 1.5, summary: null })])
  const app = createCallsApi({ source, keys: ["ew_local"], now: Date.now })
  const server = createServer((request, response) => {
    const headers = { "X-API-Key": String(request.headers["x-api-key"]) }
    void Promise.resolve(app.request(request.url ?? "", { headers })).then(async (answer) =>
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text()),
    )
  })
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/api/v1`
  writeFileSync(path.join(folder, "package.json"), '{"type":"module"}')
  writeFileSync(
    path.join(folder, "main.ts"),
    `import { lowScores } from "./node_modules/@earshot/calls-api/examples/low-scores.ts"
     import { moodOf } from "./node_modules/@earshot/calls-api/examples/mood.ts"
     import { secondsTalked } from "./node_modules/@earshot/calls-api/examples/talk-time.ts"
     import { callsApi, world } from "./node_modules/@earshot/calls-api/examples/world.ts"
     const api = callsApi("ew_local", "${url}")
     const mood = await moodOf(world, api, "call-uuid-1234")
     console.log(JSON.stringify([await lowScores(world, api), mood, await secondsTalked(world, api, "2024-01-15")]))`,
  )
  const { stdout } = await run(process.execPath, ["--import", "tsx", "main.ts"], { cwd: folder })
  await new Promise<void>((resolve) => void server.close(() => resolve()))
  expect(JSON.parse(stdout)).toEqual([["bad (1.5): no summary yet"], "0% angry", 245])
})
