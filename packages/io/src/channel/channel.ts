/** What every channel has in common: whom a message goes to, how much it may show, and how fast they may come. */
import type { SendResult } from "@earshot/core/alert/delivery"
import type { ChannelId, Privacy } from "@earshot/core/channel/channel"
import type { Instant } from "@earshot/core/instant"
import type { Message } from "@earshot/core/message/message"

export type Channel = {
  id: ChannelId
  privacy: Privacy
  /** The shortest time between two messages. */
  paceMs: number
  /** The zone of the people who read it; UTC unless given. */
  timeZone?: string | undefined
  /** Where they find a call. */
  callUrlTemplate?: string | undefined
  /** `ended`: when the call did; null while it lasts. Never throws: what may happen is a value. */
  send: (message: Message, ended: Instant | null) => Promise<SendResult>
}

/** No answer for this long, and whether the message arrived is not known. */
export const SEND_TIMEOUT_MS = 10_000
