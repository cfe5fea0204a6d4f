/** `npm run doctor` as people run it: a process of its own, its words and its exit code. */
import { runCommand } from "@earshot/command/test-command"
import { expect, test } from "vitest"

const doctor = (args: string[], variables: Record<string, string> = {}) =>
  runCommand("packages/local/src/command/doctor.ts", args, variables)

test("in the world made for it all is well, and the exit code is 0", async () => {
  const { code, out, err } = await doctor(["--local", "--send-test", "--json"])
  expect({ code, err }).toEqual({ code: 0, err: "" })
  const report = JSON.parse(out)
  expect(report).toMatchObject({ ok: true, stage: null, isLocal: true })
  const states = report.observations.map(({ check, state }: Record<string, string>) => `${check} ${state}`)
  expect(states).toEqual(
    expect.arrayContaining(["table ok", "echowin ok", "slack ok", "e-mail ok", "reading ok", "api ok"]),
  )
  expect(out).not.toMatch(/ew_local|local-token|\/services\/|"[^"]*@/)
})

test("with nothing named it says what could be looked at and what is missing, and the exit code is 1", async () => {
  const { code, out, err } = await doctor([], { HOME: "/nonexistent" })
  expect({ code, err }).toEqual({ code: 1, err: "" })
  expect(out).toMatch(/^Nothing to look at is named\. .*--stage production.*--local/)
  for (const name of ["ECHOWIN_API_KEY", "TABLE_NAME", "SLACK_WEBHOOK_URL", "API_TOKEN", "AWS_REGION"])
    expect(out).toMatch(new RegExp(`WRONG +settings +${name} is missing`))
  expect(out).toMatch(/of \d+ lines are wrong/)
})

test("options that exclude each other are refused", async () => {
  const { code, err } = await doctor(["--local", "--stage", "production"])
  expect({ code, err }).toEqual({ code: 2, err: "--stage and --local exclude each other.\n" })
})
