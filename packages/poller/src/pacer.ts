/**
 * Keeps one channel's pace in one turn, whatever other processes do: holds the channel in the table before it sends, renews that
 * while it sends, and stops once the channel has asked to wait or gives no hope. A hold is one write for several messages.
 */
import type { SendResult } from "@earshot/core/alert/delivery"
import { type ChannelPace, blocked, freeAt, held } from "@earshot/core/alert/pace"
import { type Instant, SECOND } from "@earshot/core/instant"
import type { Channel } from "@earshot/io/channel/channel"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import type { TurnMemory } from "./memory/turn-memory.ts"

export type Pacer = {
  /** The pace as it is known now: this process may remember it from its last turn. */
  pace: () => Promise<ChannelPace>
  /** Before the first message: what is to come. */
  expect: (coming: Coming) => void
  /** Waits until a message may start. False if that is not before the turn's end: then none may any more. */
  mayStart: () => Promise<boolean>
  /** Makes an attempt, which has just been allowed to start, and stops the channel if need be. */
  attempt: (send: () => Promise<SendResult>) => Promise<SendResult>
  /** When the channel may be used again; null if nothing stands in the way. */
  waitsUntil: () => Instant | null
}

/** How many messages, what those sent singly are about, and whether the others are digests. */
export type Coming = { count: number; singles: readonly (readonly string[])[]; hasDigest: boolean }

/** Writes that may collide with those of other processes. */
const COLLISIONS_MAX = 5

/** What a claim and an answer may take on top of the pace. */
const SPARE_MS = 2 * SECOND

/** Others begin so much after a hold is over, because clocks differ. */
const CLOCKS_MS = SECOND

/** For a channel that is free later than this, nobody waits: the next poll comes sooner. */
const WAIT_MAX_MS = 15 * SECOND

/** Whoever takes as long to answer will do so the next time. */
const SLOW_MS = 5 * SECOND

/** So many failures in a row leave no hope for the next message. */
const FAILURES_MAX = 2

export function createPacer(
  world: World,
  store: Store,
  memory: TurnMemory,
  { id, paceMs }: Channel,
  deadline: Instant,
): Pacer {
  let expected: Coming = { count: 1, singles: [], hasDigest: false }
  let mine = { version: 0, until: 0 }
  let startedAt = 0
  let failures = 0
  let stoppedUntil: Instant | null = null

  async function pace(): Promise<ChannelPace> {
    const known = memory.paces.get(id) ?? (await store.readPace(id))
    memory.paces.set(id, known)
    return known
  }

  async function write(next: ChannelPace): Promise<boolean> {
    const isWritten = await store.writePace(id, next)
    if (isWritten) memory.paces.set(id, next)
    else memory.paces.delete(id)
    return isWritten
  }

  /** When this process may start, by what is stored: it waits for no hold of its own. */
  function startOf(known: ChannelPace, now: Instant): Instant {
    if (known.version === mine.version && mine.version > 0) {
      return Math.max(freeAt({ ...known, heldUntil: 0 }, now), startedAt + paceMs)
    }
    const free = freeAt(known, now)
    return free > now && free === known.heldUntil ? free + CLOCKS_MS : free
  }

  async function sleepUntil(at: Instant): Promise<boolean> {
    const now = world.now()
    if (at >= deadline || at - now > WAIT_MAX_MS) {
      stoppedUntil = at
      return false
    }
    if (at > now) await world.sleep(at - now)
    return true
  }

  async function mayStart(): Promise<boolean> {
    for (let attempt = 0; attempt < COLLISIONS_MAX && stoppedUntil === null; attempt++) {
      const now = world.now()
      const next = Math.max(now, startedAt + paceMs)
      if (next <= mine.until - paceMs) return sleepUntil(next)
      const known = await pace()
      const start = startOf(known, now)
      if (!(await sleepUntil(start))) return false
      if (world.now() >= deadline) break
      const { count, singles, hasDigest } = expected
      const hold = held(known, { forMs: count * paceMs + SPARE_MS, singles, hasDigest, now: world.now() })
      if (!(await write(hold))) continue
      mine = { version: hold.version, until: hold.heldUntil }
      // Counted once, however often the hold is renewed.
      expected = { count, singles: [], hasDigest: false }
    }
    stoppedUntil ??= world.now()
    return false
  }

  async function stop(afterMs: number | undefined): Promise<void> {
    for (let attempt = 0; attempt < COLLISIONS_MAX; attempt++) {
      const known = await pace()
      const next = blocked(known, { afterMs, failures: known.failures + 1, now: world.now() })
      stoppedUntil = next.blockedUntil
      if (await write(next)) return
    }
  }

  return {
    pace,
    expect: (coming) => {
      expected = coming
    },
    mayStart,
    async attempt(send) {
      startedAt = world.now()
      const result = await send()
      if (expected.count > 1) expected = { ...expected, count: expected.count - 1 }
      if (result.kind === "sent") {
        failures = 0
        const known = memory.paces.get(id)
        // The next hold writes it down.
        if (known && known.failures > 0) memory.paces.set(id, { ...known, failures: 0 })
        return result
      }
      if (result.kind === "refused" && result.isMalformed) return result
      failures++
      const isHopeless = result.kind === "refused" || !result.mayHaveArrived || failures >= FAILURES_MAX
      if (isHopeless || world.now() - startedAt >= SLOW_MS) {
        await stop(result.kind === "retry" ? result.afterMs : undefined)
      }
      return result
    },
    waitsUntil: () => stoppedUntil,
  }
}
