/**
 * How the AWS clients reach the outside: through the world's `fetch` and clock, like everything else. The AWS SDK reads
 * the endpoint and the credentials from its own variables.
 */
import { type World, errorCode, withinTime } from "./world.ts"

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

/** How long one client waits for an answer and how often it asks. */
export type Patience = { timeoutMs: number; attemptsMax: number }

/**
 * How a client of the AWS SDK reaches the outside and retries: its own settings, chosen rather than inherited. The SDK's defaults
 * change with its version, wait up to seven seconds for a throttled table, and retry nothing for dozens of requests after an
 * outage has used up a quota. Here each request has a few attempts of its own, close together, and ends within
 * `attemptsMax * timeoutMs` and a second.
 */
export function awsClientConfig(world: World, patience: Patience) {
  return {
    requestHandler: requestHandler(world, patience.timeoutMs),
    maxAttempts: patience.attemptsMax,
    retryStrategy: retryStrategy(world, patience.attemptsMax),
  }
}

/** A request handler for one AWS client. It follows no redirect. It does not retry either, because the client does. */
function requestHandler(world: World, timeoutMs: number): Handler {
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
    const answer = await withinTime(world, timeoutMs, async (signal) => {
      const body = request.method === "GET" || request.method === "HEAD" ? undefined : request.body
      const response = await world.fetch(url, {
        method: request.method,
        headers,
        ...(body !== undefined && { body }),
        signal,
        redirect: "manual",
      })
      return { response, bytes: new Uint8Array(await response.arrayBuffer()) }
    }).catch((error: unknown) => {
      throw unreached(error)
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

/** `fetch` reports every broken connection as the same TypeError, a closed one as much as one that was reset. */
const UNREACHED = "AwsUnreached"

function unreached(cause: unknown): Error {
  const code = errorCode(cause)
  const error = new Error("AWS could not be reached, or broke off.", { cause })
  return Object.assign(error, { name: UNREACHED }, code !== null && { code })
}

/** What the SDK makes of an error, and the error itself. */
type RetryInfo = { error?: unknown; errorType: string }

type Token = { getRetryCount: () => number; getRetryDelay: () => number }

/** The first retry comes after about this long, a throttled one after twice that, and each waits twice as long as the one before. */
const RETRY_MS = 50

const RETRIED = new Set(["THROTTLING", "TRANSIENT", "SERVER_ERROR"])

/**
 * Tries again what may succeed: throttled requests, 5xx, no answer, and connections that broke in any way. There is no quota: what
 * a turn may do is bounded by the turn.
 */
function retryStrategy(world: World, attemptsMax: number) {
  const tokenOf = (count: number): Token => ({ getRetryCount: () => count, getRetryDelay: () => 0 })
  return {
    mode: "standard",
    acquireInitialRetryToken: async () => tokenOf(0),
    async refreshRetryTokenForRetry(token: Token, { error, errorType }: RetryInfo): Promise<Token> {
      const count = token.getRetryCount() + 1
      const isBroken = error instanceof Error && error.name === UNREACHED
      if (count >= attemptsMax || !(isBroken || RETRIED.has(errorType))) throw new Error("No retry.")
      const baseMs = errorType === "THROTTLING" ? 2 * RETRY_MS : RETRY_MS
      await world.sleep(baseMs * 2 ** (count - 1) * (0.5 + 0.5 * world.random()))
      return tokenOf(count)
    },
    recordSuccess() {},
  }
}
