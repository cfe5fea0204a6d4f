/**
 * The outcome of a request: a value, or a trouble that says in one line what happened and whether trying again could
 * help. A trouble never carries the key, an address or caller data, so each may be logged and shown.
 */
import { pauseUntil, type Allowance } from "./allowance.ts"
import { hasTooManyParts } from "./json-size.ts"

export type { Allowance } from "./allowance.ts"

/** `servedAt`: what the answer's `Date` header says, in epoch ms; null or absent if it says nothing. */
export type Answer<T> = ({ ok: true; value: T } | { ok: false; trouble: Trouble }) & {
  allowance: Allowance | null
  servedAt?: number | null
}

/** `message` is one line for people. `retryable`: the same request may succeed later by itself. */
export type Trouble = { message: string; retryable: boolean } & (
  | { kind: "unauthorized" }
  | { kind: "not-found" }
  /** No request of this kind may be made before `until` (epoch ms, at most an hour ahead). */
  | { kind: "rate-limited"; until: number }
  /** Any other 4xx: either the request or the base URL is wrong. */
  | { kind: "refused"; status: number }
  | { kind: "server"; status: number }
  | { kind: "timeout" }
  /** There was no answer, or it broke off. */
  | { kind: "unreachable" }
  /** There was an answer, but it could not be understood. `too-large`: fewer rows per page would help. */
  | { kind: "unreadable"; reason: "not-json" | "wrong-shape" | "too-large" | "redirect" | "status" }
)

/**
 * An HTTP answer, as far as it was read; `text` is null if it was too large. `json` is what the text says, if that is
 * known without parsing it.
 */
export type RawAnswer = {
  status: number
  headers: Pick<Headers, "get">
  text: string | null
  json?: unknown
}

/** What a request must not reveal: the key, and the words searched for. */
export type Secrets = readonly string[]

/**
 * The JSON of a successful answer; any other answer becomes the trouble it means. `now` in epoch ms, for the end of a
 * pause.
 */
export function judgeAnswer(
  raw: RawAnswer,
  secrets: Secrets,
  now: number,
): { ok: true; value: unknown } | { ok: false; trouble: Trouble } {
  const { status } = raw
  const isTooMuch = raw.json === undefined && raw.text !== null && hasTooManyParts(raw.text)
  const body = raw.json ?? (raw.text === null || isTooMuch ? undefined : parseJson(raw.text))
  if (status >= 200 && status < 300) {
    if (raw.text === null) return failed(tooLarge())
    if (isTooMuch) return failed(unreadable("too-large", "The answer has more than 200,000 parts.", false))
    return body === undefined ? failed(notJson(status, raw.text)) : { ok: true, value: body }
  }
  return failed(troubleOf(raw, body, secrets, now))
}

function troubleOf({ status, headers }: RawAnswer, body: unknown, secrets: Secrets, now: number): Trouble {
  const said = safeError(body, secrets)
  if (status === 401) {
    return { kind: "unauthorized", message: "The API key was not accepted (401).", retryable: false }
  }
  // A gateway's 404 says nothing about the call; trusting it would give up on the call.
  if (status === 404 && errorOf(body) !== null) {
    return { kind: "not-found", message: `Not found (404)${said}.`, retryable: false }
  }
  if (status === 404) return unreadable("not-json", "A 404 without the documented error.", true)
  if (status === 429) {
    const until = pauseUntil(headers, body, now)
    const message = `The request limit is used up (429); asking again at ${new Date(until).toISOString()}.`
    return { kind: "rate-limited", until, message, retryable: true }
  }
  if (status >= 500) {
    return { kind: "server", status, message: `The Calls API failed (${status})${said}.`, retryable: true }
  }
  if (status >= 400) {
    const message = `The Calls API refused the request (${status})${said}.`
    return { kind: "refused", status, message, retryable: status === 408 || status === 425 }
  }
  // Browsers answer 0 for a redirect that was not followed.
  if (status >= 300 || status === 0) {
    return unreadable("redirect", `The Calls API answered with a redirect (${status}), not followed.`, false)
  }
  return unreadable("status", `The Calls API answered with the status ${status}.`, true)
}

export function unreadable(
  reason: "not-json" | "wrong-shape" | "too-large" | "redirect" | "status",
  message: string,
  retryable: boolean,
): Trouble {
  return { kind: "unreadable", reason, message, retryable }
}

function tooLarge(): Trouble {
  return unreadable("too-large", "The answer is larger than 5 MB.", false)
}

function notJson(status: number, text: string): Trouble {
  const size = text.trim() === "" ? "is empty" : "is not JSON"
  return unreadable("not-json", `The answer (${status}) ${size}.`, true)
}

function failed(trouble: Trouble): { ok: false; trouble: Trouble } {
  return { ok: false, trouble }
}

/** Undefined if the text is not JSON; JSON itself cannot express undefined. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function errorOf(body: unknown): string | null {
  if (typeof body !== "object" || body === null || !("error" in body)) return null
  return typeof body.error === "string" ? body.error : null
}

/**
 * The vendor's own `error` as `: text`, or nothing unless it is one short line of plain characters that contains no
 * secret and, dates aside, nothing that looks like a phone number or an e-mail address.
 */
function safeError(body: unknown, secrets: Secrets): string {
  const error = errorOf(body)?.trim().replace(/\.$/, "") ?? ""
  if (!/^[\x20-\x7e]{1,300}$/.test(error) || error.includes("@")) return ""
  const lower = error.toLowerCase()
  if (secrets.some((secret) => secret !== "" && lower.includes(secret.toLowerCase()))) return ""
  const withoutDates = error.replace(/\d{4}-\d{2}-\d{2}(T[\d:.]+Z?)?/g, "")
  return /\d([ ().-]{0,2}\d){6,}/.test(withoutDates) ? "" : `: ${error}`
}
