/** What every channel has in common: whom a message goes to, how much it may show, and how fast they may come. */
import type { SendResult } from "@earshot/core/alert/delivery"
import type { ChannelId, Privacy } from "@earshot/core/channel/channel"
import type { Instant } from "@earshot/core/instant"
import type { Bulletin } from "@earshot/core/message/bulletin"
import type { Message } from "@earshot/core/message/message"

export type Channel = {
  id: ChannelId
  privacy: Privacy
  /** The shortest time between two messages. */
  paceMs: number
  /**
   * `ended`: when the call did; null while it lasts. `plain`: text alone, because the channel has called the full message malformed.
   * Never throws: what may happen is a value.
   */
  send: (message: Message, ended: Instant | null, form?: "full" | "plain") => Promise<SendResult>
  /** A digest, or a notice about another channel. Absent: the channel takes neither, and alerts are sent to it one by one. */
  sendBulletin?: (bulletin: Bulletin, form?: "full" | "plain") => Promise<SendResult>
  /** More alerts than this at once are sent as one; absent: `DIGEST_FROM`. */
  digestFrom?: number
  /** More alerts of one rule within an hour are sent together; absent: `PER_HOUR`. */
  perHour?: number
}

/** No answer for this long, and whether the message arrived is not known. */
export const SEND_TIMEOUT_MS = 10_000
