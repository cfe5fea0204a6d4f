/**
 * The page at /docs in a deployment: a bundle that has the page's files beside it serves them, far from the repository
 * and its packages. That they are in the function's zip is in `test/infra/deploy.test.ts`.
 */
import { execFile } from "node:child_process"
import { cpSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import { gunzipSync } from "node:zlib"
import { afterAll, expect, test } from "vitest"
import { fileURLToPath } from "node:url"
import { bundleAsDeployed } from "../packages/bench/src/deployed-bundle.ts"
import { ASSET_NAMES } from "../packages/api/src/reference/asset.ts"

const ROOT = fileURLToPath(new URL("..", import.meta.url))

/** Where each file comes from, as `stacks/api.ts` copies it. */
const sourceOf = (name: string) =>
  path.join(
    ROOT,
    "packages/api",
    name.startsWith("swagger-ui") ? "node_modules/swagger-ui-dist" : "src/reference/page",
    name,
  )

/** Lambda refuses a larger answer. */
const ANSWER_BYTES_MAX = 6 * 1024 * 1024

const lambda = mkdtempSync(path.join(tmpdir(), "earshot-lambda-"))

afterAll(() => rmSync(lambda, { recursive: true, force: true }))

type Answer = { statusCode: number; headers: Record<string, string>; body: string; isBase64Encoded: boolean }

type Question = { path: string; encoding: string }

/** What the deployed handler answers to a function URL's requests, in a process that has nothing but its folder. */
async function ask(questions: readonly Question[]): Promise<Answer[]> {
  const events = questions.map(({ path: rawPath, encoding }) => ({
    rawPath,
    rawQueryString: "",
    headers: { host: "api.test", "accept-encoding": encoding },
    requestContext: { domainName: "api.test", http: { method: "GET", path: rawPath } },
    isBase64Encoded: false,
  }))
  writeFileSync(
    path.join(lambda, "ask.mjs"),
    `import { handler } from "./bundle.mjs"
     const answers = []
     for (const event of ${JSON.stringify(events)}) answers.push(await handler(event, {}))
     process.stdout.write(JSON.stringify(answers))`,
  )
  const env = {
    PATH: process.env["PATH"],
    TABLE_NAME: "table",
    API_TOKEN: "a-token-of-the-tests",
    AWS_REGION: "us-east-1",
  }
  const options = { cwd: lambda, env, maxBuffer: 20_000_000 }
  const { stdout } = await promisify(execFile)(process.execPath, ["ask.mjs"], options)
  return JSON.parse(stdout)
}

test("a bundle with the files beside it serves all of them, packed or not, and the description", async () => {
  await bundleAsDeployed({ entry: "packages/functions/src/api.ts" }, lambda)
  for (const name of ASSET_NAMES) cpSync(sourceOf(name), path.join(lambda, "reference", name))
  const files = ASSET_NAMES.flatMap((name) =>
    ["gzip", "identity"].map((encoding) => ({
      name,
      encoding,
      path: name === "page.html" ? "/docs" : `/docs/${name}`,
    })),
  )
  const others = ["/openapi.json", "/rules"].map((path) => ({ path, encoding: "identity" }))
  const answers = await ask([...files, ...others])
  for (const [index, { name, encoding }] of files.entries()) {
    const { statusCode, headers, body, isBase64Encoded } = answers[index] ?? neverAnswered(name)
    expect(statusCode, name).toBe(200)
    expect(body.length, name).toBeLessThan(ANSWER_BYTES_MAX)
    expect(headers["content-encoding"], name).toBe(encoding === "gzip" ? "gzip" : undefined)
    const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8")
    const plain = encoding === "gzip" ? gunzipSync(bytes) : bytes
    expect(plain.length, name).toBe(statSync(sourceOf(name)).size)
  }
  const [description, rules] = answers.slice(files.length)
  expect(JSON.parse(description?.body ?? "")).toMatchObject({ openapi: "3.1.0" })
  expect(rules?.statusCode).toBe(401)
})

function neverAnswered(name: string): never {
  throw new Error(`Nothing was answered for ${name}.`)
}
