/**
 * The store within the time of one turn: after that, nothing is asked of it any more and nobody waits for an answer. A turn that
 * finds its table that slow fails as it does when the table is away, and the next one starts from what was kept.
 */
import { type Instant, SECOND } from "@earshot/core/instant"
import type { Store } from "@earshot/io/store/store"
import { type World, withinTime } from "@earshot/io/world"

export class TimeUp extends Error {
  constructor() {
    super("The poll ran out of time: is the table slow?")
  }
}

/** No request takes longer, retries included: only the last ones need a clock of their own. */
const REQUEST_MAX_MS = 8 * SECOND

/** After the end, a table that answers at once is still told what came of the last message: a frozen process may wake so late. */
const GRACE_MS = 1.5 * SECOND

/** Asks nothing, and so needs no time. */
const INSTANT: ReadonlySet<string> = new Set<keyof Store>(["takeUnreadable"])

export function timedStore(world: World, store: Store, overAt: Instant): Store {
  let graceMs = GRACE_MS
  const timed = async (work: () => Promise<unknown>): Promise<unknown> => {
    const askedAt = world.now()
    const leftMs = overAt - askedAt
    if (leftMs > REQUEST_MAX_MS) return work()
    const allowedMs = Math.max(0, leftMs) + graceMs
    if (allowedMs <= 0) throw new TimeUp()
    const answer = await withinTime(world, allowedMs, work)
    graceMs -= Math.max(0, world.now() - Math.max(askedAt, overAt))
    if (answer === "timeout") throw new TimeUp()
    return answer
  }
  return new Proxy(store, {
    get: (target, name, receiver) => {
      const method: unknown = Reflect.get(target, name, receiver)
      if (typeof method !== "function" || INSTANT.has(String(name))) return method
      return (...given: unknown[]) => timed(async () => Reflect.apply(method, target, given))
    },
  })
}
