/**
 * The registry of channels by kind. A new kind is a core file that writes its payload (`core/message/`), a file beside this
 * one that sends it at its pace, and an entry here; how it reads from the environment stands in the functions' `config.ts`.
 * Once the kind is in `CHANNEL_KINDS`, the compiler names whatever is missing.
 */
import type { ChannelId, ChannelKind, Privacy } from "@earshot/core/channel/channel"
import type { World } from "../world.ts"
import type { Channel } from "./channel.ts"
import { type EmailSettings, createEmailChannel, createSnsClient } from "./email.ts"
import { type SlackSettings, createSlackChannel } from "./slack.ts"

type Common = { id: ChannelId; privacy: Privacy }

const KINDS = {
  slack: (world: World, config: Common & SlackSettings) => createSlackChannel(world, config),
  email: (world: World, config: Common & EmailSettings) => createEmailChannel(createSnsClient(world), config),
} satisfies Record<ChannelKind, (world: World, config: never) => Channel>

/** A channel as it is configured. */
export type ChannelConfig<Kind extends ChannelKind = ChannelKind> = {
  [One in Kind]: { kind: One } & Parameters<(typeof KINDS)[One]>[1]
}[Kind]

export function createChannel<Kind extends ChannelKind>(world: World, config: ChannelConfig<Kind>): Channel {
  const create: { [One in ChannelKind]: (world: World, config: ChannelConfig<One>) => Channel } = KINDS
  return create[config.kind](world, config)
}
