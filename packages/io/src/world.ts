/**
 * The one seam to the world: everything that is not pure goes through a `World`. Lambda, local mode, tests and the
 * simulation run the same code, each with its own `World`.
 */
import type { ClientWorld } from "@earshot/calls-api/client"
import { boundKeepAlive } from "./keep-alive.ts"

/** A line of the log: counts, ids, states and our own sentences. Never a secret, and never a caller's data. */
export type LogEntry = {
  level: "info" | "warn" | "error"
  event: string
  [detail: string]: string | number | boolean | null
}

export type World = ClientWorld & {
  /** 0 ≤ n < 1. It spreads retries and marks writes; nothing that matters depends on it. */
  random(): number
  log(entry: LogEntry): void
}

let bounded: Promise<void> | null = null

/** The real world. `writeLine` receives each line of the log, as JSON; `dress` may add to it what is no part of the log. */
export function realWorld(
  writeLine: (line: string) => void,
  dress: (entry: LogEntry) => object = (entry) => entry,
): World {
  return {
    fetch: async (input, init) => {
      await (bounded ??= boundKeepAlive())
      return globalThis.fetch(input, init)
    },
    now: () => Date.now(),
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(done, milliseconds)
        function done() {
          clearTimeout(timer)
          signal?.removeEventListener("abort", done)
          resolve()
        }
        if (signal?.aborted) return done()
        signal?.addEventListener("abort", done, { once: true })
      }),
    random: () => Math.random(),
    log: (entry) => writeLine(JSON.stringify({ at: new Date().toISOString(), ...dress(entry) })),
  }
}

/**
 * What `work` returns, or "timeout" if `timeoutMs` have passed on the world's clock first. Then the signal is aborted.
 * Rejects if `work` rejects first.
 */
export async function withinTime<T>(
  world: World,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | "timeout"> {
  const over = new AbortController()
  const isOver = () => "timeout" as const
  try {
    return await Promise.race([work(over.signal), world.sleep(timeoutMs, over.signal).then(isOver, isOver)])
  } finally {
    over.abort("over")
  }
}

/**
 * The system's error code, such as ECONNREFUSED; null if there is none. The text of an error is not used: it may quote
 * an address.
 */
export function errorCode(error: unknown): string | null {
  // `fetch` makes the system's error the cause of its own. It is never deeper than that.
  return ownCode(error) ?? ownCode(error instanceof Error ? error.cause : null)
}

/** What an error was, for the log: its kind, and the system's code if there is one. Not its text, which may quote what was asked. */
export function causeOf(error: unknown): string {
  const name = error instanceof Error ? error.name : typeof error
  const code = errorCode(error)
  return code === null ? name : `${name} (${code})`
}

function ownCode(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null
  return typeof error.code === "string" && /^[A-Z][A-Z_0-9]{2,30}$/.test(error.code) ? error.code : null
}
