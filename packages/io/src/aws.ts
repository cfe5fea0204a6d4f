/**
 * How the AWS clients reach the outside: through the world's `fetch` and clock, like everything else. The AWS SDK reads
 * the endpoint and the credentials from its own variables.
 */
import { withinTime, type World } from "./world.ts"

/** The part of a request that a handler of the AWS SDK needs. */
type AwsRequest = {
  protocol: string
  hostname: string
  port?: number
  method: string
  path: string
  query?: Record<string, string | string[] | null>
  headers: Record<string, string>
  body?: string | Uint8Array
}
type AwsResponse = { statusCode: number; reason: string; headers: Record<string, string>; body: Uint8Array }
type Handler = {
  metadata: { handlerProtocol: string }
  handle: (request: AwsRequest) => Promise<{ response: AwsResponse }>
  updateHttpClientConfig: () => void
  httpHandlerConfigs: () => Record<string, never>
}

/** AWS answers within milliseconds: after this long, no answer will come. */
const TIMEOUT_MS = 5000

/** A request handler for one AWS client. It follows no redirect. It does not retry either, because the client does. */
export function requestHandler(world: World): Handler {
  const handle: Handler["handle"] = async (request) => {
    const url = new URL(`${request.protocol}//${request.hostname}`)
    if (request.port !== undefined) url.port = String(request.port)
    url.pathname = request.path
    for (const [name, value] of Object.entries(request.query ?? {})) {
      for (const one of Array.isArray(value) ? value : [value ?? ""]) url.searchParams.append(name, one)
    }
    const headers = new Headers(request.headers)
    // `fetch` sets these itself and does not accept them from a caller.
    for (const name of ["host", "content-length", "connection", "expect"]) headers.delete(name)
    const answer = await withinTime(world, TIMEOUT_MS, async (signal) => {
      const body = request.method === "GET" || request.method === "HEAD" ? undefined : request.body
      const response = await world.fetch(url, {
        method: request.method,
        headers,
        ...(body !== undefined && { body }),
        signal,
        redirect: "manual",
      })
      return { response, bytes: new Uint8Array(await response.arrayBuffer()) }
    })
    if (answer === "timeout") {
      throw Object.assign(new Error("AWS did not answer in time."), {
        name: "TimeoutError",
        code: "ETIMEDOUT",
      })
    }
    const { response, bytes } = answer
    return {
      response: {
        statusCode: response.status,
        reason: response.statusText,
        headers: Object.fromEntries(response.headers),
        body: bytes,
      },
    }
  }
  return {
    metadata: { handlerProtocol: "http/1.1" },
    handle,
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
  }
}
