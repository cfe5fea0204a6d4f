/**
 * The public checker: Redocly's command line asks a served API what the cases say, compares each answer with the
 * document, and then the recorded traffic once more, requests included. Nothing of it needs a network.
 */
import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import path from "node:path"
import { arazzoOf, KEYS, type Case } from "./case.ts"
import { DOCUMENT_PATH, narrowed, spelledOut } from "./document.ts"

export type Fetch = (request: Request) => Response | Promise<Response>

export type Verdict = {
  /** What the API does and the document does not say, or the other way round; each in a line. */
  drift: string[]
  /** What only the narrow reading of the document objects to. */
  beyond: string[]
  /** What the document has and no case has met. */
  unmet: string[]
}

const emulators = createRequire(new URL("../../packages/emulators/package.json", import.meta.url))
const manifestPath = emulators.resolve("@redocly/cli/package.json")
const manifest: { bin: { redocly: string } } = emulators("@redocly/cli/package.json")
const PROGRAM = path.join(path.dirname(manifestPath), manifest.bin.redocly)

/** Neither statistics nor news are asked for, so that the checker works where there is no network. */
const QUIET = { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", CI: "true", NO_COLOR: "1" }

/** The exit code and everything that was said. */
export function redocly(args: readonly string[], cwd: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...QUIET }
    const options = { cwd, env, maxBuffer: 50_000_000, timeout: 50_000 }
    const child = execFile(process.execPath, [PROGRAM, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? (child.exitCode ?? -1) : 0, output: stdout + stderr })
    })
  })
}

/** Serves the API on a free port, asks it every case, and tells what the checker found. */
export async function check(api: Fetch, cases: readonly Case[]): Promise<Verdict> {
  const directory = await mkdtemp(path.join(tmpdir(), "calls-api-"))
  const server = await serve(api)
  const url = `http://127.0.0.1:${server.port}/api/v1`
  const file = (name: string) => path.join(directory, name)
  try {
    const write = (name: string, value: object) => writeFile(file(name), JSON.stringify(value))
    await write("spelled-out.json", spelledOut(cases.flatMap(({ status }) => status ?? [])))
    await write("narrow.json", narrowed())
    await write("cases.arazzo.json", arazzoOf(cases, { documentPath: "spelled-out.json", url }))
    const asked = await redocly(
      ["respect", "cases.arazzo.json", "-S", `api=${url}`, "-J", "answers.json", "-H", "all.har"],
      directory,
    )
    const answers = await readJson<Answers>(file("answers.json"), asked.output)
    await write("plain.har", withoutOddities(await readJson<Har>(file("all.har"), asked.output)))
    const options = ["--server", url, "--format", "json", "--ignore-headers", "x-api-key"]
    const [whole, narrow] = await Promise.all([
      redocly(
        [
          "drift",
          "all.har",
          "--api",
          DOCUMENT_PATH,
          ...options,
          "-o",
          "drift.json",
          "--coverage-output",
          "met.json",
        ],
        directory,
      ),
      redocly(["drift", "plain.har", "--api", "narrow.json", ...options, "-o", "beyond.json"], directory),
    ])
    const drift = problemsOf(await readJson<Drift>(file("drift.json"), whole.output))
    const beyond = problemsOf(await readJson<Drift>(file("beyond.json"), narrow.output))
    return {
      drift: [...failuresOf(answers, cases), ...drift],
      beyond: beyond.filter((problem) => !drift.includes(problem)),
      unmet: unmetOf(await readJson<Met>(file("met.json"), whole.output)),
    }
  } finally {
    await server.stop()
    await rm(directory, { recursive: true })
  }
}

/** What these reports have is the checker's business; only what is read of them is written down here. */
type Answers = {
  files: Record<string, { executedWorkflows: { workflowId: string; executedSteps: Step[] }[] }>
}
type Step = { checks: { name: string; passed: boolean; message: string; condition?: string }[] }
type Har = { log: { entries: { request: { headers: { name: string; value: string }[] } }[] } }
type Drift = { problems: { ruleId: string; message: string; path: string; status: number }[] }
type Met = {
  operations: {
    operationId: string
    missing: { kind: string; name?: string; status?: string; path?: string }[]
  }[]
}

/** Throws with what the checker said if it wrote no report. */
async function readJson<Report>(file: string, output: string): Promise<Report> {
  const text = await readFile(file, "utf8").catch(() => {
    throw new Error(`The checker wrote no ${path.basename(file)}:\n${output}`)
  })
  return JSON.parse(text)
}

function failuresOf(answers: Answers, cases: readonly Case[]): string[] {
  const run = Object.values(answers.files).flatMap((file) => file.executedWorkflows)
  if (run.length !== cases.length) return [`Only ${run.length} of ${cases.length} cases were asked.`]
  return run.flatMap(({ workflowId, executedSteps }) => {
    const name = cases[Number(workflowId.replace("case-", ""))]?.name ?? workflowId
    const failed = executedSteps.flatMap((step) => step.checks.filter((check) => !check.passed))
    return failed.map((check) => `${name}: ${check.name}: ${check.condition ?? check.message}`)
  })
}

/** What the odd API answered says nothing about the narrow reading. */
function withoutOddities({ log }: Har): Har {
  const isOdd = ({ value }: { value: string }) => value === KEYS.odd
  return { log: { ...log, entries: log.entries.filter(({ request }) => !request.headers.some(isOdd)) } }
}

function problemsOf({ problems }: Drift): string[] {
  return (
    problems
      // That a request had no key is right where it was refused for it.
      .filter(({ ruleId, status }) => !(ruleId === "security-baseline" && status === 401))
      .map(({ ruleId, message, path: asked, status }) => `${asked} (${status}): ${ruleId}: ${message}`)
  )
}

function unmetOf({ operations }: Met): string[] {
  return operations.flatMap(({ operationId, missing }) =>
    missing.map((one) => [operationId, one.kind, one.status, one.path ?? one.name].filter(Boolean).join(" ")),
  )
}

async function serve(api: Fetch): Promise<{ port: number; stop: () => Promise<void> }> {
  const relay = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { url, method = "GET", headers: sent } = incoming
    const headers = Object.entries(sent).map(([name, value]): [string, string] => [name, String(value)])
    const answer = await api(new Request(`http://127.0.0.1${url}`, { method, headers }))
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
  }
  const server = createServer((incoming, outgoing) => void relay(incoming, outgoing))
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (typeof address !== "object" || !address) throw new Error("The server has no port.")
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { port: address.port, stop }
}
