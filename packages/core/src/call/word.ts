/**
 * The vendor's own words, as it may write them: in any case, with any sign between the parts, and in the words that other
 * telephone services use for the same. A word that is not among them means nothing, and is kept as it is.
 */

/** `Call Transferred`, `call_transferred` and `CALL-TRANSFERRED` are one word. */
function bare(word: string): string {
  return word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "")
}

type Meanings = ReadonlyMap<string, string>

/** The documented word is among them as it is written: nearly every call has no other, and it is known at a glance. */
function meanings(words: Readonly<Record<string, readonly string[]>>): Meanings {
  return new Map(
    Object.entries(words).flatMap(([meant, same]) => [meant, ...same].map((word) => [word, meant] as const)),
  )
}

/** The words that say that a call is over; a call may have failed and still go on elsewhere, so no others do. */
const STATUSES = meanings({ completed: ["completed", "complete", "callcompleted"] })

/** The words that say that a call is not over. */
const LASTING = new Set([
  "inprogress",
  "ongoing",
  "active",
  "live",
  "ringing",
  "queued",
  "initiated",
  "started",
  "answered",
])

const DIRECTIONS = meanings({
  INCOMING: ["incoming", "inbound", "incomingcall", "inboundcall"],
  OUTGOING: ["outgoing", "outbound", "outgoingcall", "outboundcall", "outboundapi", "outbounddial"],
})

const ACTIVITIES = meanings({
  TRANSFER: [
    "transfer",
    "transferred",
    "calltransfer",
    "calltransferred",
    "transfercall",
    "transferredcall",
    "warmtransfer",
    "coldtransfer",
    "blindtransfer",
    "forwarded",
    "callforwarded",
  ],
  HANGUP: ["hangup", "hungup", "callhangup"],
  TOOL_CALL: ["toolcall", "functioncall"],
  // Documented, and known by no other word.
  RESPONSE: [],
  SEND_EMAIL: [],
  SEND_TEXT: [],
  CALL_ANSWERED: [],
})

const SPEAKERS = meanings({
  agent: ["agent", "assistant", "ai", "bot", "aiagent", "voiceagent", "virtualagent"],
  caller: ["caller", "customer", "user", "client", "callee"],
})

const meant = (words: Meanings) => (word: string) => words.get(word) ?? words.get(bare(word)) ?? word

/** `completed` for every word that means it; any other as it is. */
export const statusMeant = meant(STATUSES)

/** Whether the status says that the call is not over. */
export function saysLasting(status: string | null): boolean {
  return status !== null && LASTING.has(bare(status))
}

/** `INCOMING` or `OUTGOING` for every word that means it; any other as it is. */
export const directionMeant = meant(DIRECTIONS)

/** The documented type for every word that means one of them; any other as it is. */
export const activityMeant = meant(ACTIVITIES)

/** Who said it; null if the word names neither the agent nor the other party. */
export function speakerMeant(word: string | null): "agent" | "caller" | null {
  const speaker = word === null ? null : (SPEAKERS.get(word) ?? SPEAKERS.get(bare(word)))
  return speaker === "agent" || speaker === "caller" ? speaker : null
}

/** Whether the agent called: then the other party is the one called. */
export function isOutgoingType(type: string | null): boolean {
  return type !== null && directionMeant(type) === "OUTGOING"
}
