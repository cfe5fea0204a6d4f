/**
 * Bounds how long a connection that nobody uses is kept for the next request. Between two runs Lambda freezes the process, for ten
 * seconds or an hour, and what lies between may have forgotten the connection by then: a request that is sent into it fails, or
 * waits until its time is up. Left alone, `fetch` keeps a connection for as long as the other side proposes, up to ten minutes.
 */

/**
 * Longer than the pauses within a run, and shorter than those between runs. Above a second Node counts in ticks of its own, which stand
 * still while the process is frozen; up to a second the connection is gone before the next run's first request.
 */
const IDLE_MS = 1000

type Pool = new (options: { keepAliveTimeout: number; keepAliveMaxTimeout: number }) => unknown

/** Where Node's `fetch` has its connections, as the documentation of undici says, which it is made of. */
const POOL = Symbol.for("undici.globalDispatcher.1")

/** From now on, for this process's `fetch`. Changes nothing if Node keeps its connections elsewhere some day. */
export async function boundKeepAlive(idleMs = IDLE_MS): Promise<void> {
  // Older versions of Node make the pool with the first request. This one reaches nobody.
  if (!Reflect.has(globalThis, POOL)) await globalThis.fetch("data:,").catch(() => {})
  const pool: unknown = Reflect.get(globalThis, POOL)
  if (!isPool(pool)) return
  const options = { keepAliveTimeout: idleMs, keepAliveMaxTimeout: idleMs }
  Reflect.set(globalThis, POOL, new pool.constructor(options))
}

function isPool(pool: unknown): pool is { constructor: Pool } {
  return typeof pool === "object" && pool !== null && pool.constructor.name === "Agent"
}
