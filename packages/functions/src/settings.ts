/** What the two functions are set to, as `config.ts` reads it from the environment. */
import type { DeploymentChannelId, Privacy } from "@earshot/core/channel/channel"
import type { ChannelConfig } from "@earshot/io/channel/kind"

export type PollerConfig = {
  apiKey: string
  baseUrl: string
  tableName: string
  channels: readonly ChannelConfig[]
  /** Where people find a call; null: messages have no link to it. */
  callUrlTemplate: string | null
  /** Where people reach the HTTP API; null: messages have no link to acknowledge an alert. */
  apiUrl: string | null
  /** 0: polls are not spaced. */
  intervalMs: number
  lookbackMs: number
  listPerHour: number
  detailPerHour: number
  tickQueueUrl: string | null
  /** What channels' secrets are sealed with; null: there is none. */
  sealingKey: string | null
  /** A monitor that is told of each complete poll; null: there is none. */
  heartbeatUrl: string | null
  /** Where CloudWatch counts the numbers of the log; null: nobody counts them. */
  metricNamespace: string | null
}

export type ApiConfig = {
  tableName: string
  /** Where previews find recent calls while none are stored. Null: there is no key, and the vendor is not asked. */
  vendor: { baseUrl: string; apiKey: string } | null
  token: string
  /** What nudges carry; null: none are taken. */
  nudgeSecret: string | null
  tickQueueUrl: string | null
  intervalMs: number
  listPerHour: number
  detailPerHour: number
  channels: {
    sealingKey: string | null
    slackHosts: readonly string[]
    privacy: Record<DeploymentChannelId, Privacy>
  }
}
