/** What the outside of a process reports to the ledger, which compares it with the truth. */
import type { ChannelId } from "@earshot/core/channel/channel"
import type { Reader } from "../truth/secret.ts"
import type { VendorAnswer } from "../vendor/vendor.ts"
import type { Network, Process, Send } from "./process.ts"

/** A message as the people of a channel see it. */
export type Arrival = { callId: string; channel: ChannelId; reasons: readonly string[]; mayRepeat: boolean }

export type Listener = {
  /** A message has left a process. */
  sent: (send: Send, process: Process) => void
  /** A message has arrived in its channel. */
  arrived: (arrival: Arrival) => void
  /** Somebody can read this text. */
  wrote: (text: string, reader: Reader) => void
  /** A list has arrived whole. */
  shown: (answer: VendorAnswer) => void
}

/** How one process reaches the outside, and who listens there. */
export type Line = { network: Network; process: Process; listener: Listener }
