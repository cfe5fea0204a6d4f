/**
 * How soon looks find what is awaited, in worlds that have nothing in common: looks that are apart by the root of the time waited find it
 * sooner than looks at every trigger where some answers take long, and nowhere later by more than half a second on average. Nothing is
 * learnt that could be wrong.
 */
import { describe, expect, test } from "vitest"
import { MINUTE, SECOND } from "../instant.ts"
import { probeMs } from "./awaiting.ts"
import { type LookRequest, planLooks } from "./look.ts"

type World = (roll: () => number, hour: number) => number

const exponential = (roll: () => number, meanMs: number) => -Math.log(1 - roll()) * meanMs

/** When an answer comes after it was first awaited, in milliseconds. */
const WORLDS: Record<string, World> = {
  "at any moment": (roll) => exponential(roll, 90 * SECOND),
  "soon, or after long": (roll) => exponential(roll, roll() < 0.7 ? 20 * SECOND : 15 * MINUTE),
  "soon at first, and from some hour on late": (roll, hour) =>
    (hour < 6 ? 20 : 400) * SECOND * (0.5 + roll()),
  "late at first, and from some hour on soon": (roll, hour) =>
    (hour < 6 ? 400 : 20) * SECOND * (0.5 + roll()),
  "always after four minutes": (roll) => (240 + roll()) * SECOND,
  "hardly ever": (roll) => (roll() < 0.9 ? Number.POSITIVE_INFINITY : exponential(roll, 2 * MINUTE)),
}

const LATER_MAX_SECONDS = 0.5

const AFTER_LIST_MS = 10 * SECOND
const HOURS = 12
const GIVEN_UP_MS = 10 * MINUTE

/** The mean delay in seconds, with a list every twenty seconds and looks between two of them. */
function meanDelay(world: World, perHour: number, waitMs: (awaitedMs: number) => number): number {
  let seed = 7
  const roll = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
  const calls: { id: string; from: number; at: number; nextLookAt: number }[] = []
  for (let from = 0; from < HOURS * 60 * MINUTE; from += exponential(roll, (60 * MINUTE) / perHour))
    calls.push({
      id: String(calls.length),
      from,
      at: from + world(roll, from / (60 * MINUTE)),
      nextLookAt: from,
    })
  const spent: number[] = []
  const delays: number[] = []
  let open: typeof calls = []
  let next = 0
  for (let now = 0; now < (HOURS + 1) * 60 * MINUTE; now += AFTER_LIST_MS) {
    for (let call = calls[next]; call && call.from <= now; call = calls[++next]) open.push(call)
    const isList = (now / AFTER_LIST_MS) % 2 === 0
    const due = open.filter(({ nextLookAt }) => nextLookAt <= now)
    const requests = due.map(({ id, nextLookAt }): LookRequest => {
      return { id, urgency: "awaited", rank: -nextLookAt }
    })
    const used = spent.filter((at) => at > now - 60 * MINUTE).length + perHour
    const pace = Math.max(used, spent.filter((at) => at > now - 10 * MINUTE).length * 6 + perHour)
    const planned = isList ? [] : planLooks(requests, { affordable: 500 - used, pace, used, perHour: 500 })
    const looked = new Set(planned.map((id) => calls[Number(id)]))
    spent.push(...planned.map(() => now))
    for (const call of looked) if (call) call.nextLookAt = now + waitMs(now - call.from)
    for (const call of open) if (call.at <= now && (isList || looked.has(call))) delays.push(now - call.at)
    open = open.filter((call) => {
      const isSeen = call.at <= now && (isList || looked.has(call))
      return !isSeen && now - call.from < GIVEN_UP_MS
    })
  }
  return delays.reduce((sum, delay) => sum + delay, 0) / delays.length / SECOND
}

describe("answers that come", () => {
  test.each(Object.keys(WORLDS))(
    "%s are found as soon as by looks at every trigger, but for half a second",
    (name) => {
      const world = WORLDS[name] ?? (() => 0)
      for (const perHour of [20, 60, 150]) {
        const always = meanDelay(world, perHour, () => 8 * SECOND)
        expect(meanDelay(world, perHour, probeMs), `${perHour} an hour`).toBeLessThanOrEqual(
          always + LATER_MAX_SECONDS,
        )
      }
    },
  )

  test("soon, or after long, are found sooner where details are scarce", () => {
    const world = WORLDS["soon, or after long"] ?? (() => 0)
    const always = meanDelay(world, 60, () => 8 * SECOND)
    expect(meanDelay(world, 60, probeMs)).toBeLessThan(0.97 * always)
  })
})
