/** What goes wrong in a simulation, and how often. */
import { HOUR, type Instant, MINUTE, SECOND } from "@earshot/core/instant"
import { type Random, between, chance, integer, logBetween } from "@earshot/emulators/random"

export type Party = "store" | "calls" | "slack" | "email"

/**
 * What may happen to one request.
 *
 * - crash: the process dies; the effect takes place or not.
 * - freeze: the process stands still; the effect takes place meanwhile or afterwards.
 * - lost: the effect takes place, and the answer is an error.
 * - hang: no answer ever comes; the effect takes place or not.
 * - failed: an error and no effect.
 * - late: effect and answer take long.
 * - broken: the answer is cut off, and there is no effect.
 * - busy: a 429 and no effect.
 * - refused, throttled: the channel takes nothing for hours, and says so, or asks to wait for `forMs`.
 */
export type RequestFault =
  | { kind: "crash"; hasEffect: boolean }
  | { kind: "freeze"; forMs: number; isEffectAfter: boolean }
  | { kind: "lost" }
  | { kind: "hang"; hasEffect: boolean }
  | { kind: "failed" }
  | { kind: "late"; byMs: number }
  | { kind: "broken" }
  | { kind: "busy" }
  | { kind: "refused" }
  | { kind: "throttled"; forMs: number }

export type ProfileName = "default" | "stress" | "overlap" | "calm"

export const PROFILE_NAMES: readonly ProfileName[] = ["default", "stress", "overlap", "calm"]

/** What is planned goes by the seed and the profile, from `start` to when there are no more calls. */
export type PlannedTime = { seed: number; profile: ProfileName; start: Instant; end: Instant }

type Profile = {
  /** Shares of all requests. */
  crash: number
  freeze: number
  /** Shares of the requests to each party. */
  trouble: Record<Party, number>
  /** Mean time from the start of one burst, in which a party fails most requests, to the next; Infinity: never. */
  burstEveryMs: number
  /** The same for times without any trigger. */
  downtimeEveryMs: number
  /** More often than the gate opens, which lets every second or third one through. */
  triggerMs: number
  /** Share of the triggers that are lost, doubled or late. */
  trigger: number
  skewMs: number
  hasCrowds: boolean
}

const NEVER = Number.POSITIVE_INFINITY

export const PROFILES: Record<ProfileName, Profile> = {
  calm: {
    crash: 0,
    freeze: 0,
    trouble: { store: 0, calls: 0, slack: 0, email: 0 },
    burstEveryMs: NEVER,
    downtimeEveryMs: NEVER,
    triggerMs: 20 * SECOND,
    trigger: 0,
    skewMs: 0,
    hasCrowds: false,
  },
  default: {
    crash: 0.001,
    freeze: 0.0004,
    trouble: { store: 0.001, calls: 0.01, slack: 0.03, email: 0.03 },
    burstEveryMs: 8 * HOUR,
    downtimeEveryMs: 96 * HOUR,
    triggerMs: 20 * SECOND,
    trigger: 0.02,
    skewMs: 1 * SECOND,
    hasCrowds: false,
  },
  stress: {
    crash: 0.003,
    freeze: 0.0025,
    trouble: { store: 0.003, calls: 0.03, slack: 0.08, email: 0.08 },
    burstEveryMs: 2 * HOUR,
    downtimeEveryMs: 36 * HOUR,
    triggerMs: 20 * SECOND,
    trigger: 0.06,
    skewMs: 1 * SECOND,
    hasCrowds: true,
  },
  // Processes freeze so often that polls overlap all the time, for what goes wrong only then.
  overlap: {
    crash: 0.001,
    freeze: 0.01,
    trouble: { store: 0.001, calls: 0.01, slack: 0.03, email: 0.03 },
    burstEveryMs: 8 * HOUR,
    downtimeEveryMs: NEVER,
    triggerMs: 20 * SECOND,
    trigger: 0.3,
    skewMs: 1 * SECOND,
    hasCrowds: true,
  },
}

/** Five hours with faults, then one without, which shows whether everything recovers. */
const CYCLE_MS = 6 * HOUR

const ACTIVE_MS = 5 * HOUR

