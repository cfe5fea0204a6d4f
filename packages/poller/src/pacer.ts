/**
 * Keeps one channel's pace in one turn, whatever other processes do: holds the channel in the table before it sends, renews that
 * while it sends, and stops once the channel has asked to wait or gives no hope. A hold is one write for several messages.
 */
import type { SendResult } from "@earshot/core/alert/delivery"
import { type ChannelPace, blocked, freeAt, held, taken } from "@earshot/core/alert/pace"
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

/** What this turn knows of the channel beside what is stored. */
type Course = {
  coming: Coming
  /** The hold that this turn has, if it is still the newest. */
  mine: { version: number; until: Instant }
  startedAt: Instant
  failures: number
  stoppedUntil: Instant | null
}

type Place = { world: World; store: Store; paces: TurnMemory["paces"]; channel: Channel; deadline: Instant }

export function createPacer(
  world: World,
  store: Store,
  { paces }: TurnMemory,
  channel: Channel,
  deadline: Instant,
): Pacer {
  const place: Place = { world, store, paces, channel, deadline }
  const course: Course = {
    coming: { count: 1, singles: [], hasDigest: false },
    mine: { version: 0, until: 0 },
    startedAt: 0,
    failures: 0,
    stoppedUntil: null,
  }
  return {
    pace: () => paceOf(place),
    expect: (coming) => {
      course.coming = coming
    },
    mayStart: () => mayStart(place, course),
    async attempt(send) {
      course.startedAt = world.now()
      const result = await send()
      const { coming } = course
      course.coming = { ...coming, count: Math.max(1, coming.count - 1) }
      await afterAttempt(place, course, result)
      return result
    },
    waitsUntil: () => course.stoppedUntil,
  }
}

async function paceOf({ store, paces, channel: { id } }: Place): Promise<ChannelPace> {
  const known = paces.get(id) ?? (await store.readPace(id))
  paces.set(id, known)
  return known
}

/** False if somebody else has written meanwhile: then it is read again. */
async function write({ store, paces, channel: { id } }: Place, next: ChannelPace): Promise<boolean> {
  const isWritten = await store.writePace(id, next)
  if (isWritten) paces.set(id, next)
  else paces.delete(id)
  return isWritten
}

async function mayStart(place: Place, course: Course): Promise<boolean> {
  const { world, channel, deadline } = place
  const { paceMs } = channel
  for (let attempt = 0; attempt < COLLISIONS_MAX && course.stoppedUntil === null; attempt++) {
    const next = Math.max(world.now(), course.startedAt + paceMs)
    if (next <= course.mine.until - paceMs) return sleepUntil(place, course, next)
    const known = await paceOf(place)
    if (!(await sleepUntil(place, course, startOf(known, course, paceMs, world.now())))) return false
    if (world.now() >= deadline) break
    const { coming } = course
    const forMs = coming.count * paceMs + SPARE_MS
    const hold = held(known, { ...coming, forMs, now: world.now() })
    if (!(await write(place, hold))) continue
    course.mine = { version: hold.version, until: hold.heldUntil }
    // Counted once, however often the hold is renewed.
    course.coming = { ...coming, singles: [], hasDigest: false }
  }
  course.stoppedUntil ??= world.now()
  return false
}

/** When this turn may start, by what is stored: it waits for no hold of its own. */
function startOf(known: ChannelPace, { mine, startedAt }: Course, paceMs: number, now: Instant): Instant {
  if (known.version === mine.version && mine.version > 0) {
    return Math.max(freeAt({ ...known, heldUntil: 0 }, now), startedAt + paceMs)
  }
  const free = freeAt(known, now)
  return free > now && free === known.heldUntil ? free + CLOCKS_MS : free
}

async function sleepUntil({ world, deadline }: Place, course: Course, at: Instant): Promise<boolean> {
  const now = world.now()
  if (at >= deadline || at - now > WAIT_MAX_MS) {
    course.stoppedUntil = at
    return false
  }
  if (at > now) await world.sleep(at - now)
  return true
}

async function afterAttempt(place: Place, course: Course, result: SendResult): Promise<void> {
  const { world, paces, channel } = place
  if (result.kind === "sent") {
    course.failures = 0
    const known = paces.get(channel.id)
    if (known) paces.set(channel.id, taken(known, world.now()))
    return
  }
  if (result.kind === "refused" && result.isMalformed) return
  course.failures++
  const isHopeless = result.kind === "refused" || !result.mayHaveArrived || course.failures >= FAILURES_MAX
  if (!isHopeless && world.now() - course.startedAt < SLOW_MS) return
  const afterMs = result.kind === "retry" ? result.afterMs : undefined
  for (let attempt = 0; attempt < COLLISIONS_MAX; attempt++) {
    const known = await paceOf(place)
    const next = blocked(known, { afterMs, failures: known.failures + 1, now: world.now() })
    course.stoppedUntil = next.blockedUntil
    if (await write(place, next)) return
  }
}
