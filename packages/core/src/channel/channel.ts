/** Where alerts go, and how much of a caller each channel shows. */
import * as z from "zod"

/**
 * minimal: no number, no names, no words from the call. standard: also the last digits of the caller's number, the
 * agent and the summary. full: everything, including the recording's address, which gives access to it.
 */
export const Privacy = z.enum(["minimal", "standard", "full"])

export type Privacy = z.infer<typeof Privacy>

/** How a channel is spoken to. The compiler names what a new kind lacks: see the registry of kinds. */
export const CHANNEL_KINDS = ["slack", "slack-app", "sns", "webhook"] as const

export type ChannelKind = (typeof CHANNEL_KINDS)[number]

/** What a channel is known by. Data: a record or a rule may name one that there is no more, or not here. */
export const ChannelId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be lower-case letters, digits and hyphens, at most 63")

export type ChannelId = z.infer<typeof ChannelId>

/**
 * The channels that come with a deployment, and the kind of each. They cannot be deleted; people add others over HTTP.
 */
export const DEPLOYMENT_KINDS = { slack: "slack", email: "sns" } as const satisfies Record<
  ChannelId,
  ChannelKind
>

export type DeploymentChannelId = keyof typeof DEPLOYMENT_KINDS

export const CHANNEL_IDS = ["slack", "email"] as const satisfies readonly DeploymentChannelId[]

/** Whether the deployment's settings, and not the table, say where this channel's messages go. */
export function isOfDeployment(id: ChannelId): id is DeploymentChannelId {
  return id in DEPLOYMENT_KINDS
}
