/**
 * How soon looks find what is awaited, in worlds that have nothing in common, beside looks at every trigger of ten seconds, where that is
 * ever affordable: sooner wherever answers come as they have come, and hardly later while a team's calls change their ways.
 */
import { describe, expect, test } from "vitest"
import { MINUTE, SECOND } from "../instant.ts"
import { openOf } from "../test-example.ts"
import { lookBetweenAt } from "../watch/between.ts"
import { type LookPace, lookEveryMs, priceOf, turnPriceOf } from "../watch/interval.ts"
import type { OpenState } from "../watch/open-state.ts"
import { NO_WAITS, type Waits, withWait } from "../watch/wait.ts"
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

/** While a team's calls change their ways, and by chance. */
const LATER_MAX_SECONDS = 1

const LIST_EVERY_MS = 20 * SECOND
const HOURS = 12
const GIVEN_UP_MS = 10 * MINUTE
const PER_HOUR = 500
/** Of which looks may have so many until the next list. */
const UNTIL_LIST = 8

type Way = "always" | "priced"

type Open = { id: string; at: number; seenAt: number; state: OpenState & { endedAt: number } }

/** The mean delay in seconds, with a list every twenty seconds and looks between two of them, as the poller plans them. */
function meanDelay(world: World, perHour: number, way: Way): number {
  let seed = 7
  const roll = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
  const calls: Open[] = []
  for (let from = 0; from < HOURS * 60 * MINUTE; from += exponential(roll, (60 * MINUTE) / perHour)) {
    const state = { ...openOf({ wantsDetail: true, nextLookAt: from }), endedAt: from }
    calls.push({
      id: String(calls.length),
      at: from + world(roll, from / (60 * MINUTE)),
      seenAt: from,
      state,
    })
  }
  let waits: Waits = NO_WAITS
  let price = 0
  const spent: number[] = []
  let [hourFrom, soonTo] = [0, 0]
  const delays: number[] = []
  let open: Open[] = []
  let next = 0
  for (let now = 0; now < (HOURS + 1) * 60 * MINUTE; now += SECOND) {
    for (let call = calls[next]; call && call.state.endedAt <= now; call = calls[++next]) open.push(call)
    if (open.length === 0) continue
    const sinceListMs = now % LIST_EVERY_MS
    while ((spent[hourFrom] ?? now) <= now - 60 * MINUTE) hourFrom++
    while ((spent[soonTo] ?? now) <= now - 40 * MINUTE) soonTo++
    // One more for each call, which tells the rest of it.
    const used = spent.length - hourFrom + perHour
    if (sinceListMs === 0 && way === "priced")
      price = priceOf({
        details: Math.max(0, 0.94 * PER_HOUR - used + (soonTo - hourFrom) * 3),
        calls: perHour,
        untilList: UNTIL_LIST,
        awaited: open.map(({ state }) => ({ aim: "score", awaitedMs: now - state.endedAt })),
        toldShare: 1,
        waits,
        listEveryMs: LIST_EVERY_MS,
      })
    const turnPrice = turnPriceOf(price, perHour)
    const pace: LookPace = { price, turnPrice, toldShare: 1, waits, listEveryMs: LIST_EVERY_MS }
    const listedAt = now - sinceListMs
    const looks = open.map((call) => ({ call, look: lookBetweenAt(call.state, { pace, listedAt }) }))
    const isTurn =
      way === "always"
        ? sinceListMs === LIST_EVERY_MS / 2
        : looks.some(({ look }) => (look?.own?.at ?? now + 1) <= now)
    // Near a list nothing is looked at.
    const isFar = sinceListMs > 0 && sinceListMs < LIST_EVERY_MS - 3 * SECOND
    const shares = ({ look }: (typeof looks)[number]) =>
      way === "always" || (look !== null && look.from <= now && now <= look.to)
    const due = isTurn && isFar ? looks.filter(shares).map(({ call }) => call) : []
    const requests = due.map(({ id, state }): LookRequest => {
      return { id, urgency: "awaited", rank: state.endedAt }
    })
    const planned = planLooks(requests, {
      affordable: PER_HOUR - used,
      pace: used,
      used,
      perHour: PER_HOUR,
      calls: perHour,
    })
    const looked = new Set(planned.map((id) => calls[Number(id)]))
    spent.push(...planned.map(() => now))
    const isSeen = (call: Open) => sinceListMs === 0 || looked.has(call)
    for (const call of open.filter(isSeen)) {
      const { state, seenAt, at } = call
      if (looked.has(call)) {
        const nextLookAt = now + lookEveryMs("score", now - state.endedAt, pace)
        call.state = { ...state, nextLookAt }
      }
      call.seenAt = now
      if (at > now) continue
      delays.push(now - at)
      waits = withWait(waits, "score", (seenAt + now) / 2 - state.endedAt)
    }
    const isGivenUp = ({ state }: Open) => now - state.endedAt >= GIVEN_UP_MS
    for (const call of open) if (isGivenUp(call) && call.at > now) waits = withWait(waits, "score", null)
    open = open.filter((call) => !(isSeen(call) && call.at <= now) && !isGivenUp(call))
  }
  return delays.reduce((sum, delay) => sum + delay, 0) / delays.length / SECOND
}

describe("answers that come", () => {
  test.each(Object.keys(WORLDS))("%s are found as soon as by looks at every trigger, or sooner", (name) => {
    const world = WORLDS[name] ?? (() => 0)
    for (const perHour of [5, 20, 60, 150]) {
      const [before, after] = [meanDelay(world, perHour, "always"), meanDelay(world, perHour, "priced")]
      expect(after, `${perHour} an hour`).toBeLessThanOrEqual(before + LATER_MAX_SECONDS)
    }
  })
})
