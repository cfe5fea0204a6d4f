/** A time means the same moment on every machine, however the vendor writes it. */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { momentOf } from "./moment.ts"

const AT_TEN = [
  "2026-01-05T10:00:00.000Z",
  "2026-01-05T10:00:00Z",
  "2026-01-05T10:00:00",
  "2026-01-05T10:00",
  "2026-01-05 10:00:00",
  "2026-01-05 10:00:00.000000",
  "2026-01-05T10:00:00+00",
  "2026-01-05 12:00:00+02",
  "2026-01-05T10:00:00+0000",
  "2026-01-05T19:00:00+09:00",
  "2026-01-05 10:00:00 UTC",
  "Mon, 05 Jan 2026 10:00:00 GMT",
  "Mon, 05 Jan 2026 10:00:00",
  "Jan 5, 2026 10:00",
  "Mon Jan 05 2026 20:30:00 GMT+1030 (Australian Central Daylight Time)",
]

test.each(AT_TEN)("%s is ten o'clock UTC", (text) => {
  expect(momentOf(text)).toBe(Date.UTC(2026, 0, 5, 10))
})

test.each(["Asia/Tokyo", "America/Los_Angeles", "Australia/Adelaide"])("also on a machine in %s", (zone) => {
  const module = fileURLToPath(new URL("moment.ts", import.meta.url))
  const script = `import { momentOf } from ${JSON.stringify(module)}; console.log(JSON.stringify(${JSON.stringify(AT_TEN)}.map(momentOf)))`
  const command = ["--import", "tsx", "--input-type=module", "--eval", script]
  const printed = execFileSync(process.execPath, command, {
    env: { ...process.env, TZ: zone },
    encoding: "utf8",
  })
  expect(new Set(JSON.parse(printed))).toEqual(new Set([Date.UTC(2026, 0, 5, 10)]))
})

test("a date alone begins at midnight UTC", () => {
  expect(momentOf("2026-01-05")).toBe(Date.UTC(2026, 0, 5))
})

test.each(["", "x", "1", "x 5", "20260105", "1767607200", "2026-13-01", "2026-01-05T10:00:00 o'clock"])(
  "%j is no date",
  (text) => expect(momentOf(text)).toBeNull(),
)
