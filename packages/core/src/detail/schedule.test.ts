/**
 * How soon looks find what is awaited, in worlds that have nothing in common, beside looks at every regular trigger: sooner where details are
 * plentiful, whenever answers come, and nowhere later by more than 0.8 seconds on average. No time is learnt that could be wrong.
 */
import { describe, expect, test } from "vitest"
import { MINUTE, SECOND } from "../instant.ts"
import { type LookPace, SPARING, lookEveryMs } from "../watch/interval.ts"
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

const LATER_MAX_SECONDS = 0.8

const LIST_EVERY_MS = 20 * SECOND
const HOURS = 12
const GIVEN_UP_MS = 10 * MINUTE
const PER_HOUR = 500

type Looks = (awaitedMs: number, pace: LookPace) => number

/** At every regular trigger, whatever was awaited for how long. */
const always: Looks = () => 8 * SECOND

const adaptive: Looks = (awaitedMs, pace) => lookEveryMs("analysis", awaitedMs, pace)

type Open = { id: string; from: number; at: number; nextLookAt: number }

/** The mean delay in seconds, with a list every twenty seconds and looks between two of them, as the poller plans them. */
function meanDelay(world: World, perHour: number, looks: Looks): number {
  let seed = 7
  const roll = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
  const calls: Open[] = []
  for (let from = 0; from < HOURS * 60 * MINUTE; from += exponential(roll, (60 * MINUTE) / perHour))
    calls.push({
      id: String(calls.length),
      from,
      at: from + world(roll, from / (60 * MINUTE)),
      nextLookAt: from,
    })
  const spent: number[] = []
  let [hourFrom, tenFrom] = [0, 0]
  const delays: number[] = []
  let open: Open[] = []
  let next = 0
  for (let now = 0; now < (HOURS + 1) * 60 * MINUTE; now += SECOND) {
    for (let call = calls[next]; call && call.from <= now; call = calls[++next]) open.push(call)
    if (open.length === 0) continue
    const sinceListMs = now % LIST_EVERY_MS
    while ((spent[hourFrom] ?? now) <= now - 60 * MINUTE) hourFrom++
    while ((spent[tenFrom] ?? now) <= now - 10 * MINUTE) tenFrom++
    // One more for each call, which tells the rest of it.
    const used = spent.length - hourFrom + perHour
    const recent = (spent.length - tenFrom) * 6 + perHour
    const pace = Math.max(used, recent * Math.min(1, used / (0.6 * PER_HOUR)))
    const thrift = Math.min(1, pace / (0.8 * PER_HOUR))
    // Near a list nothing is looked at; and where details are scarce, only regular triggers come.
    const isTrigger =
      sinceListMs === LIST_EVERY_MS / 2 ||
      (looks !== always && thrift <= 0.875 && sinceListMs > 0 && sinceListMs < LIST_EVERY_MS - 3 * SECOND)
    if (!isTrigger && sinceListMs > 0) continue
    const everyMs = (call: Open) => looks(now - call.from, { ...SPARING, thrift })
    const due = open.filter(
      (call) =>
        isTrigger &&
        everyMs(call) <= LIST_EVERY_MS &&
        Math.max(call.nextLookAt, now - sinceListMs + Math.min(everyMs(call), 8 * SECOND)) <= now,
    )
    const requests = due.map(({ id, from }): LookRequest => ({ id, urgency: "awaited", rank: from }))
    const planned = planLooks(requests, {
      affordable: PER_HOUR - used,
      pace,
      used,
      perHour: PER_HOUR,
      calls: perHour,
    })
    const looked = new Set(planned.map((id) => calls[Number(id)]))
    spent.push(...planned.map(() => now))
    for (const call of looked) if (call) call.nextLookAt = now + everyMs(call)
    const isSeen = (call: Open) => call.at <= now && (sinceListMs === 0 || looked.has(call))
    for (const call of open) if (isSeen(call)) delays.push(now - call.at)
    open = open.filter((call) => !isSeen(call) && now - call.from < GIVEN_UP_MS)
  }
  return delays.reduce((sum, delay) => sum + delay, 0) / delays.length / SECOND
}

describe("answers that come", () => {
  test.each(Object.keys(WORLDS))(
    "%s are found as soon as by looks at every trigger, but for 0.8 seconds",
    (name) => {
      const world = WORLDS[name] ?? (() => 0)
      for (const perHour of [5, 20, 60, 150]) {
        const [before, after] = [meanDelay(world, perHour, always), meanDelay(world, perHour, adaptive)]
        expect(after, `${perHour} an hour`).toBeLessThanOrEqual(before + LATER_MAX_SECONDS)
      }
    },
  )

  test("at any moment, or mostly soon, are found sooner, and much sooner where details are plentiful", () => {
    for (const name of ["at any moment", "soon, or after long"]) {
      const world = WORLDS[name] ?? (() => 0)
      const share = (perHour: number) =>
        meanDelay(world, perHour, adaptive) / meanDelay(world, perHour, always)
      expect(share(5), name).toBeLessThan(0.75)
      expect(share(20), name).toBeLessThan(0.9)
      expect(share(60), name).toBeLessThan(1.02)
    }
  })
})
