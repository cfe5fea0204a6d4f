/** A channel that people added, opened: its secrets unsealed, its target checked, and its settings carried along. */
import type { ChannelSettings } from "@earshot/core/channel/settings"
import { SECRET_FIELDS } from "@earshot/core/channel/settings"
import * as z from "zod"
import type { Connector } from "../outward/connector.ts"
import type { World } from "../world.ts"
import type { Channel } from "./channel.ts"
import { createChannel } from "./kind.ts"
import { unseal } from "./sealing.ts"

const Filled = z.string().min(1)

/** What each kind needs to know of where its messages go. */
const TARGETS = {
  slack: z.object({ webhookUrl: Filled }),
  "slack-app": z.object({ botToken: Filled, slackChannelId: Filled }),
  sns: z.object({ topicArn: Filled }),
  webhook: z.object({ url: Filled, signingSecret: Filled }),
}

/** What channels are opened with. `key`: by `SEALING_KEY`; null: the deployment has none. */
export type Opening = { key: string | null; connector: Connector }

/** `why` is for people, and repeats nothing of a secret. */
export type Opened = { ok: true; channel: Channel } | { ok: false; why: string }

export function openChannel(world: World, { key, connector }: Opening, settings: ChannelSettings): Opened {
  const { id, kind, target } = settings
  const fields: Record<string, string> = { ...target.shown }
  for (const field of SECRET_FIELDS[kind]) {
    const unsealed = unseal(key, { id, field }, target.sealed[field] ?? "")
    if (!unsealed.ok) return unsealed
    fields[field] = unsealed.secret
  }
  const created = create(world, settings, fields, connector)
  if (!created) return { ok: false, why: "it does not say where its messages go" }
  return { ok: true, channel: withSettings(created, settings) }
}

function create(
  world: World,
  { id, kind, privacy }: ChannelSettings,
  fields: Record<string, string>,
  connector: Connector,
): Channel | null {
  const common = { id, privacy }
  switch (kind) {
    case "slack": {
      const target = TARGETS.slack.safeParse(fields).data
      const setAs = `the channel ${id}`
      return target ? createChannel(world, { kind, ...common, ...target, setAs }) : null
    }
    case "slack-app": {
      const target = TARGETS["slack-app"].safeParse(fields).data
      return target ? createChannel(world, { kind, ...common, ...target }) : null
    }
    case "sns": {
      const target = TARGETS.sns.safeParse(fields).data
      return target ? createChannel(world, { kind, ...common, ...target }) : null
    }
    case "webhook": {
      const target = TARGETS.webhook.safeParse(fields).data
      return target ? createChannel(world, { kind, ...common, ...target }, connector) : null
    }
  }
}

/** The channel with what its settings say besides where its messages go. */
export function withSettings(channel: Channel, settings: ChannelSettings): Channel {
  const { name, privacy, timeZone, quietHours, criticalPasses, snoozedUntil } = settings
  const { digestFrom, perHour, brief } = settings
  const holding = { quietHours, criticalPasses, snoozedUntil }
  return { ...channel, ...holding, name, privacy, timeZone, digestFrom, perHour, brief }
}
