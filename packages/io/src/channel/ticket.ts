/**
 * Links in messages on which people acknowledge an alert without a token: the address of a page, with a ticket that names the alert
 * and this one action, expires, and is signed. What signs it is derived from the key that seals secrets, which is not in the
 * table, and is of no use for anything else.
 */
import { createHmac, timingSafeEqual } from "node:crypto"
import type { Privacy } from "@earshot/core/channel/channel"
import { callReference } from "@earshot/core/fingerprint"
import { DAY, type Instant } from "@earshot/core/instant"

/** Long enough for whoever comes back from a week off. */
const TICKET_MS = 7 * DAY

/** An id of any length fits; an address that a mail or Slack would break does not. */
const URL_MAX = 1000

export type TicketSettings = { apiUrl: string; keyText: string }

/** What a ticket says: an alert by its call's id, or by the reference that stands for it. */
export type Ticket = { kind: "id" | "reference"; alert: string; expiresAt: Instant }

/**
 * Where the alert of a call is acknowledged; null if that has no address that fits. The time is rounded up to the day, so that
 * attempts of one day say the same. A channel with minimal privacy is given no call's id.
 */
export function ticketUrl(
  { apiUrl, keyText }: TicketSettings,
  { callId, privacy }: { callId: string; privacy: Privacy },
  now: Instant,
): string | null {
  const alert = privacy === "minimal" ? `r${callReference(callId)}` : `i${callId.toWellFormed()}`
  const days = Math.ceil((now + TICKET_MS) / DAY)
  const body = `${Buffer.from(alert).toString("base64url")}.${days}`
  // Its last sign is a letter or a digit: mail programs leave others out of a link.
  const url = `${apiUrl}/acknowledge/${body}.${signatureOf(keyText, body).toString("hex")}`
  return url.length > URL_MAX ? null : url
}

/** Null for what nobody signed, and for what is over: which of the two is no stranger's business. */
export function readTicket(keyText: string, text: string, now: Instant): Ticket | null {
  const [, body = "", alert = "", days = "", signature = ""] =
    /^(([\w-]{2,900})\.(\d{1,6}))\.([0-9a-f]{64})$/.exec(text) ?? []
  const given = Buffer.from(signature, "hex")
  const right = signatureOf(keyText, body)
  if (given.length !== right.length || !timingSafeEqual(given, right)) return null
  const expiresAt = Number(days) * DAY
  if (now >= expiresAt) return null
  const named = Buffer.from(alert, "base64url").toString("utf8")
  return { kind: named.startsWith("r") ? "reference" : "id", alert: named.slice(1), expiresAt }
}

function signatureOf(keyText: string, body: string): Buffer {
  const key = createHmac("sha256", Buffer.from(keyText, "hex")).update("earshot acknowledge 1").digest()
  return createHmac("sha256", key).update(body).digest()
}