/** No freeze outlasts the function's timeout. */
const FREEZE_MAX_MS = 60 * SECOND

export type Faults = {
  profile: Profile
  isActive: (now: Instant) => boolean
  /** Since when there have been no faults; null while there are. */
  calmSince: (now: Instant) => Instant | null
  fault: (party: Party, now: Instant) => RequestFault | null
  isDown: (now: Instant) => boolean
  /** How much of the time had no triggers, in milliseconds. */
  downtime: (from: Instant, to: Instant) => number
  /** The delay of each trigger that one turns into: none if it is lost, two if it is doubled. */
  triggerDelays: (now: Instant) => number[]
}

export function createFaults(name: ProfileName, random: Random, start: Instant, end: Instant): Faults {
  const profile = PROFILES[name]
  const bursts = episodes(random, profile.burstEveryMs, [20 * SECOND, 4 * MINUTE], start, end)
  const victims = bursts.map(
    () => (["calls", "calls", "slack", "email", "store"] as const)[integer(random, 0, 4)],
  )
  const burstAt = finder(bursts)
  const downtimes = episodes(random, profile.downtimeEveryMs, [5 * MINUTE, 5 * HOUR], start, end)
  const downtimeAt = finder(downtimes)

  const isActive = (now: Instant) => name !== "calm" && now < end && (now - start) % CYCLE_MS < ACTIVE_MS
  return {
    profile,
    isActive,
    calmSince: (now) => {
      if (isActive(now)) return null
      const cycle = start + Math.floor((now - start) / CYCLE_MS) * CYCLE_MS + ACTIVE_MS
      return name === "calm" ? start : Math.min(end, cycle)
    },
    fault(party, now) {
      if (!isActive(now)) return null
      if (chance(random, profile.crash)) return { kind: "crash", hasEffect: chance(random, 0.5) }
      if (chance(random, profile.freeze)) {
        const forMs = logBetween(random, SECOND, FREEZE_MAX_MS)
        return { kind: "freeze", forMs, isEffectAfter: chance(random, 0.5) }
      }
      const isBurst = victims[burstAt(now)] === party
      const rate = isBurst ? (party === "store" ? 0.2 : 0.9) : profile.trouble[party]
      return chance(random, rate) ? troubleOf(party, random) : null
    },
    isDown: (now) => isActive(now) && downtimeAt(now) >= 0,
    downtime: (from, to) =>
      downtimes.reduce(
        (sum, down) => sum + Math.max(0, Math.min(to, down.to) - Math.max(from, down.from)),
        0,
      ),
    triggerDelays(now) {
      if (!isActive(now) || !chance(random, profile.trigger)) return [0]
      const roll = random()
      if (roll < 0.3) return []
      if (roll < 0.7) return [0, between(random, 0, 5 * SECOND)]
      return [between(random, 0, 40 * SECOND)]
    },
  }
}

type Episode = { from: Instant; to: Instant }

function episodes(
  random: Random,
  everyMs: number,
  [min, max]: readonly [number, number],
  start: Instant,
  end: Instant,
): Episode[] {
  const found: Episode[] = []
  if (everyMs === NEVER) return found
  for (let from = start + between(random, 0, 2 * everyMs); from < end;) {
    const to = from + logBetween(random, min, max)
    found.push({ from, to })
    from = to + between(random, 0, 2 * everyMs)
  }
  return found
}

/** The index of the episode at an instant, -1 if there is none. Instants must not go back. */
function finder(found: readonly Episode[]): (now: Instant) => number {
  let index = 0
  return (now) => {
    for (let episode = found[index]; episode && episode.to <= now; episode = found[index]) index++
    const episode = found[index]
    return episode && episode.from <= now ? index : -1
  }
}

function troubleOf(party: Party, random: Random): RequestFault {
  const roll = random()
  if (roll < 0.2) return { kind: "lost" }
  if (roll < 0.4) return { kind: "hang", hasEffect: chance(random, 0.5) }
  if (roll < 0.5) return { kind: "late", byMs: logBetween(random, SECOND, 20 * SECOND) }
  if (party === "store" || roll < 0.8) return { kind: "failed" }
  return roll < 0.9 ? { kind: "busy" } : { kind: "broken" }
}
