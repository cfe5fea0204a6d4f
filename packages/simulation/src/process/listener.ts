/** Who hears what a channel delivers, so that the ledger can compare it with the truth. */
import type { Reader } from "../truth/secret.ts"
import type { VendorAnswer } from "../vendor/vendor.ts"
import type { Process, Send } from "./process.ts"

/** What a channel was told, as its people see it. */
export type Told = { callId: string; channel: "slack" | "email"; mayRepeat: boolean }

export type Listener = {
  told: (told: Told) => void
  /** A message has left a process. */
  sent: (send: Send, process: Process) => void
  /** What somebody can read. */
  wrote: (text: string, reader: Reader) => void
  /** A list has arrived whole. */
  shown: (answer: VendorAnswer) => void
}
