/** The commands that serve, started with settings that are wrong: they say what, all at once, and do not start. */
import { runCommand } from "@earshot/command/test-command"
import { createServer } from "node:http"
import { expect, test } from "vitest"

const api = (variables: Record<string, string>) =>
  runCommand("packages/local/src/command/api.ts", [], variables)

test("npm run api names every variable that is missing or wrong, a line each, and repeats no value", async () => {
  const variables = { PORT: "abc", TABLE_NAME: "t2", API_TOKEN: "schlüssel", AWS_REGION: " " }
  expect(await api(variables)).toMatchObject({
    code: 1,
    out: "",
    err: `Configuration errors:
  PORT is wrong: it must be a whole number from 0 to 65535 (example: 3000)
  TABLE_NAME is wrong: it must be the name of a DynamoDB table: 3 to 255 letters, digits, dots, dashes or underscores (example: earshot-production)
  API_TOKEN is wrong: it must be at least 16 ASCII characters without a space, to fit an HTTP header and not to be guessed (example: what \`openssl rand -hex 32\` prints)
  AWS_REGION is missing: where the table lies (example: us-east-1)
`,
  })
})

test("npm start names every variable that is wrong before it starts anything", async () => {
  const variables = {
    PORT: "abc",
    CALLS_API_PORT: "99999",
    SEED: "-1",
    SLACK_PRIVACY: "all",
    EMAIL_PRIVACY: "",
  }
  const { code, out, err } = await runCommand("packages/local/src/command/start.ts", [], variables)
  expect({ code, out }).toEqual({ code: 1, out: "" })
  expect(err.match(/^ {2}\w+ is wrong/gm)).toEqual(
    ["PORT", "CALLS_API_PORT", "SEED", "SLACK_PRIVACY"].map((name) => `  ${name} is wrong`),
  )
})

test("npm run api says which port is taken, and npm start too", async () => {
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resolve(typeof address === "object" ? (address?.port ?? 0) : 0)
    })
  })
  const settings = {
    PORT: String(port),
    TABLE_NAME: "earshot",
    API_TOKEN: "a-token-of-the-tests",
    AWS_REGION: "us-east-1",
  }
  const ended = await Promise.all([
    api(settings),
    runCommand("packages/local/src/command/start.ts", [], { CALLS_API_PORT: String(port) }),
  ])
  expect(ended.map(({ code }) => code)).toEqual([1, 1])
  expect(ended.map(({ err }) => err.trim().split("\n").at(-1))).toEqual(
    ["PORT", "CALLS_API_PORT"].map((name) => `Port ${port} is taken; choose another with ${name}.`),
  )
  server.close()
})
