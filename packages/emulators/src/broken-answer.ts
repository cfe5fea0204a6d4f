/** Whole answers made into broken ones. */

const HUGE_BYTES = 10 * 1024 * 1024
const CHUNK_BYTES = 64 * 1024

/** The first half of the body, followed by whatever `end` does, which may be to hang for ever. */
export async function cut(response: Response, end: () => Promise<unknown>): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  const half = bytes.slice(0, Math.floor(bytes.length / 2))
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(half),
    async pull(controller) {
      await end()
      controller.close()
    },
  })
  return new Response(body, { status: response.status, headers: response.headers })
}

/** The same bytes under another content type. */
export async function relabel(response: Response, contentType: string): Promise<Response> {
  const headers = new Headers(response.headers)
  headers.set("Content-Type", contentType)
  return new Response(await response.arrayBuffer(), { status: response.status, headers })
}

/** The same JSON after 10 MB of spaces, produced only as fast as they are read. */
export async function inflate(response: Response): Promise<Response> {
  const answer = new Uint8Array(await response.arrayBuffer())
  const spaces = new Uint8Array(CHUNK_BYTES).fill(0x20)
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent < HUGE_BYTES) {
        controller.enqueue(spaces)
        sent += spaces.length
        return
      }
      controller.enqueue(answer)
      controller.close()
    },
  })
  return new Response(body, { status: response.status, headers: response.headers })
}
