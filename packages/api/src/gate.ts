/**
 * Who a request comes from: the token that it carries, if it is one of the deployment's or was made over HTTP and not revoked.
 *
 * A source that fails too often is not listened to for the rest of the minute: its tokens are not even compared. That must
 * not keep out whoever shares the source, such as an office behind one address. So a token that this process has found right
 * before is compared all the same.
 */
import type { Instant } from "@earshot/core/instant"
import { SECOND } from "@earshot/core/instant"
import type { ApiToken, TokenAccess } from "@earshot/io/store/api-token"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import type { Context } from "hono"
import * as z from "zod"
import { type AttemptLimit, createAttemptLimit } from "./attempt-limit.ts"
import { hashOf, isSame, tokenIn } from "./token.ts"

/** The token of the environment: it always writes, and is not revoked over HTTP. */
export const DEPLOYMENT_TOKEN = "deployment"

export type Visitor =
  | { kind: "known"; name: string; access: TokenAccess }
  /** No token or a wrong one, which is not told apart. */
  | { kind: "unknown" }
  /** The source has failed too often. */
  | { kind: "limited"; waitMs: number }

export type Gate = {
  visitorOf: (context: Context) => Promise<Visitor>
  /** Tokens were made or revoked: read them again. */
  forget: () => void
}

/** A revoked token is let in for no longer than this by processes that do not know. */
const TOKENS_KEPT_MS = 10 * SECOND

/** A token that nobody knows makes a process look for new ones, but no more often than this. */
const LOOK_AGAIN_MS = SECOND

/** Tokens that were right before. There are never more in force. */
const RIGHT_MAX = 100

export function createGate(world: World, store: Store, token: string): Gate {
  const own = hashOf(token)
  const limit = createAttemptLimit()
  const right = new Set<string>()
  let known: { at: Instant; tokens: readonly ApiToken[] } | null = null

  const find = async (hash: string): Promise<Visitor> => {
    const isOwn = isSame(hash, own)
    if (isOwn) return { kind: "known", name: DEPLOYMENT_TOKEN, access: "write" }
    const now = world.now()
    if (!known || now - known.at > TOKENS_KEPT_MS) known = { at: now, tokens: await readInForce(store) }
    const found = tokenOf(hash, known.tokens)
    if (found || now - known.at < LOOK_AGAIN_MS) return visitor(found)
    known = { at: now, tokens: await readInForce(store) }
    return visitor(tokenOf(hash, known.tokens))
  }

  return {
    visitorOf: async (context) => {
      const given = tokenIn(context.req.header("authorization"))
      const hash = given === undefined ? null : hashOf(given)
      const source = sourceOf(context.env)
      if (hash !== null && right.has(hash)) {
        const again = await find(hash)
        if (again.kind === "known") return again
        right.delete(hash)
      }
      return tryOf(limit, { source, now: world.now() }, async () => {
        const found: Visitor = hash === null ? { kind: "unknown" } : await find(hash)
        if (found.kind !== "known" || hash === null) return found
        if (right.size >= RIGHT_MAX) right.clear()
        right.add(hash)
        return found
      })
    },
    forget: () => {
      known = null
    },
  }
}

/** Counts the try before it is made, so that many at once are many tries. */
async function tryOf(
  limit: AttemptLimit,
  { source, now }: { source: string; now: Instant },
  find: () => Promise<Visitor>,
): Promise<Visitor> {
  const waitMs = limit.begin(source, now)
  if (waitMs > 0) return { kind: "limited", waitMs }
  const found = await find()
  if (found.kind === "known") limit.succeed(source)
  return found
}

/** If the table cannot be read there are none: a stranger must not learn from the answer that it cannot. */
async function readInForce(store: Store): Promise<readonly ApiToken[]> {
  const tokens = await store.readTokens().catch(() => [])
  return tokens.filter(({ isRevoked }) => !isRevoked)
}

/** Compares with all of them, so that the time says nothing about which it was. */
function tokenOf(hash: string, tokens: readonly ApiToken[]): ApiToken | undefined {
  return tokens.filter((token) => isSame(hash, token.hash))[0]
}

function visitor(token: ApiToken | undefined): Visitor {
  return token ? { kind: "known", name: token.name, access: token.access } : { kind: "unknown" }
}

/** On Lambda the event says who asked; a header would say whatever the sender likes. */
const Lambda = z.object({ requestContext: z.object({ http: z.object({ sourceIp: z.string() }) }) })

const Socket = z.object({ incoming: z.object({ socket: z.object({ remoteAddress: z.string() }) }) })

/** Where a request comes from. One who has an IPv6 address has a network of them, its first 64 bits. */
function sourceOf(env: unknown): string {
  const address =
    Lambda.safeParse(env).data?.requestContext.http.sourceIp ??
    Socket.safeParse(env).data?.incoming.socket.remoteAddress ??
    ""
  return address.includes(":") && !address.includes(".") ? networkOf(address) : address.slice(0, 64)
}

function networkOf(address: string): string {
  const [head = "", tail] = address.toLowerCase().split("::")
  const groups = head.split(":").filter((group) => group !== "")
  const rest = tail === undefined ? [] : tail.split(":").filter((group) => group !== "")
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length)
  const whole = [...groups, ...Array.from({ length: zeros }, () => "0"), ...rest]
  return whole
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")
}
