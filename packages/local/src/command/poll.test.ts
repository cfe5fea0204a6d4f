/** `npm run poll` as people run it: a process of its own against servers, whatever state they are in. */
import { bundleCommand, runCommand } from "@earshot/command/test-command"
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { afterAll, describe, expect, test } from "vitest"
import { startEmbedded } from "../embedded.ts"

const book = createCallBook()

const FILE = "packages/local/src/command/poll.ts"

const [embedded, bundle] = await Promise.all([startEmbedded({ source: book }), bundleCommand(FILE)])

afterAll(() => Promise.all([embedded.stop(), bundle.remove()]))

const variables: Record<string, string> = {
  ...embedded.variables,
  POLL_INTERVAL_SECONDS: "0",
  FIRST_RUN_LOOKBACK: "PT1H",
}

const poll = (args: string[] = [], changes: Record<string, string> = {}) =>
  bundle.run(args, { ...variables, ...changes })

/** A call of a minute that ended so many minutes ago. */
function callEnded(id: string, minutesAgo: number, facts: object) {
  const ended = Date.now() - minutesAgo * 60_000
  const createdAt = new Date(ended - 60_000).toISOString()
  return plainCall({ createdAt, endedAt: new Date(ended).toISOString(), ...facts, id })
}

describe("npm run poll", () => {
  test("says that the table is missing and how to make it; makes it if told; then reports in one line", async () => {
    const without = await poll()
    expect(without.code).toBe(1)
    expect(JSON.parse(without.lastLine)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/earshot-local does not exist.*npm run poll -- --create-table/),
    })

    book.add(callEnded("first-bad", 5, { flagged: true, score: 1 }))
    book.add(callEnded("first-good", 4, {}))
    const made = await runCommand(FILE, ["--create-table"], variables)
    expect(made.err).toContain("Created the table earshot-local.")
    expect(made.code).toBe(0)
    expect(JSON.parse(made.lastLine)).toEqual({
      ok: true,
      kind: "poll",
      listed: 2,
      new: 2,
      unreadable: 0,
      details: 2,
      alerts: 1,
      delivered: 2,
      failed: 0,
      pending: 0,
      unexamined: 0,
      watermark: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      budget: { list: { used: 1, limit: 200 }, detail: { used: 2, limit: 500 } },
      isComplete: true,
      vitals: {
        lagSeconds: 0,
        undeliveredSeconds: 0,
        refusing: 0,
        waiting: 0,
        latencySeconds: expect.any(Number),
      },
      durationMs: expect.any(Number),
    })
    const again = await poll(["--create-table"])
    expect(JSON.parse(again.lastLine)).toMatchObject({ ok: true, new: 0, alerts: 0, delivered: 0 })
    expect(embedded.slack.received).toHaveLength(1)
    const [mail] = await embedded.readMail()
    expect(mail?.attributes).toEqual({
      severity: "warning",
      rule: '["flagged","low-score"]',
      callId: "first-bad",
    })
  })

  test("twice at once tells nothing twice", async () => {
    const before = embedded.slack.received.length
    for (let call = 0; call < 4; call++) book.add(callEnded(`twice-${call}`, 2, { flagged: true }))
    const both = await Promise.all([poll(), poll(), poll()])
    expect(both.map(({ code }) => code)).toEqual([0, 0, 0])
    await poll()
    const told = embedded.slack.received.slice(before).map(({ payload }) => JSON.stringify(payload))
    for (let call = 0; call < 4; call++) {
      expect(told.filter((text) => text.includes(`call twice-${call}`))).toHaveLength(1)
    }
  })

  test("with a wrong key fails in one clear line that does not repeat it", async () => {
    const { code, lastLine, out, err } = await poll([], { ECHOWIN_API_KEY: "ew_stolen" })
    expect(code).toBe(1)
    const error = "The API key was not accepted (401). Check ECHOWIN_API_KEY."
    expect(JSON.parse(lastLine)).toMatchObject({ ok: false, error, listed: 0 })
    expect(out + err).not.toContain("ew_stolen")
  })

  test("with nothing set names everything that is missing, and what it should be", async () => {
    const { code, out, err } = await bundle.run([], { AWS_REGION: "" })
    expect(code).toBe(1)
    const problems = [
      "ECHOWIN_API_KEY is missing: the key of your echowin team (example: ew_…)",
      "TABLE_NAME is missing: the name of the DynamoDB table (example: earshot-production)",
      "SLACK_WEBHOOK_URL is missing, and so is ALERT_TOPIC_ARN: alerts need at least one channel (example: https://hooks.slack.com/services/…)",
      "AWS_REGION is missing: where the table lies (example: us-east-1)",
    ]
    expect(JSON.parse(out)).toEqual({ ok: false, error: `Configuration errors: ${problems.join("; ")}` })
    expect(err).toBe(["Configuration errors:", ...problems.map((problem) => `  ${problem}`), ""].join("\n"))
  })

  test("with wrong settings names each of them and repeats no secret", async () => {
    const webhook = "https://evil.example/services/T0/B0/secret"
    const { lastLine } = await poll([], {
      POLL_INTERVAL_SECONDS: "soon",
      FIRST_RUN_LOOKBACK: "a day",
      ECHOWIN_BASE_URL: "http://echo.win/api/v1",
      SLACK_WEBHOOK_URL: webhook,
      LIST_REQUESTS_PER_HOUR: "-1",
      AWS_REGION: "us east",
      AWS_ENDPOINT_URL_DYNAMODB: "8000",
    })
    const { ok, error } = JSON.parse(lastLine)
    expect(ok).toBe(false)
    for (const name of [
      "POLL_INTERVAL_SECONDS",
      "FIRST_RUN_LOOKBACK",
      "ECHOWIN_BASE_URL",
      "SLACK_WEBHOOK_URL",
      "LIST_REQUESTS_PER_HOUR",
      "AWS_REGION",
      "AWS_ENDPOINT_URL_DYNAMODB",
    ]) {
      expect(error).toContain(`${name} is wrong: it `)
    }
    expect(error).not.toContain("secret")
  })

  test.each<[string, Record<string, string>, string]>([
    [
      "DynamoDB out of reach",
      { AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:1024" },
      "DynamoDB could not be reached (ECONNREFUSED). Check AWS_REGION and AWS_ENDPOINT_URL_DYNAMODB.",
    ],
    [
      "no credentials",
      { AWS_SECRET_ACCESS_KEY: "", AWS_PROFILE: "", HOME: "/nonexistent", AWS_EC2_METADATA_DISABLED: "true" },
      "There are no AWS credentials (CredentialsProviderError). Check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    ],
    [
      "the Calls API out of reach",
      { ECHOWIN_BASE_URL: "http://127.0.0.1:1024/api/v1" },
      "The Calls API could not be reached (ECONNREFUSED). Check ECHOWIN_BASE_URL.",
    ],
    [
      "another path of the Calls API",
      { ECHOWIN_BASE_URL: `${variables["ECHOWIN_BASE_URL"]}/v2` },
      "Not found (404): Not found. Check ECHOWIN_BASE_URL.",
    ],
  ])("with %s fails in one line that says of what, and what to check", async (_, changes, error) => {
    const { code, lastLine } = await poll([], changes)
    expect(JSON.parse(lastLine)).toMatchObject({ ok: false, error })
    expect(code).toBe(1)
  })

  test("with a wrong option says so in one line, and polls nothing", async () => {
    const { code, out, err } = await poll(["--create-tabel"])
    const line = '"--create-tabel" is not an option of npm run poll; did you mean --create-table?\n'
    expect({ code, out, err }).toEqual({ code: 2, out: "", err: line })
  })
})
