/** Health as it is shown: to everybody whether, and to those with the token what, since when, and what is still owed. */
import { HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import { type Control, FIRST_CONTROL } from "@earshot/core/turn/control"
import { NO_INCIDENTS, type SendOutcome, withOutcomes } from "@earshot/core/turn/incident"
import { describe, expect, test } from "vitest"
import { NO_PRESENCE } from "@earshot/core/rule/presence"
import { Health } from "../health-view.ts"
import { healthOf } from "./health.ts"

const NOW = Date.UTC(2026, 0, 5, 9)

const EVERY_19_S = 19 * SECOND

const polled = (agoMs: number, change: Partial<Control> = {}): Control => ({
  ...FIRST_CONTROL,
  polledAt: NOW - agoMs,
  completedAt: NOW - agoMs,
  ...change,
})

const healthFrom = (
  control: Control | null,
  outcomes: SendOutcome[] = [],
  intervalMs = EVERY_19_S,
  presence = NO_PRESENCE,
) =>
  healthOf(
    {
      control,
      incidents: withOutcomes(NO_INCIDENTS, outcomes, NOW - HOUR),
      unexamined: { waiting: 1, closed: 2 },
      unreadableRules: ["newer"],
      unreadableChannels: ["crm"],
      presence,
    },
    intervalMs,
    NOW,
  )

const REFUSED = "Slack refused the message (404: no_service)"

describe("healthOf", () => {
  test("is failing before the first poll", () => {
    expect(healthFrom(null)).toMatchObject({
      status: "failing",
      detail: "No poll has run yet.",
      since: null,
      faults: [{ kind: "not-polled", since: null }],
      lastPollAt: null,
      completedAt: null,
    })
  })

  test("is ok after a complete poll, and says when it was", () => {
    const control = polled(4 * SECOND, { watermark: NOW - HOUR, pending: 2 })
    expect(healthFrom(control)).toEqual({
      status: "ok",
      detail: "The last poll started 4 s ago.",
      since: null,
      faults: [],
      behindFrom: null,
      lastPollAt: "2026-01-05T08:59:56.000Z",
      completedAt: "2026-01-05T08:59:56.000Z",
      watermark: "2026-01-05T08:00:00.000Z",
      failure: null,
      pending: 2,
      dead: 0,
      unreadable: ["rule newer", "channel crm"],
      watchRebuiltAt: null,
      clockNotice: null,
      scoreNotice: null,
      unexamined: { waiting: 1, closed: 2 },
    })
  })

  test("says that scores never exceed 1, which is no failure either", () => {
    const presence = { ...NO_PRESENCE, calls: 60, present: { score: 55 } }
    expect(healthFrom(polled(4 * SECOND), [], EVERY_19_S, presence)).toMatchObject({
      status: "ok",
      scoreNotice: expect.stringContaining("None of the last 55 scores is above 1"),
    })
  })

  test("says how far the vendor's times are off, which is no failure", () => {
    const clockNotice = { stampsMs: -7 * HOUR, serverMs: 0, since: NOW - HOUR }
    const health = healthFrom(polled(4 * SECOND, { clockNotice }))
    expect(health).toMatchObject({
      status: "ok",
      clockNotice: "echowin dates its calls about 7 h behind our clock; they are checked all the same.",
    })
  })

  test("is failing once no poll completes, and says since when", () => {
    const control = polled(SECOND, { completedAt: NOW - 10 * MINUTE })
    expect(healthFrom(control)).toMatchObject({
      status: "failing",
      detail: expect.stringContaining("none has completed"),
      since: "2026-01-05T08:50:00.000Z",
      faults: [{ kind: "incomplete", since: "2026-01-05T08:50:00.000Z" }],
    })
  })

  test("is failing with the failure's own words, and says since when", () => {
    const failure = { kind: "unauthorized", message: "The API key was refused.", since: NOW - HOUR, at: NOW }
    expect(healthFrom(polled(SECOND, { failure }))).toMatchObject({
      status: "failing",
      detail: "The API key was refused.",
      since: "2026-01-05T08:00:00.000Z",
      failure: { ...failure, since: "2026-01-05T08:00:00.000Z", at: "2026-01-05T09:00:00.000Z" },
    })
  })

  test("is failing while a channel refuses messages, and names every fault", () => {
    const refused = { channel: "slack", kind: "refused", dead: 1, why: REFUSED } as const
    expect(healthFrom(polled(SECOND), [refused])).toMatchObject({
      status: "failing",
      detail: `The channel slack takes no messages: ${REFUSED}.`,
      since: "2026-01-05T08:00:00.000Z",
      dead: 1,
      faults: [{ kind: "channel" }, { kind: "dead" }],
    })
  })

  test("is always what its schema says", () => {
    const failure = { kind: "x", message: "y", since: NOW, at: NOW }
    for (const control of [null, polled(0), polled(HOUR, { failure, watermark: 0 })]) {
      const health = healthFrom(control)
      expect(Health.parse(health)).toEqual(health)
    }
  })
})
