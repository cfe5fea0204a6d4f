/**
 * Deployments in a simulation: some seeds take a channel away for a while. Running processes finish what they are doing,
 * and new ones have the channels of the newest deployment.
 */
import { CHANNEL_IDS, type ChannelId } from "@earshot/core/channel/channel"
import { HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import { between, chance, createRandom, pick } from "@earshot/emulators/random"
import type { ProfileName } from "./fault.ts"
import { PLAIN_SEEDS } from "./wrong-clock.ts"

export type Deployment = { from: Instant; channels: readonly ChannelId[] }

/** Shorter than the three days after which a delivery to a channel that is away is given up. */
const AWAY_MAX_MS = 60 * HOUR

/** Processes of the previous deployment may go on for this long. */
const FINISHING_MS = 2 * MINUTE

const FAILING_MS = 10 * MINUTE

/** In order; the last has every channel. */
export function planDeployments(options: {
  seed: number
  profile: ProfileName
  start: Instant
  end: Instant
}): Deployment[] {
  const { seed, profile, start, end } = options
  const deployments: Deployment[] = [{ from: start, channels: CHANNEL_IDS }]
  const random = createRandom("deployments", seed, profile)
  if (profile === "calm" || seed <= PLAIN_SEEDS || !chance(random, 0.5)) return deployments
  const away = pick(random, CHANNEL_IDS)
  const from = start + Math.round((end - start) * between(random, 0.1, 0.5))
  const forMs = Math.min(AWAY_MAX_MS, Math.round((end - start) * between(random, 0.05, 0.4)))
  const channels = CHANNEL_IDS.filter((channel) => channel !== away)
  deployments.push({ from, channels }, { from: from + forMs, channels: CHANNEL_IDS })
  return deployments
}

export function deploymentAt(deployments: readonly Deployment[], now: Instant): Deployment | undefined {
  return deployments.findLast(({ from }) => from <= now)
}

/** A channel fails before it is taken away, so that something is owed to it by then. */
export function isFailingAt(deployments: readonly Deployment[], party: string, now: Instant): boolean {
  const next = deployments.find(({ from }) => from > now)
  if (!next || now < next.from - FAILING_MS) return false
  return CHANNEL_IDS.some((channel) => channel === party && !next.channels.includes(channel))
}

/** Whether every process that was at work in this time had the channel. */
export function hadChannel(
  deployments: readonly Deployment[],
  channel: ChannelId,
  from: Instant,
  to: Instant,
): boolean {
  return deployments.every((deployment, index) => {
    const until = (deployments[index + 1]?.from ?? Number.POSITIVE_INFINITY) + FINISHING_MS
    return deployment.channels.includes(channel) || until < from || deployment.from > to
  })
}
