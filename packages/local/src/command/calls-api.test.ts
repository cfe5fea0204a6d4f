/** The command as a person runs it: a process, its words, its port, its end. */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const COMMAND = fileURLToPath(new URL("./calls-api.ts", import.meta.url))

/** Starts the command. `said` answers its output once it contains `text` or has ended; `ended` its exit code. */
function start(...args: string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", COMMAND, ...args])
  let output = ""
  const ended = new Promise<number | null>((resolve) => void child.on("close", resolve))
  const said = (text: string) =>
    new Promise<string>((resolve) => {
      const look = () => {
        if (output.includes(text)) resolve(output)
      }
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk: Buffer) => {
          output += chunk.toString()
          look()
        })
      }
      void ended.then(() => resolve(output))
    })
  return { child, said, ended }
}

const urlOf = (output: string) => /http:\/\/127\.0\.0\.1:\d+\/api\/v1/.exec(output)?.[0] ?? ""

type Body = { data: { id: string }[]; pagination: { totalCount: number } }

async function ask(url: string): Promise<{ response: Response; body: Body }> {
  const response = await fetch(url, { headers: { "X-API-Key": "ew_local" } })
  const body: Body = JSON.parse(await response.text())
  return { response, body }
}

test("it says how to curl it, answers with a day of calls under the documented limits, and ends when told to", async () => {
  const { child, said, ended } = start("--port", "0", "--rate", "60", "--seed", "3")
  const output = await said("Ctrl-C")
  const url = urlOf(output)
  expect(output).toContain(`curl -s -H "X-API-Key: ew_local" "${url}/calls?limit=3"`)
  const { response, body } = await ask(`${url}/calls?limit=3`)
  expect(body.data).toHaveLength(3)
  expect(body.pagination.totalCount).toBeGreaterThan(1_200)
  expect(response.headers.get("X-RateLimit-Limit")).toBe("200")
  expect((await ask(`${url}/calls/call-uuid-1234`)).response.status).toBe(200)
  child.kill("SIGTERM")
  expect(await ended).toBe(0)
})

test("it can serve the documented call alone, without limits", async () => {
  const { child, said, ended } = start("--port", "0", "--example-only", "--no-limits")
  const { response, body } = await ask(`${urlOf(await said("Ctrl-C"))}/calls`)
  expect(body.data.map((call) => call.id)).toEqual(["call-uuid-1234"])
  expect(response.headers.has("X-RateLimit-Limit")).toBe(false)
  child.kill("SIGINT")
  expect(await ended).toBe(0)
})

test("it names every wrong option in a line, and does not start", async () => {
  const { said, ended } = start("--port", "99999", "--rate", "fast", "--hours=-1", "--key", " ", "--no-limit")
  expect((await said("no such text")).trim().split("\n")).toEqual([
    '"--no-limit" is not an option of npm run calls-api; did you mean --no-limits?',
    '--port must be a whole number from 0 to 65535, but is "99999".',
    '--key must be a text that is not empty, but is " ".',
    '--rate must be a number from 1 to 3000, but is "fast".',
    '--hours must be a number from 0 to 720, but is "-1".',
  ])
  expect(await ended).toBe(2)
})

test("it says which options do not go together, and does not start", async () => {
  const { said, ended } = start("--no-limits", "--fixed-limits", "--rate", "3000", "--hours", "720")
  expect((await said("no such text")).trim().split("\n")).toEqual([
    "--no-limits and --fixed-limits exclude each other.",
    "--rate times --hours must be at most 100000 calls; choose fewer hours.",
  ])
  expect(await ended).toBe(2)
})

test("it says so when the port is taken", async () => {
  const first = start("--port", "0", "--example-only")
  const port = /:(\d+)\/api/.exec(await first.said("Ctrl-C"))?.[1] ?? ""
  const second = start("--port", port)
  expect(await second.said("no such text")).toContain(`Port ${port} is taken; choose another with --port.`)
  expect(await second.ended).toBe(1)
  first.child.kill("SIGTERM")
  expect(await first.ended).toBe(0)
})
