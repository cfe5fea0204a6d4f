/** What went wrong is said until it is over, or for a day, and changes nothing stored while it is no news. */
import { describe, expect, test } from "vitest"
import { DAY, HOUR, MINUTE } from "../instant.ts"
import { START } from "../test-example.ts"
import {
  type Incidents,
  NO_INCIDENTS,
  type SendOutcome,
  areChannelsFine,
  channelFaults,
  channelsWithDead,
  countDead,
  unreadableItems,
  withOutcomes,
  withRevived,
  withSeen,
  withUnreadable,
} from "./incident.ts"

const outcome = (kind: SendOutcome["kind"], dead = 0): SendOutcome => ({
  channel: "slack",
  kind,
  dead,
  why: kind === "sent" ? "" : `it ${kind}`,
})

const after = (...outcomes: [number, SendOutcome][]): Incidents =>
  outcomes.reduce((known, [at, one]) => withOutcomes(known, [one], START + at), NO_INCIDENTS)

const kindsAt = (incidents: Incidents, at: number) =>
  channelFaults(incidents, START + at).map(({ kind }) => kind)

describe("a channel", () => {
  test("that takes its messages is no news, however many it takes", () => {
    expect(withOutcomes(NO_INCIDENTS, [outcome("sent"), outcome("sent")], START)).toBe(NO_INCIDENTS)
    expect(areChannelsFine(NO_INCIDENTS)).toBe(true)
  })

  test("that refuses a message is a fault at once, until it takes one", () => {
    const refused = after([0, outcome("refused")])
    expect(kindsAt(refused, 1)).toEqual(["channel"])
    expect(channelFaults(refused, START)[0]).toMatchObject({
      since: START,
      text: "The channel slack takes no messages: it refused.",
    })
    expect(areChannelsFine(refused)).toBe(false)
    const mended = withOutcomes(refused, [outcome("sent")], START + HOUR)
    expect(kindsAt(mended, HOUR)).toEqual([])
  })

  test("for which a message was given up is a fault until somebody has seen that, or it is due again", () => {
    const dead = after([0, outcome("refused", 1)], [HOUR, outcome("sent")])
    expect(kindsAt(dead, 10 * DAY)).toEqual(["dead"])
    expect(channelsWithDead(dead)).toEqual(["slack"])
    expect(channelsWithDead(after([0, outcome("refused", 1)]))).toEqual([])
    const seen = withSeen(dead)
    expect(kindsAt(seen, DAY)).toEqual([])
    expect(channelsWithDead(seen)).toEqual(["slack"])
    const revived = withRevived(dead, ["slack"])
    expect([kindsAt(revived, DAY), channelsWithDead(revived)]).toEqual([[], []])
  })

  test("is told of in another once, with what waits for it, and once more when it is over", () => {
    const refused = withOutcomes(NO_INCIDENTS, [outcome("refused"), outcome("refused")], START, () => 3)
    expect(refused.notices).toMatchObject([
      { kind: "trouble", about: "slack", why: "it refused", waiting: 3, at: START },
    ])
    expect(withOutcomes(refused, [outcome("refused")], START + HOUR).notices).toEqual(refused.notices)
    const told = { ...refused, notices: [] }
    const mended = withOutcomes(told, [outcome("sent"), outcome("sent")], START + 2 * HOUR)
    expect(mended.notices).toMatchObject([
      { kind: "over", about: "slack", since: START, at: START + 2 * HOUR },
    ])
    // Nobody was told that it began.
    expect(withOutcomes(refused, [outcome("sent")], START + HOUR).notices).toEqual([])
    const quiet = (known: Incidents) => ({ ...known, notices: [] })
    const again = withOutcomes(quiet(mended), [outcome("refused")], START + 2.5 * HOUR)
    expect(again.notices).toMatchObject([{ kind: "trouble", at: START + 2.5 * HOUR }])
    // It takes messages and refuses them by turns.
    const better = withOutcomes(quiet(again), [outcome("sent")], START + 2.6 * HOUR)
    const worse = withOutcomes(quiet(better), [outcome("refused")], START + 2.7 * HOUR)
    expect(worse.notices).toEqual([])
    expect(withOutcomes(worse, [outcome("refused")], START + 3.5 * HOUR).notices).toHaveLength(1)
  })

  test("that merely fails is told of when that has become a fault", () => {
    const failed = after([0, outcome("failed")], [14 * MINUTE, outcome("failed")])
    expect(failed.notices).toEqual([])
    expect(withOutcomes(failed, [outcome("failed")], START + 15 * MINUTE).notices).toHaveLength(1)
  })

  test("that merely fails is a fault after a quarter of an hour without a message taken", () => {
    const failed = after([0, outcome("failed")])
    expect(withOutcomes(failed, [outcome("failed")], START + MINUTE)).toBe(failed)
    expect(kindsAt(failed, 15 * MINUTE - 1)).toEqual([])
    expect(channelFaults(failed, START + 15 * MINUTE)).toMatchObject([{ kind: "channel", since: START }])
    expect(kindsAt(withOutcomes(failed, [outcome("sent")], START + HOUR), HOUR)).toEqual([])
  })

  test("that somebody took away is no fault before a message to it is given up", () => {
    expect(withOutcomes(NO_INCIDENTS, [outcome("away")], START)).toBe(NO_INCIDENTS)
    expect(kindsAt(after([0, outcome("away", 1)]), 1)).toEqual(["dead"])
  })

  test("counts what was given up, and stays small however much that is", () => {
    const many = Array.from({ length: 500 }, (_, index): [number, SendOutcome] => [
      index,
      outcome("refused", 3),
    ])
    const incidents = after(...many)
    expect(countDead(incidents, START + HOUR)).toBe(20)
    expect(JSON.stringify(incidents).length).toBeLessThan(1000)
    expect(channelFaults(incidents, START + HOUR)[1]?.text).toContain("20 or more messages to slack")
  })
})

test("items that cannot be read are named for a day after they were last met, and noted at most once an hour", () => {
  const first = withUnreadable(NO_INCIDENTS, ["CALL#a", "CALL#b"], START)
  expect(unreadableItems(first, START)).toEqual(["CALL#a", "CALL#b"])
  expect(withUnreadable(first, ["CALL#a"], START + HOUR - 1)).toBe(first)
  const later = withUnreadable(first, ["CALL#a"], START + HOUR)
  expect(unreadableItems(later, START + DAY)).toEqual(["CALL#a"])
  const many = Array.from({ length: 100 }, (_, index) => `CALL#${index}`)
  expect(unreadableItems(withUnreadable(first, many, START + HOUR), START + HOUR)).toHaveLength(20)
})
