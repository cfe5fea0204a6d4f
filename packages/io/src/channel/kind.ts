/**
 * The kinds of channels: a new one is a file beside this one that sends, a file in core that writes its message, and an entry
 * here and in `CHANNEL_KINDS`. Whatever is missing, the compiler names.
 */
import type { ChannelId, ChannelKind, Privacy } from "@earshot/core/channel/channel"
import type { World } from "../world.ts"
import type { Channel } from "./channel.ts"
import { type EmailSettings, createEmailChannel, createSnsClient } from "./email.ts"
import { type SlackSettings, createSlackChannel } from "./slack.ts"

/** What each kind has to be told, besides what all of them have. */
type Settings = { slack: SlackSettings; email: EmailSettings }

/** A channel as it is configured. */
export type ChannelConfig = {
  [Kind in ChannelKind]: { id: ChannelId; privacy: Privacy; kind: Kind; settings: Settings[Kind] }
}[ChannelKind]

type ConfigOf<Kind extends ChannelKind> = Extract<ChannelConfig, { kind: Kind }>

const CREATE: { [Kind in ChannelKind]: (world: World, config: ConfigOf<Kind>) => Channel } = {
  slack: (world, { id, privacy, settings }) => createSlackChannel(world, { id, privacy, ...settings }),
  email: (world, { id, privacy, settings }) =>
    createEmailChannel(createSnsClient(world), { id, privacy, ...settings }),
}

export function createChannel(world: World, config: ChannelConfig): Channel {
  switch (config.kind) {
    case "slack":
      return CREATE.slack(world, config)
    case "email":
      return CREATE.email(world, config)
  }
}
