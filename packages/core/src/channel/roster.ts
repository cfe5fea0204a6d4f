/** Which channels there are: those of the deployment, as people have edited them, and those that people added. */
import { type ChannelId, type DeploymentChannelId, type Privacy, isOfDeployment } from "./channel.ts"
import { type ChannelSettings, type StoredChannel, isReadableChannel, unedited } from "./settings.ts"

/** The deployment's channels by its own settings, and how much each may show while nobody has edited it. */
export type DeploymentChannels = Partial<Record<DeploymentChannelId, Privacy>>

/**
 * Every channel that there is, live or off, by id. One of the deployment whose edit cannot be read is as it was before it: a
 * message too many is better than none. An edit of one that the deployment does not have any more is left out.
 */
export function rosterOf(
  deployment: DeploymentChannels,
  stored: readonly StoredChannel[],
): ChannelSettings[] {
  const roster = new Map<ChannelId, ChannelSettings>()
  for (const [id, privacy] of Object.entries(deployment)) {
    if (isOfDeployment(id)) roster.set(id, unedited(id, privacy))
  }
  for (const channel of stored) {
    if (!isReadableChannel(channel) || channel.isDeleted) continue
    if (isOfDeployment(channel.id) && !roster.has(channel.id)) continue
    roster.set(channel.id, channel)
  }
  return [...roster.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/**
 * The channels that messages go to. Somebody always has to hear: if every one is off, those of the deployment are not, and
 * without any of those no other one is.
 */
export function liveChannels(roster: readonly ChannelSettings[]): ChannelSettings[] {
  const live = roster.filter(({ mode }) => mode === "live")
  if (live.length > 0) return live
  const own = roster.filter(({ id }) => isOfDeployment(id))
  return own.length > 0 ? own : [...roster]
}
