/** What every channel has in common: whom a message goes to, how much it may show, and how fast they may come. */
import type { SendResult } from "@earshot/core/alert/delivery"
import type { ChannelId, Privacy } from "@earshot/core/channel/channel"
import type { ChannelSettings } from "@earshot/core/channel/settings"
import type { Instant } from "@earshot/core/instant"
import type { Bulletin } from "@earshot/core/message/bulletin"
import type { Message } from "@earshot/core/message/message"
import type { RuleSentence } from "@earshot/core/message/small-type"
import type { SubscriptionCount } from "@earshot/core/turn/subscription"

export type Channel = {
  id: ChannelId
  privacy: Privacy
  /** The shortest time between two messages. */
  paceMs: number
  /** Where people find a call. */
  callUrlTemplate?: string | undefined
  /** Where people reach the HTTP API. */
  apiUrl?: string | undefined
  /** Where people acknowledge the alert of a call; null: there is no such place. */
  acknowledgeUrl?: ((alert: { callId: string; privacy: Privacy }, now: Instant) => string | null) | undefined
  /** What a rule asks for, as messages of the channel may say it. Absent: nobody knows. */
  ruleSentence?: RuleSentence | undefined
  /**
   * `ended`: when the call did; null while it lasts. `plain`: text alone, because the channel has called the full message malformed.
   * `sending`: which message it is. Never throws: what may happen is a value.
   */
  send: (
    message: Message,
    ended: Instant | null,
    form?: "full" | "plain",
    sending?: Sending,
  ) => Promise<SendResult>
  /**
   * Changes a message that the channel took, known by its receipt, into what it would say now. Absent: it cannot. Nothing that fails
   * here is worth another attempt.
   */
  edit?: (receipt: string, whole: Message, ended: Instant | null) => Promise<SendResult>
  /** A digest, or a notice about another channel. Absent: the channel takes neither, and alerts are sent to it one by one. */
  sendBulletin?: (bulletin: Bulletin, form?: "full" | "plain") => Promise<SendResult>
  /** Who gets what the channel takes, where it takes messages for others. Rejects if that cannot be asked. */
  countSubscriptions?: () => Promise<SubscriptionCount>
} & Partial<
  Pick<ChannelSettings, "name" | "timeZone" | "digestFrom" | "perHour" | "brief"> &
    Pick<ChannelSettings, "quietHours" | "criticalPasses" | "snoozedUntil">
>

/**
 * Which message it is. `id`: the same for each attempt that says the same, and for no other message. `first`: of a message that
 * follows up on another, what the channel knows that one by, and `whole` what it would say if it were sent now.
 */
export type Sending = { id: string; first: { receipt: string; whole: Message } | null }

/** No answer for this long, and whether the message arrived is not known. */
export const SEND_TIMEOUT_MS = 10_000
