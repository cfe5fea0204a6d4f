/** Some of the later seeds leave a channel alone for a while, and both kinds of being left alone occur. */
import { DAY } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { planRests, restsAt, wasAwake } from "./rest.ts"

const span = { profile: "default", start: Date.UTC(2026, 0, 5), end: Date.UTC(2026, 0, 6) } as const

test("later seeds have quiet hours and snoozes, and the first have none", () => {
  const rests = Array.from({ length: 24 }, (_, seed) => planRests({ seed: seed + 1, ...span }))
  expect(rests.slice(0, 7).flat()).toEqual([])
  const kinds = rests.flat().flatMap(({ spans }) => spans.map(({ kind }) => kind))
  expect(new Set(kinds)).toEqual(new Set(["quiet", "snooze"]))
})

test("critical alerts pass through quiet hours, if it is set so, and through no snooze", () => {
  const now = span.start + DAY / 2
  const times = { from: now - DAY / 4, to: now + DAY / 4 }
  const quietHours = { from: "22:00", until: "06:00", days: ["mon" as const] }
  const quiet = { quietHours, timeZone: "UTC", criticalPasses: true }
  const rest = (kind: "quiet" | "snooze", criticalPasses = true) => [
    { channel: "slack", quiet: { ...quiet, criticalPasses }, spans: [{ kind, ...times }], unread: [] },
  ]
  expect(restsAt(rest("quiet"), "slack", { isCritical: false, now })).toBe(true)
  expect(restsAt(rest("quiet"), "slack", { isCritical: true, now })).toBe(false)
  expect(restsAt(rest("quiet", false), "slack", { isCritical: true, now })).toBe(true)
  expect(restsAt(rest("snooze"), "slack", { isCritical: true, now })).toBe(true)
  expect(restsAt(rest("snooze"), "email", { isCritical: false, now })).toBe(false)
  // Nobody can read it then.
  const damaged = rest("quiet").map((one) => ({ ...one, unread: [{ from: now - 1, to: now + 1 }] }))
  expect(restsAt(damaged, "slack", { isCritical: false, now })).toBe(false)
  expect(restsAt(damaged, "slack", { isCritical: false, now: now + DAY / 8 })).toBe(true)
  expect(wasAwake(rest("quiet"), "slack", now, now)).toBe(false)
  expect(wasAwake(rest("quiet"), "email", now, now)).toBe(true)
})
