/**
 * Where nudges come in: takes each to the poller, and never lets whoever sent it wait. The same answer comes soon whatever becomes of
 * the nudge, because the vendor might repeat what fails or flag the workflow, and a nudge that is lost costs nothing but seconds.
 */
import { type Instant, MINUTE, SECOND } from "@earshot/core/instant"
import type { Nudge } from "@earshot/core/turn/nudge"
import { NUDGE_BYTES_MAX, nudgeIn } from "@earshot/core/turn/nudge-hint"
import type { World } from "@earshot/io/world"

/** Hands a nudge to the poller. May reject, or never be done. */
export type SendNudge = (nudge: Nudge) => Promise<void>

/** The answer is due within 50 ms. */
const SOON_MS = 40

/**
 * The first one that a process takes has to load what sends it and to connect. Lambda stops a process once it has answered, so that
 * it would be lost if nobody waited.
 */
const FIRST_MS = SECOND

/** The same nudge within this is one. */
const SAME_MS = 2 * SECOND

/** More calls than this do not end in a minute, and more nudges cost invocations and win nothing. */
const PER_MINUTE = 60

export type NudgeDoor = (body: ReadableStream<Uint8Array> | null, query: URLSearchParams) => Promise<void>

export function createNudgeDoor(world: World, send: SendNudge): NudgeDoor {
  const mayPass = createSieve()
  let hasSent = false

  async function take(body: ReadableStream<Uint8Array> | null, query: URLSearchParams): Promise<void> {
    const nudge = nudgeIn(body ? await readStart(body) : "", query)
    if (!mayPass(nudge, world.now())) return
    await send(nudge)
    hasSent = true
  }

  return async (body, query) => {
    const over = new AbortController()
    const taken = take(body, query).catch((error: unknown) => {
      const why = error instanceof Error ? error.name : "unknown"
      world.log({ level: "warn", event: "nudge.lost", count: 1, why })
    })
    await Promise.race([taken, world.sleep(hasSent ? SOON_MS : FIRST_MS, over.signal)])
    over.abort("over")
  }
}

/** Lets through what is not the same as a moment ago, and not too many. */
function createSieve(): (nudge: Nudge, now: Instant) => boolean {
  const passed = new Map<string, Instant>()
  return ({ id, party }, now) => {
    for (const [key, at] of passed) if (Math.abs(now - at) >= MINUTE) passed.delete(key)
    const key = `${id ?? ""} ${party ?? ""}`
    const before = passed.get(key)
    if (passed.size >= PER_MINUTE || (before !== undefined && Math.abs(now - before) < SAME_MS)) return false
    passed.delete(key)
    passed.set(key, now)
    return true
  }
}

/** The first bytes as text: what is longer is no template that anybody has written. */
async function readStart(body: ReadableStream<Uint8Array>): Promise<string> {
  const reader = body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  while (size < NUDGE_BYTES_MAX) {
    const { done, value } = await reader.read()
    if (done) break
    chunks.push(value.subarray(0, NUDGE_BYTES_MAX - size))
    size += value.length
  }
  reader.cancel().catch(() => {})
  return new TextDecoder().decode(Buffer.concat(chunks))
}
