/**
 * Edits take turns. What there may be of something in all, such as a hundred rules, is counted before one is added, and two who
 * count at the same moment would both find room. So whoever edits first asks the store for the turn, and gives it back.
 */
import { SECOND } from "@earshot/core/instant"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Problem, problem } from "./problem.ts"

/** Longer than a request can take on Lambda: whoever still had the turn by then is dead, and writes no more. */
const TURN_MS = 30 * SECOND

/** About ten seconds, which leaves time for the edit itself. */
const ATTEMPTS_MAX = 100

/** Within a process edits wait for each other in a row, rather than asking the store again and again. */
const rows = new WeakMap<Store, Promise<unknown>>()

/** What `work` returned; or a problem if others edited all the time, or somebody died within the last 30 seconds while editing. */
export async function inTurn<T>(
  world: World,
  store: Store,
  work: () => Promise<T>,
): Promise<{ ok: true; value: T } | { ok: false; problem: Problem }> {
  const before = rows.get(store) ?? Promise.resolve()
  const turn = before.then(() => holdAndDo(world, store, work))
  rows.set(
    store,
    turn.catch(() => {}),
  )
  return turn
}

async function holdAndDo<T>(
  world: World,
  store: Store,
  work: () => Promise<T>,
): Promise<{ ok: true; value: T } | { ok: false; problem: Problem }> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const holder = await store.holdEdits({ now: world.now(), forMs: TURN_MS })
    if (holder !== null) {
      try {
        return { ok: true, value: await work() }
      } finally {
        await store.releaseEdits(holder)
      }
    }
    await world.sleep(50 + 100 * world.random())
  }
  const detail = "Others are editing at this moment; nothing was saved. Send it again in half a minute."
  return { ok: false, problem: problem(409, detail) }
}
