/**
 * The secrets of a deployment lie encrypted beside the bundle. What cannot be decrypted is said to be that, and not to be missing; and nothing
 * of it is said besides.
 */
import { execFileSync } from "node:child_process"
import { createCipheriv, randomBytes } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, expect, test } from "vitest"

const ROOT = fileURLToPath(new URL("../../..", import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), "earshot-secret-"))
const file = path.join(folder, "resource.enc")
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const KEY = randomBytes(32)

/** As SST encrypts the links of a function. */
function writeLinks(key: Buffer): void {
  const links = {
    App: { name: "earshot", stage: "test" },
    EchowinApiKey: { value: "ew_secret_of_the_team" },
    ApiToken: { value: "a-token-of-the-tests" },
    SlackWebhookUrl: { value: "https://hooks.slack.com/services/T0/B0/key" },
  }
  const cipher = createCipheriv("aes-256-gcm", key, Buffer.alloc(12, 0))
  const sealed = Buffer.concat([cipher.update(JSON.stringify(links)), cipher.final()])
  writeFileSync(file, Buffer.concat([sealed, cipher.getAuthTag()]))
}

/** What both functions make of the environment: a process of its own, because SST reads it once. */
function read(variables: Record<string, string>): string {
  const source = `
    const { readApiConfig, readPollerConfig } = await import("@earshot/functions/config")
    console.log(JSON.stringify([readPollerConfig(), readApiConfig()]))
  `
  const args = ["--import", "tsx", "--input-type=module", "--eval", source]
  const env = { PATH: process.env["PATH"], TABLE_NAME: "earshot-table", SST_KEY_FILE: file, ...variables }
  return execFileSync(process.execPath, args, {
    cwd: path.join(ROOT, "packages/local"),
    env,
    encoding: "utf8",
  })
}

const CANNOT = "SST_KEY does not decrypt the secrets of this function"

test("with the key of the deploy, they are read", () => {
  writeLinks(KEY)
  expect(JSON.parse(read({ SST_KEY: KEY.toString("base64") }))).toMatchObject([
    { ok: true, value: { apiKey: "ew_secret_of_the_team" } },
    { ok: true, value: { token: "a-token-of-the-tests" } },
  ])
})

test.each([
  ["another key", () => writeLinks(randomBytes(32)), {}],
  ["a file that was cut off", () => writeFileSync(file, Buffer.alloc(5)), {}],
  ["no file", () => rmSync(file, { force: true }), {}],
  ["a key that is none", () => writeLinks(KEY), { SST_KEY: "none" }],
])("with %s, that is said, in one problem, and not that each is missing", (_, spoil, variables) => {
  spoil()
  const text = read({ SST_KEY: KEY.toString("base64"), ...variables })
  const problem = { ok: false, problems: [expect.stringContaining(CANNOT)] }
  expect(JSON.parse(text)).toEqual([problem, problem])
  expect(text).not.toContain("missing:")
  expect(text).not.toContain(KEY.toString("base64"))
})
