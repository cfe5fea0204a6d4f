/**
 * Nudges in a simulation: the vendor's post-call workflow calls when calls end, and in some seeds somebody who has learnt the secret
 * does as well, as often as they like and with whatever they like. None of it may change what people hear, or use up what polls need.
 */
import { HOUR, type Instant, MINUTE, SECOND } from "@earshot/core/instant"
import type { Nudge } from "@earshot/core/turn/nudge"
import { nudgeIn } from "@earshot/core/turn/nudge-hint"
import { type PostCallHabits, USUAL_HABITS, planPostCall, postCallBody } from "@earshot/emulators/post-call"
import {
  type Random,
  between,
  chance,
  createRandom,
  exponential,
  pick,
  uuid,
} from "@earshot/emulators/random"
import { type SimulatedCall, firstFrom } from "../truth/call.ts"
import { CALLER } from "../truth/secret.ts"
import type { Traffic } from "../truth/traffic.ts"
import type { PlannedTime } from "./fault.ts"
import type { Timeline } from "./timeline.ts"
import { PLAIN_SEEDS } from "./wrong-clock.ts"

export const NUDGING_NAMES = ["none", "usual", "hostile"] as const

export type NudgingName = (typeof NUDGING_NAMES)[number]

export type Nudging = { habits: PostCallHabits; attacks: readonly { from: Instant; to: Instant }[] }

/** What a scenario asks for, or else what its seed has; null: there are no nudges. */
export function planNudging(span: PlannedTime, asked: NudgingName | undefined): Nudging | null {
  const die = createRandom("nudging", span.seed, span.profile)
  const isPlain = span.profile === "calm" || span.seed <= PLAIN_SEEDS
  const drawn = isPlain || chance(die, 0.4) ? "none" : span.profile === "default" ? "usual" : "hostile"
  const name = asked ?? drawn
  if (name === "none") return null
  if (name === "usual") return { habits: USUAL_HABITS, attacks: [] }
  return {
    habits: { lost: between(die, 0, 0.5), doubled: 0.3, early: 0.3, unfilled: between(die, 0, 1) },
    attacks: planAttacks(die, span),
  }
}

/** Some minutes in every hour or two. */
function planAttacks(die: Random, { start, end }: PlannedTime): { from: Instant; to: Instant }[] {
  const attacks: { from: Instant; to: Instant }[] = []
  for (let at = start + between(die, 0, HOUR); at < end;) {
    const to = at + between(die, MINUTE, 12 * MINUTE)
    attacks.push({ from: at, to: Math.min(to, end) })
    at = to + exponential(die, HOUR)
  }
  return attacks
}

/** More often than calls are short. */
const SCAN_EVERY_MS = 2 * SECOND

/** No call that has not been seen is longer ago. */
const SCAN_BACK_MS = 2 * MINUTE

/** The HTTP API lets through at most this many a minute; somebody sends more. */
const ATTACK_GAP_MS = SECOND

export function startNudges(options: {
  timeline: Timeline
  span: PlannedTime
  nudging: Nudging
  traffic: Traffic
  /** There are no triggers now. */
  isDown: (now: Instant) => boolean
  nudge: (nudge: Nudge) => void
}): void {
  const { timeline, span, nudging, traffic, isDown, nudge } = options
  const die = createRandom("post-call", span.seed, span.profile)
  const seen = new WeakSet<SimulatedCall>()
  const send = (body: Record<string, string>, at: Instant) =>
    timeline.at(at, () => {
      if (isDown(timeline.now())) return false
      nudge(nudgeIn(JSON.stringify(body), new URLSearchParams()))
      return true
    })
  const scan = (): boolean => {
    const now = timeline.now()
    if (now > span.end) return false
    timeline.at(now + SCAN_EVERY_MS, scan)
    const calls = traffic.callsAt(now)
    for (
      let index = firstFrom(calls, now - SCAN_BACK_MS, ({ createdAt }) => createdAt);
      index < calls.length;
      index++
    ) {
      const call = calls[index]
      if (!call || seen.has(call)) continue
      seen.add(call)
      const body = postCallBody(die, { id: call.id, from: CALLER }, nudging.habits)
      for (const afterMs of planPostCall(die, nudging.habits)) send(body, call.endedAt + afterMs)
    }
    return false
  }
  timeline.at(span.start, scan)
  for (const { from, to } of nudging.attacks)
    for (let at = from; at < to; at += ATTACK_GAP_MS * between(die, 0.2, 3)) {
      const time = at
      timeline.at(time, () => {
        send(forgedBody(die, traffic.callsAt(timeline.now())), time)
        return false
      })
    }
}

/** Calls that there are, calls that there are not, a number, nothing, and nonsense. */
function forgedBody(die: Random, calls: readonly SimulatedCall[]): Record<string, string> {
  const any = calls[Math.floor(die() * calls.length)]
  const newest = calls[calls.length - 1 - Math.floor(die() * Math.min(calls.length, 5))]
  const bodies = [
    { id: uuid(die) },
    { id: any?.id ?? "" },
    { id: newest?.id ?? "" },
    { id: newest?.id ?? "", from: CALLER },
    { from: CALLER },
    { from: "+15550109999" },
    { call_id: "$call_id" },
    {},
  ]
  return pick(die, bodies)
}
