/** What the outside of a process reports to the ledger, which compares it with the truth. */
import type { ChannelId } from "@earshot/core/channel/channel"
import type { Reader } from "../truth/secret.ts"
import type { VendorAnswer } from "../vendor/vendor.ts"
import { type BriefText, briefIn } from "./brief-text.ts"
import { type Network, type Process, type Send, digestIn, isMarked, reasonsIn, troubleIn } from "./process.ts"

/** A message as the people of a channel see it. */
export type Arrival = { callId: string; channel: ChannelId; reasons: readonly string[]; mayRepeat: boolean }

export type Listener = {
  /** A message has left a process. */
  sent: (send: Send, process: Process) => void
  /** A message has arrived in its channel. */
  arrived: (arrival: Arrival) => void
  /** A message about many calls has left a process, or has arrived. */
  digestSent: (digest: string, channel: ChannelId, process: Process) => void
  digestArrived: (digest: string, channel: ChannelId, mayRepeat: boolean) => void
  /** People read in one channel that another takes no messages, or takes them again. */
  toldOf: (trouble: { about: string; isOver: boolean }, channel: ChannelId, mayRepeat: boolean) => void
  /** A daily brief has left a process, or has arrived. */
  briefSent: (channel: ChannelId, process: Process) => void
  briefArrived: (channel: ChannelId, brief: BriefText, mayRepeat: boolean) => void
  /** Any message has left a process. */
  posted: (channel: ChannelId, process: Process) => void
  /** Whoever reads the log can read this text, or whoever reads the channel. */
  wrote: (text: string, reader: Reader) => void
  showed: (text: string, channel: ChannelId) => void
  /** A list has arrived whole. */
  shown: (answer: VendorAnswer) => void
}

/** How one process reaches the outside, and who listens there. */
export type Line = { network: Network; process: Process; listener: Listener }

/** What people are told by a message, once it has left and once it has arrived. */
export function hearing(
  { process, listener }: Line,
  { callId, channel, text }: { callId: string; channel: ChannelId; text: string },
): { sent: () => void; arrived: () => void } {
  const mayRepeat = isMarked(text)
  const trouble = troubleIn(text)
  const digest = digestIn(text)
  const reasons = reasonsIn(text)
  const brief = briefIn(text)
  return {
    sent() {
      listener.posted(channel, process)
      if (trouble) return
      if (brief) return listener.briefSent(channel, process)
      if (digest !== null) listener.digestSent(digest, channel, process)
      else listener.sent({ callId, channel, reasons, isUnknown: false }, process)
    },
    arrived() {
      if (trouble) listener.toldOf(trouble, channel, mayRepeat)
      else if (brief) listener.briefArrived(channel, brief, mayRepeat)
      else if (digest !== null) listener.digestArrived(digest, channel, mayRepeat)
      else listener.arrived({ callId, channel, reasons, mayRepeat })
    },
  }
}
