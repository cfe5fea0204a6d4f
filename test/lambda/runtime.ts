/**
 * Lambda's side of its Runtime API, and a process with Lambda's own runtime client that asks it for events. The part of the client
 * that is compiled is replaced, because it is compiled for Amazon's Linux.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import path from "node:path"
import { fileURLToPath } from "node:url"

const CLIENT = fileURLToPath(new URL("../../node_modules/aws-lambda-ric", import.meta.url))

const NATIVE_CLIENT = `
const http = require("node:http")
const post = (path, body) => {
  const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":")
  http.request({ hostname, port, method: "POST", path: "/2018-06-01/runtime/invocation/" + path }).end(body)
}
exports.initializeClient = () => {}
exports.done = (id, body) => post(id + "/response", body)
exports.error = (id, body) => post(id + "/error", body)
`

/** `body`: what the handler returned, or what became of its error. */
export type Answer = { kind: "response" | "error"; body: unknown }

export type Lambda = {
  /** What one event is answered; "died" if the process ends without an answer. One at a time. */
  ask: (event: unknown) => Promise<Answer | "died">
  /** All that the process has written, which Lambda would put into its log. */
  output: () => string
  signal: (signal: NodeJS.Signals) => void
  stop: () => Promise<void>
}

/** `task`: a folder with `<module>.mjs`, whose `handler` is called. `work`: a folder for the client. */
export async function startLambda(to: {
  task: string
  work: string
  module: string
  variables: Record<string, string>
  node?: string
}): Promise<Lambda> {
  const api = await startApi()
  putClient(to.work)
  const env = {
    ...to.variables,
    PATH: process.env["PATH"],
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${api.port}`,
    AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: "true",
    LAMBDA_TASK_ROOT: to.task,
    _HANDLER: `${to.module}.handler`,
    AWS_LAMBDA_FUNCTION_NAME: "Poller",
    AWS_LAMBDA_FUNCTION_VERSION: "1",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
    AWS_LAMBDA_LOG_GROUP_NAME: "group",
    AWS_LAMBDA_LOG_STREAM_NAME: "stream",
  }
  const program = [path.join(to.work, "index.mjs"), `${to.module}.handler`]
  const child: ChildProcess = spawn(to.node ?? process.execPath, program, { cwd: to.task, env })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (text: Buffer) => (output += String(text)))
  }
  const exit = new Promise<"died">((resolve) => child.once("exit", () => resolve("died")))
  return {
    ask: (event) => Promise.race([api.ask(JSON.stringify(event)), exit]),
    output: () => output,
    signal: (signal) => void child.kill(signal),
    stop: async () => {
      child.kill("SIGKILL")
      await exit
      await api.stop()
    },
  }
}

function putClient(work: string): void {
  mkdirSync(work, { recursive: true })
  writeFileSync(path.join(work, "rapid-client.node.js"), NATIVE_CLIENT)
  writeFileSync(path.join(work, "package.json"), "{}")
  copyFileSync(path.join(CLIENT, "index.mjs"), path.join(work, "index.mjs"))
  symlinkSync(path.join(CLIENT, "node_modules"), path.join(work, "node_modules"))
}

const RUN_MS = 60_000

async function startApi() {
  let id = 0
  let give: ((event: string) => void) | null = null
  let waiting: string | null = null
  let heard: (answer: Answer) => void = () => {}
  const server = createServer((request, response) => {
    if (request.method === "GET") {
      give = (event) => {
        give = null
        const headers = {
          "lambda-runtime-aws-request-id": String(++id),
          "lambda-runtime-deadline-ms": String(Date.now() + RUN_MS),
          "lambda-runtime-invoked-function-arn": "arn:aws:lambda:us-east-1:123456789012:function:Poller",
        }
        response.writeHead(200, headers).end(event)
      }
      if (waiting !== null) give(waiting)
      waiting = null
      return
    }
    const parts: Buffer[] = []
    request
      .on("data", (part: Buffer) => parts.push(part))
      .on("end", () => {
        response.writeHead(202).end()
        const kind = request.url?.endsWith("/error") ? "error" : "response"
        heard({ kind, body: JSON.parse(Buffer.concat(parts).toString() || "{}") })
      })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    ask: (event: string) =>
      new Promise<Answer>((resolve) => {
        heard = resolve
        if (give) give(event)
        else waiting = event
      }),
    stop: () => new Promise<void>((done) => (server.closeAllConnections(), server.close(() => done()))),
  }
}
