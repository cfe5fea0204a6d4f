/** What people may write of a channel, what is read back of an older one, and who is live. */
import { describe, expect, test } from "vitest"
import { liveChannels, rosterOf } from "./roster.ts"
import { ChannelInput, ChannelSettings, unedited } from "./settings.ts"

const WEBHOOK = { kind: "webhook", name: "CRM", target: { url: "https://example.com/hook" } }

const stored = (id: string, more: object = {}) =>
  ChannelSettings.parse({ id, kind: "webhook", name: id, version: 1, updatedAt: null, ...more })

const idsOf = (channels: readonly ChannelSettings[]) => channels.map(({ id }) => id)

test("what is left out has a default, also in an item of an older version", () => {
  expect(ChannelInput.parse(WEBHOOK)).toMatchObject({
    mode: "live",
    privacy: "standard",
    severityFrom: "info",
    agents: [],
    timeZone: "UTC",
    quietHours: null,
    criticalPasses: true,
    digestFrom: 5,
    perHour: 20,
  })
  expect(stored("crm")).toMatchObject({ digestFrom: 5, target: { shown: {}, sealed: {} }, isDeleted: false })
})

test.each([
  ["an offset, which knows no summer time", { timeZone: "+02:00" }],
  ["a zone that is none", { timeZone: "Europe/Atlantis" }],
  ["an hour that is none", { quietHours: { from: "24:00", until: "07:00" } }],
  ["a day that is none", { quietHours: { from: "22:00", until: "07:00", days: ["monday"] } }],
  ["a name that is empty", { name: "  " }],
  ["another kind's target", { kind: "sns" }],
  ["a field that is none", { color: "red" }],
])("%s is refused", (_, change) => {
  expect(ChannelInput.safeParse({ ...WEBHOOK, ...change }).success).toBe(false)
})

test.each(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"])("%s is a zone", (timeZone) => {
  expect(ChannelInput.safeParse({ ...WEBHOOK, timeZone }).success).toBe(true)
})

describe("the channels that there are", () => {
  const DEPLOYMENT = { slack: "full", email: "standard" } as const

  test("come with the deployment, set up by its settings", () => {
    const roster = rosterOf(DEPLOYMENT, [])
    expect(roster).toEqual([unedited("email", "standard"), unedited("slack", "full")])
  })

  test("are overlaid by what is stored, without the deleted and the unreadable ones", () => {
    const quiet = { ...unedited("slack", "full"), severityFrom: "critical" as const, version: 2 }
    const roster = rosterOf(DEPLOYMENT, [
      quiet,
      stored("crm"),
      stored("gone", { isDeleted: true }),
      { id: "email", version: 3, isReadable: false },
      { id: "odd", version: 0, isReadable: false },
    ])
    expect(idsOf(roster)).toEqual(["crm", "email", "slack"])
    expect(roster.at(-1)).toEqual(quiet)
  })

  test("leave out the edit of one that the deployment does not have any more", () => {
    const edited = { ...unedited("email", "full"), version: 2 }
    expect(idsOf(rosterOf({ slack: "full" }, [edited]))).toEqual(["slack"])
  })

  test("are live unless they are off; if all are off, the deployment's are not", () => {
    const off = { mode: "off" as const }
    const roster = (mode: object) =>
      rosterOf({ slack: "full" }, [
        { ...unedited("slack", "full"), ...mode, version: 2 },
        stored("crm", mode),
      ])
    expect(idsOf(liveChannels(roster({})))).toEqual(["crm", "slack"])
    expect(idsOf(liveChannels(roster(off)))).toEqual(["slack"])
    expect(idsOf(liveChannels([stored("crm", off)]))).toEqual(["crm"])
  })
})
