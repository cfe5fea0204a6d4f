/** `npm run poll` as people run it: a process of its own against servers, whatever state they are in. */
import { runCommand } from "@earshot/command/test-command"
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { afterAll, describe, expect, test } from "vitest"
import { startEmbedded } from "../embedded.ts"

const book = createCallBook()

const embedded = await startEmbedded({ source: book })

afterAll(() => embedded.stop())

const variables = { ...embedded.variables, POLL_INTERVAL_SECONDS: "0", FIRST_RUN_LOOKBACK: "PT1H" }

const poll = (args: string[] = [], changes: Record<string, string> = {}) =>
  runCommand("packages/local/src/command/poll.ts", args, { ...variables, ...changes })

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
    const made = await poll(["--create-table"])
    expect(made.err).toContain("Created the table earshot-local.")
    expect(made.code).toBe(0)
    expect(JSON.parse(made.lastLine)).toEqual({
      ok: true,
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
    const { code, lastLine } = await runCommand("packages/local/src/command/poll.ts", [], {})
    expect(code).toBe(1)
    const { error } = JSON.parse(lastLine)
    for (const name of ["ECHOWIN_API_KEY", "TABLE_NAME", "SLACK_WEBHOOK_URL", "ALERT_TOPIC_ARN"]) {
      expect(error).toContain(name)
    }
  })

  test("with wrong settings names each of them and repeats no secret", async () => {
    const webhook = "https://evil.example/services/T0/B0/secret"
    const { lastLine } = await poll([], {
      POLL_INTERVAL_SECONDS: "soon",
      FIRST_RUN_LOOKBACK: "a day",
      ECHOWIN_BASE_URL: "http://echo.win/api/v1",
      SLACK_WEBHOOK_URL: webhook,
      LIST_REQUESTS_PER_HOUR: "-1",
    })
    const { ok, error } = JSON.parse(lastLine)
    expect(ok).toBe(false)
    for (const name of [
      "POLL_INTERVAL_SECONDS",
      "FIRST_RUN_LOOKBACK",
      "ECHOWIN_BASE_URL",
      "SLACK_WEBHOOK_URL",
      "LIST_REQUESTS_PER_HOUR",
    ]) {
      expect(error).toContain(name)
    }
    expect(error).not.toContain("secret")
  })

  test("with DynamoDB out of reach fails and says so", async () => {
    const { code, lastLine } = await poll([], { AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:9" })
    expect(code).toBe(1)
    expect(JSON.parse(lastLine)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/ECONNREFUSED|fetch failed/),
    })
  })
})
