/**
 * Where the emulated API gets its calls from.
 *
 * A source returns what the API would show at an instant: only calls that exist by then, each with the facts that have
 * arrived by then. Sources can be joined and wrapped, so history, traffic and oddities are separate.
 */
import type { EmulatedCall } from "./call.ts"

export type CallSource = {
  /**
   * The calls visible at `now` (epoch milliseconds), in any order. A call outside `range` may be left out: the range is
   * a hint that saves work, and the caller still has to filter.
   */
  callsAt(now: number, range?: CreatedRange): readonly EmulatedCall[]
  callAt(now: number, id: string): EmulatedCall | undefined
}

/** Bounds on `createdAt` in epoch milliseconds, both included. */
export type CreatedRange = { readonly from?: number | undefined; readonly until?: number | undefined }

/** All the calls of several sources. No two of them may know the same id. */
export function joinSources(...sources: readonly CallSource[]): CallSource {
  return {
    callsAt: (now, range) => sources.flatMap((source) => source.callsAt(now, range)),
    callAt(now, id) {
      for (const source of sources) {
        const call = source.callAt(now, id)
        if (call) return call
      }
      return undefined
    },
  }
}
