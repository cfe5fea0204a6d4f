/** The daily brief as a message: calm if nothing is wrong, and what is wrong is said in lists of its own. */
import { expect, test } from "vitest"
import type { CoverageCounts } from "./receipt.ts"
import { DAY, HOUR } from "../instant.ts"
import { type BriefFacts, briefBulletin } from "./brief.ts"

const TO = Date.UTC(2026, 0, 5, 7)

const CALM: CoverageCounts = {
  listed: 214,
  checked: 214,
  unexamined: 0,
  deleted: 0,
  waiting: 0,
  alerts: 3,
  alertsByRule: { transferred: 1, "angry-caller": 2 },
  verdictsByRule: { transferred: { bad: 1, fine: 2 } },
  unreadable: 0,
  missing: 0,
}

const factsOf = (total: CoverageCounts, gaps: BriefFacts["receipt"]["gaps"] = []): BriefFacts => ({
  receipt: { from: TO - DAY, to: TO, hours: [], total, gaps },
  owed: 0,
  dead: 0,
  ruleName: (id) => (id === "transferred" ? "Transferred *to a person*" : id),
  timeZone: "Europe/Berlin",
  id: "b",
  mayRepeat: false,
})

test("a calm day is for information, in the channel's zone, the rules with most alerts first", () => {
  const bulletin = briefBulletin(factsOf(CALM))
  expect(bulletin).toMatchObject({
    severity: "info",
    title: "Daily brief: 214 of 214 calls checked",
    sentence: "Daily brief: 214 of 214 calls checked, 3 alerts, nothing waiting.",
  })
  expect(bulletin.parts[0]?.label).toMatch(/^2026-01-04 08:00 \S+ to 2026-01-05 08:00 \S+$/)
  expect(bulletin.parts[1]?.lines).toEqual([
    "angry-caller: 2",
    "Transferred *to a person*: 1 (1 of 3 judged were right)",
  ])
  expect(bulletin.small).not.toContain("may be a repeat")
})

test("anything that is not as it should be makes it a warning, and has a line", () => {
  const gap = { from: TO - HOUR, to: TO, kind: "unread" } as const
  const wrong: [Partial<BriefFacts>, RegExp][] = [
    [factsOf({ ...CALM, unexamined: 2 }), /Closed without a detail that a rule needed: 2/],
    [factsOf({ ...CALM, waiting: 1 }), /Still open, or waiting for a detail: 1/],
    [factsOf({ ...CALM, deleted: 1 }), /Deleted at echowin/],
    [factsOf({ ...CALM, unreadable: 1 }), /could not be read: 1/],
    [factsOf({ ...CALM, missing: 4 }), /not by Earshot: 4/],
    [factsOf(CALM, [gap]), /no complete reading of the list/],
    [{ owed: 1 }, /1 message is still to be sent/],
    [{ dead: 2 }, /2 could not be sent within a day/],
  ]
  for (const [facts, line] of wrong) {
    const bulletin = briefBulletin({ ...factsOf(CALM), ...facts })
    expect(bulletin.severity).toBe("warning")
    expect(bulletin.parts.flatMap(({ lines }) => lines).join("\n")).toMatch(line)
    expect(bulletin.next).toContain("GET /coverage?from=2026-01-04T07:00:00Z&to=2026-01-05T07:00:00Z")
  }
})

test("a repeat says that it may be one", () => {
  expect(briefBulletin({ ...factsOf(CALM), mayRepeat: true }).small).toContain("may be a repeat")
})
