/**
 * How the AWS clients reach the outside: through the world's `fetch` and clock, like everything else. Where they
 * connect to, and as whom, the AWS SDK reads from its own variables.
 */
import { withinTime, type World } from "./world.ts"

/** What the AWS SDK asks of a request handler, as far as it is used. */
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

/** AWS answers within milliseconds; whoever waits longer than this waits for nothing. */
const TIMEOUT_MS = 5000

/** A request handler for one AWS client. It follows no redirect and retries nothing: the client does. */
export function requestHandler(world: World): Handler {
  const handle: Handler["handle"] = async (request) => {
    const url = new URL(`${request.protocol}//${request.hostname}`)
    if (request.port !== undefined) url.port = String(request.port)
    url.pathname = request.path
    for (const [name, value] of Object.entries(request.query ?? {})) {
      for (const one of Array.isArray(value) ? value : [value ?? ""]) url.searchParams.append(name, one)
    }
    const headers = new Headers(request.headers)
    // `fetch` sets these itself, and refuses to have them set.
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
