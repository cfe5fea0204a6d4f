/**
 * One GET of the Calls API: the key goes out, JSON or a trouble comes back. Nothing here is retried.
 *
 * The time limit covers everything from the request to the last byte of the body, and uses the world's own clock:
 * `world.sleep` races the exchange, and one AbortSignal ends the loser. So a virtual clock works like the real one, a
 * `fetch` that ignores its signal cannot hold us up, and a `sleep` that honours the signal leaves no timer.
 */
import { readAllowance } from "./allowance.ts"
import { judgeAnswer, type Answer, type RawAnswer, type Secrets, type Trouble } from "./answer.ts"
import { parseBaseUrl } from "./base-url.ts"
import { momentOf } from "./moment.ts"

/** Everything the client needs from outside. */
export type ClientWorld = {
  fetch: typeof globalThis.fetch
  /** Epoch milliseconds. */
  now: () => number
  /**
   * Resolves when this much time has passed on the clock of `now`. When `signal` aborts, it should drop its timer, and
   * may then resolve or reject. A `sleep` that resolves at once makes every request a timeout. One that ignores
   * `signal` works too, but its timer outlives the request by at most the time limit.
   */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  /**
   * A shorter way to an answer than `fetch` and its streams, for a world that makes the answers itself. It enforces the
   * time limit on its own. Null: this request takes the usual way. The simulation makes millions of requests and sends
   * only some of them all the way.
   */
  exchange?: (request: Exchange) => Promise<RawAnswer | Trouble | "timeout"> | null
}

/** What is requested, and from whom. */
export type Exchange = { url: string; apiKey: string; timeoutMs: number }

/**
 * `timeoutMs` bounds one request, body included. `baseUrl` is checked again at each request: see
 * `base-url.ts`.
 */
export type CallsApi = { baseUrl: string; apiKey: string; timeoutMs: number }

/** The most that is read of an answer, in bytes after decompression; a page of 100 calls has about 0.1 MB. */
export const BODY_BYTES_MAX = 5_000_000

/** The JSON at `path` (with its query, after the base URL). Neither `secrets` nor the key appear in the result. */
export async function requestJson(
  world: ClientWorld,
  api: CallsApi,
  { path, secrets }: { path: string; secrets: Secrets },
): Promise<Answer<unknown>> {
  const base = baseOf(api.baseUrl)
  if (!base.ok) return unanswered({ kind: "unreachable", message: base.message, retryable: false })
  // A header cannot carry anything else, and the exception that says so would quote the key.
  if (!/^[\x21-\x7e]+$/.test(api.apiKey)) {
    const message = "The API key is empty or contains characters that no key may contain."
    return unanswered({ kind: "unauthorized", message, retryable: false })
  }
  const request = { url: `${base.value}/${path}`, apiKey: api.apiKey, timeoutMs: api.timeoutMs }
  const raw = await (world.exchange?.(request) ?? exchangeInTime(world, request))
  if (raw === "timeout") {
    const message = `The Calls API did not answer within ${api.timeoutMs} ms.`
    return unanswered({ kind: "timeout", message, retryable: true })
  }
  if ("kind" in raw) return unanswered(raw)
  const allowance = readAllowance(raw.headers, world.now())
  const servedAt = momentOf(raw.headers.get("date") ?? "")
  return Object.assign(judgeAnswer(raw, [api.apiKey, ...secrets], world.now()), { allowance, servedAt })
}

let known: { text: string; base: ReturnType<typeof parseBaseUrl> } | null = null

/** The address is the same for every request, and parsing it takes longer than everything else here. */
function baseOf(text: string): ReturnType<typeof parseBaseUrl> {
  if (known?.text !== text) known = { text, base: parseBaseUrl(text) }
  return known.base
}

async function exchangeInTime(
  world: ClientWorld,
  request: Exchange,
): Promise<RawAnswer | Trouble | "timeout"> {
  const over = new AbortController()
  const isOver = () => "timeout" as const
  const raw = await Promise.race([
    exchange(world, request, over.signal),
    world.sleep(request.timeoutMs, over.signal).then(isOver, isOver),
  ])
  over.abort("over")
  return raw
}

function unanswered(trouble: Trouble): { ok: false; trouble: Trouble; allowance: null } {
  return { ok: false, trouble, allowance: null }
}

/** Never rejects, so the loser of the race needs no handling. */
async function exchange(
  world: ClientWorld,
  { url, apiKey }: Exchange,
  signal: AbortSignal,
): Promise<RawAnswer | Trouble> {
  const headers = { accept: "application/json", "x-api-key": apiKey }
  let response: Response
  try {
    response = await world.fetch(url, { headers, redirect: "manual", signal })
  } catch (error) {
    return unreachable("could not be reached", error)
  }
  try {
    const text = response.body === null ? "" : await readText(response.body, signal)
    return { status: response.status, headers: response.headers, text }
  } catch (error) {
    return unreachable("broke off its answer", error)
  }
}

/**
 * Null if there is more than the limit. A declared length is not trusted; only bytes that arrive count. The signal,
 * which aborts in every case, ends the stream.
 */
async function readText(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<string | null> {
  const reader = body.getReader()
  // If the stream has already failed, reading it has reported that: this rejection adds nothing.
  const cancel = () => void reader.cancel().catch(() => {})
  if (signal.aborted) cancel()
  signal.addEventListener("abort", cancel, { once: true })
  const chunks: Uint8Array[] = []
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return decodeUtf8(chunks)
    chunks.push(value)
    bytes += value.byteLength
    if (bytes > BODY_BYTES_MAX) return null
  }
}

/**
 * A character may be split between two chunks. One chunk is the usual case, and decoding it whole takes half the time.
 */
function decodeUtf8(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder()
  if (chunks.length === 1) return decoder.decode(chunks[0])
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode()
}

/**
 * Names the system's error code (`ECONNREFUSED`), never the error's text, which may quote addresses and
 * headers. `fetch` wraps the system's error as the `cause` of its own.
 */
function unreachable(what: string, error: unknown): Trouble {
  const cause = error instanceof Error ? error.cause : undefined
  const code = codeOf(error) ?? codeOf(cause)
  const message = `The Calls API ${what}${code === null ? "" : ` (${code})`}.`
  return { kind: "unreachable", message, retryable: true }
}

function codeOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null
  return typeof error.code === "string" && /^[A-Z][A-Z_0-9]{2,30}$/.test(error.code) ? error.code : null
}
