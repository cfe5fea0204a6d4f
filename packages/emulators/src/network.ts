/**
 * A bad network: a fetch around another that delays, loses, breaks and replaces requests and answers.
 *
 * A plan decides what happens to a request: either a list of what happens in turn, or shares to draw from.
 */
import type { Hono } from "hono"
import { cut, inflate, relabel } from "./broken-answer.ts"
import { integer, pick, type Random } from "./random.ts"

export type NetworkFault =
  /** Late, but whole: up to `ms`. */
  | { readonly kind: "latency"; readonly ms: number }
  /** An answer of some gateway; the request never reaches its target. */
  | { readonly kind: "status"; readonly status: 500 | 502 | 503 }
  /** A 429 that no limit explains. */
  | { readonly kind: "rateLimited"; readonly retryAfterSeconds: number }
  /** No answer, ever; only the caller's abort signal ends it. The request does not reach its target. */
  | { readonly kind: "hang" }
  /** The effect happens, but no answer comes. */
  | { readonly kind: "hangAfter" }
  /** Headers arrive, then half of the body and nothing more. */
  | { readonly kind: "hangInBody" }
  /** The connection breaks before the effect. */
  | { readonly kind: "resetBefore" }
  /** The effect happens, and the connection breaks before the answer. */
  | { readonly kind: "resetAfter" }
  /** The true answer, cut in the middle without any sign of it. */
  | { readonly kind: "truncated" }
  /** A 200 with a page of HTML. */
  | { readonly kind: "html" }
  /** The true answer under a wrong content type. */
  | { readonly kind: "wrongType" }
  /** The true answer, preceded by enough spaces to reach 10 MB. */
  | { readonly kind: "huge" }

export type FaultKind = NetworkFault["kind"]

/** The chance of each kind at each request, from 0 to 1; together at most 1. */
export type FaultShares = { readonly [kind in FaultKind]?: number }

/**
 * What happens to the requests one after another, with undefined for nothing; or chances, the same for every request.
 */
export type FaultPlan = readonly (NetworkFault | undefined)[] | FaultShares

export type FaultWorld = { readonly random: Random; readonly sleep: (ms: number) => Promise<unknown> }

/** Makes a request suffer at most one fault. Nothing else about the fetch changes, so these can be nested. */
export function faultyFetch(
  fetch: typeof globalThis.fetch,
  plan: FaultPlan,
  world: FaultWorld,
): typeof fetch {
  let count = 0
  return async (input, init) => {
    const fault = isList(plan) ? plan[count] : drawFault(plan, world.random)
    count += 1
    return suffer(fault, new Request(input, init), fetch, world)
  }
}

/** A fetch whose hosts are apps in this process. An unknown host fails as an unresolvable name does. */
export function fetchFrom(apps: { readonly [host: string]: Hono }): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const app = apps[new URL(request.url).host]
    if (!app) throw failure("ENOTFOUND", `getaddrinfo ENOTFOUND ${new URL(request.url).hostname}`)
    return app.fetch(request)
  }
}

/** Most requests of a slow network are a little late, and some very late. */
const LATENCY_MAX_MS = 8_000
const RETRY_AFTER_MAX_SECONDS = 90

async function suffer(
  fault: NetworkFault | undefined,
  request: Request,
  fetch: typeof globalThis.fetch,
  world: FaultWorld,
): Promise<Response> {
  if (!fault) return fetch(request)
  switch (fault.kind) {
    case "latency":
      await world.sleep(fault.ms)
      request.signal.throwIfAborted()
      return fetch(request)
    case "status":
      return new Response("upstream connect error or disconnect/reset before headers", {
        status: fault.status,
      })
    case "rateLimited":
      return Response.json(
        { error: "Rate limit exceeded" },
        { status: 429, headers: { "Retry-After": String(fault.retryAfterSeconds) } },
      )
    case "hang":
      return untilAborted(request)
    case "hangAfter":
      await fetch(request)
      return untilAborted(request)
    case "hangInBody":
      return cut(await fetch(request), () => untilAborted(request))
    case "resetBefore":
      throw failure("ECONNRESET", "read ECONNRESET")
    case "resetAfter":
      await fetch(request)
      throw failure("ECONNRESET", "read ECONNRESET")
    case "truncated":
      return cut(await fetch(request), () => Promise.resolve())
    case "html":
      return new Response("<!doctype html><title>Just a moment...</title><h1>Checking your browser</h1>", {
        headers: { "Content-Type": "text/html; charset=utf-8" },
      })
    case "wrongType":
      return relabel(await fetch(request), "text/plain")
    case "huge":
      return inflate(await fetch(request))
    default:
      return fault satisfies never
  }
}

function isList(plan: FaultPlan): plan is readonly (NetworkFault | undefined)[] {
  return Array.isArray(plan)
}

const KINDS: readonly FaultKind[] = [
  "latency",
  "status",
  "rateLimited",
  "hang",
  "hangAfter",
  "hangInBody",
  "resetBefore",
  "resetAfter",
  "truncated",
  "html",
  "wrongType",
  "huge",
]

function drawFault(shares: FaultShares, random: Random): NetworkFault | undefined {
  let rest = random()
  for (const kind of KINDS) {
    rest -= shares[kind] ?? 0
    if (rest < 0) return createFault(kind, random)
  }
  return undefined
}

function createFault(kind: FaultKind, random: Random): NetworkFault {
  if (kind === "latency") return { kind, ms: LATENCY_MAX_MS * random() ** 4 }
  if (kind === "status") return { kind, status: pick(random, [500, 502, 503]) }
  if (kind === "rateLimited") {
    return { kind, retryAfterSeconds: integer(random, 1, RETRY_AFTER_MAX_SECONDS) }
  }
  return { kind }
}

/**
 * A request's signal follows its caller's only while something holds the request, and waiting for it does not. A
 * request whose caller never gives up stays here for good, which a stand-in can afford.
 */
const unanswered = new Set<Request>()

function untilAborted(request: Request): Promise<never> {
  const { signal } = request
  unanswered.add(request)
  return new Promise((_resolve, reject) => {
    const abort = () => {
      unanswered.delete(request)
      reject(signal.reason)
    }
    if (signal.aborted) abort()
    else signal.addEventListener("abort", abort, { once: true })
  })
}

function failure(code: string, message: string): TypeError {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code }) })
}
