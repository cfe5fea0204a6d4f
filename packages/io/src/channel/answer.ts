/** What the answers of all kinds of channels have in common. */

/** The system's codes of connections that were never made: nothing can have arrived. */
export const NEVER_LEFT: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
  "EHOSTUNREACH",
])

/** How long a Retry-After header of seconds asks to wait; undefined if it says nothing of the kind. */
export function retryAfterMs(header: string | null): number | undefined {
  const seconds = Number(header)
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined
}

/** Answers are words or a short object. More is not read, however much of it comes. */
const ANSWER_BYTES_MAX = 64 * 1024

/** The text of a response, longer with each part that comes. A server that compresses is counted by what it unpacks to. */
export async function* textOf({ body }: Response, signal: AbortSignal): AsyncGenerator<string> {
  if (!body) return
  const reader = body.getReader()
  const cancel = () => void reader.cancel().catch(() => {})
  signal.addEventListener("abort", cancel, { once: true })
  const decoder = new TextDecoder()
  let text = ""
  let bytes = 0
  while (bytes <= ANSWER_BYTES_MAX) {
    const { done, value } = await reader.read()
    if (done) return
    bytes += value.byteLength
    text += decoder.decode(value.subarray(0, ANSWER_BYTES_MAX), { stream: true })
    yield text
  }
  cancel()
}
