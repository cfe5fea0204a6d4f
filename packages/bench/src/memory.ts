/**
 * `npm run bench -- --memory`: whether the poller's memory stays what it is, on the Node that Lambda runs
 * and on this machine's, with the heap that a function of 512 MB has.
 * The poller is a process of its own, with real sockets to a vendor, a table and a Slack that stand in this one; half of the polls find a new
 * call, and one call in ten is alerted to; then there are no new calls, since each call is remembered for a week. Everything that could go has gone
 * when memory is measured.
 */
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { createCallsApi } from "@earshot/emulators/calls-api"
import { createSlackWebhook } from "@earshot/emulators/slack"
import { startDynalite } from "@earshot/io/store/dynamo-stand-in"
import { type ChildProcess, execFileSync, fork } from "node:child_process"
import { once } from "node:events"
import { type Server, type ServerResponse, createServer } from "node:http"
import { fileURLToPath } from "node:url"
import * as z from "zod"
import { LAMBDA_HEAP, lambdaNode } from "./lambda-node.ts"
import { PING, STEP_MS, type Used } from "./memory-plan.ts"

const POLLS = 1000

/** By then everything is loaded and compiled, and the memory of a day's calls has its usual size. */
const FIRST = 200

const GROWTH_MAX = 0.03

type Fetch = (request: Request) => Response | Promise<Response>

/** Serves an app at an address of this machine. */
async function serve(app: Fetch): Promise<{ url: string; server: Server }> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on("data", (chunk: Buffer) => void chunks.push(chunk))
    incoming.on("end", () => {
      const headers = new Headers(
        Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
      )
      const body = chunks.length > 0 ? Buffer.concat(chunks) : null
      const request = new Request(`http://127.0.0.1${incoming.url}`, {
        method: incoming.method ?? "GET",
        headers,
        body,
      })
      void pass(app(request), outgoing)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()))
  const address = server.address()
  return { url: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`, server }
}

async function pass(answer: ReturnType<Fetch>, outgoing: ServerResponse): Promise<void> {
  const { status, headers, body } = await answer
  outgoing.writeHead(status, Object.fromEntries(headers))
  outgoing.end(Buffer.from(await new Response(body).arrayBuffer()))
}

async function measure(node: string): Promise<void> {
  const start = Date.now()
  let asked = 0
  const now = () => start + asked * STEP_MS
  const book = createCallBook()
  const vendorApp = createCallsApi({ source: book, keys: ["ew_bench"], now, limits: "none" })
  let isQuiet = false
  const vendor = await serve((request) => {
    const isList = new URL(request.url).pathname.endsWith("/calls")
    if (isList && ++asked % 2 === 0 && !isQuiet) addCall(book, now(), asked)
    return vendorApp.fetch(request)
  })
  const slackApp = createSlackWebhook({ now, path: "/services/T0/B0/bench" }).app
  const slack = await serve((request) => slackApp.fetch(request))
  const table = await startDynalite()
  const child = fork(fileURLToPath(new URL("memory-worker.ts", import.meta.url)), {
    execPath: node,
    execArgv: ["--expose-gc", ...LAMBDA_HEAP, "--import", "tsx"],
    env: {
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
      TABLE_NAME: "bench",
      ECHOWIN_API_KEY: "ew_bench",
      ECHOWIN_BASE_URL: `${vendor.url}/api/v1`,
      SLACK_WEBHOOK_URL: `${slack.url}/services/T0/B0/bench`,
      SLACK_ALLOWED_HOSTS: "127.0.0.1",
      POLL_INTERVAL_SECONDS: "0",
    },
  })
  if ((await answerOf(child)) !== PING) throw new Error("The poller did not start.")
  const first = await usedAfter(child, FIRST)
  const last = await usedAfter(child, POLLS - FIRST)
  isQuiet = true
  const quiet = await usedAfter(child, POLLS)
  child.kill()
  await table.stop()
  for (const { server } of [vendor, slack]) {
    server.closeAllConnections()
    server.close()
  }
  const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim()
  const failed = first.failed + last.failed + quiet.failed
  process.stdout.write(
    `${version}: ${textOf(first)} after ${FIRST} polls, ${textOf(last)} after ${POLLS}, ${(POLLS - FIRST) / 2} calls later: ${growthText(first, last)}; ` +
      `${textOf(quiet)} after as many without a new call: ${growthText(last, quiet)}; ` +
      `${failed} failed, ${first.delivered + last.delivered + quiet.delivered} messages\n`,
  )
}

function growthText(before: Used, after: Used): string {
  const growth = after.heapUsed / before.heapUsed - 1
  const percent = `${growth < 0 ? "" : "+"}${(growth * 100).toFixed(1)} %`
  return `${percent} (at most ${GROWTH_MAX * 100} %: ${growth <= GROWTH_MAX ? "met" : "missed"})`
}

function addCall(book: ReturnType<typeof createCallBook>, at: number, count: number): void {
  const created = at - 40_000
  book.add({
    ...plainCall({
      id: `call-${count}`,
      createdAt: new Date(created).toISOString(),
      endedAt: new Date(created + 30_000).toISOString(),
    }),
    flagged: count % 20 === 0,
  })
}

const Answer = z.object({
  failed: z.number(),
  delivered: z.number(),
  heapUsed: z.number(),
  rss: z.number(),
  external: z.number(),
})

async function usedAfter(child: ChildProcess, more: number): Promise<Used> {
  child.send(more)
  return Answer.parse(await answerOf(child))
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const [answer] = await Promise.race([once(child, "message"), once(child, "exit")])
  return answer
}

function textOf({ heapUsed, rss }: Used): string {
  const megabytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1)
  return `${megabytes(heapUsed)} MB in use (${megabytes(rss)} MB resident)`
}

/** Prints a line for each Node. */
export async function measureMemory(): Promise<void> {
  for (const node of new Set([await lambdaNode(), process.execPath])) await measure(node)
}
