/**
 * The one place that opens a connection itself. `fetch` looks a name up on its own, so that what was checked and what is spoken
 * to may differ; here the address is looked up first, checked, and then held to. Tests pass a connector of their own.
 */
import { lookup } from "node:dns/promises"
import type { IncomingMessage } from "node:http"
import { request as httpsRequest } from "node:https"
import { isIPv6 } from "node:net"

export type OutwardRequest = {
  url: URL
  /** Where the connection goes. The name stays that of the URL: for the certificate, SNI and the Host header. */
  address: string
  headers: Record<string, string>
  body: string
  signal: AbortSignal
}

/** As much of an answer as anybody needs. The body is not read. */
export type OutwardAnswer = { status: number; retryAfter: string | null }

export type Connector = {
  /** Every address of a name. Rejects if it has none. */
  resolve: (hostname: string) => Promise<readonly string[]>
  /** Posts to one address, over TLS. Follows no redirect. Rejects if there is no answer. */
  post: (request: OutwardRequest) => Promise<OutwardAnswer>
}

/** `ca`: the certificates that are trusted besides the usual ones' stead; for tests. */
export function realConnector({ ca }: { ca?: string } = {}): Connector {
  return {
    resolve: async (hostname) => (await lookup(hostname, { all: true })).map(({ address }) => address),
    post: (request) => postPinned(request, ca),
  }
}

function postPinned(
  { url, address, headers, body, signal }: OutwardRequest,
  ca: string | undefined,
): Promise<OutwardAnswer> {
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(
      url,
      {
        method: "POST",
        headers: { ...headers, "content-length": String(Buffer.byteLength(body)) },
        // Its own connection each time: one that is kept may have been opened for another channel.
        agent: false,
        signal,
        ...(ca !== undefined && { ca }),
        lookup: (_hostname, options, done) => {
          const family = isIPv6(address) ? 6 : 4
          if (options.all) done(null, [{ address, family }])
          else done(null, address, family)
        },
      },
      (response: IncomingMessage) => {
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] ?? null })
        // The status says everything. However much more comes, or never comes, nobody waits for it.
        response.on("error", () => {})
        response.destroy()
      },
    )
    sent.on("error", reject)
    sent.end(body)
  })
}
