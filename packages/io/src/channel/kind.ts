/**
 * The registry of channels by kind. A new kind is a core file that writes its payload (`core/message/`), a file beside this
 * one that sends it at its pace, an entry here, and its fields in core's `channel/settings.ts`. Once the kind is in
 * `CHANNEL_KINDS`, the compiler names whatever is missing.
 */
import type { ChannelId, ChannelKind, Privacy } from "@earshot/core/channel/channel"
import { type Connector, realConnector } from "../outward/connector.ts"
import type { World } from "../world.ts"
import type { Channel } from "./channel.ts"
import type { EmailSettings } from "./email.ts"
import { createEmailLater } from "./email-later.ts"
import { type SlackSettings, createSlackChannel } from "./slack.ts"
import { type SlackAppSettings, createSlackAppChannel } from "./slack-app.ts"
import { type WebhookSettings, createWebhookChannel } from "./webhook.ts"

type Common = { id: ChannelId; privacy: Privacy }

const KINDS = {
  slack: (world: World, config: Common & SlackSettings) => createSlackChannel(world, config),
  "slack-app": (world: World, config: Common & SlackAppSettings) => createSlackAppChannel(world, config),
  sns: (world: World, config: Common & EmailSettings) => createEmailLater(world, config),
  webhook: (world: World, config: Common & WebhookSettings, connector: Connector) =>
    createWebhookChannel(world, connector, config),
} satisfies Record<ChannelKind, (world: World, config: never, connector: Connector) => Channel>

/** A channel as it is configured. */
export type ChannelConfig<Kind extends ChannelKind = ChannelKind> = {
  [One in Kind]: { kind: One } & Parameters<(typeof KINDS)[One]>[1]
}[Kind]

/** `connector`: of the kinds that go to an address which somebody wrote. */
export function createChannel<Kind extends ChannelKind>(
  world: World,
  config: ChannelConfig<Kind>,
  connector: Connector = realConnector(),
): Channel {
  const create: {
    [One in ChannelKind]: (world: World, config: ChannelConfig<One>, connector: Connector) => Channel
  } = KINDS
  return create[config.kind](world, config, connector)
}
