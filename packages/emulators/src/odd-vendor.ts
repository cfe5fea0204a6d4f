/**
 * The vendor at its worst, all at once: traffic from a seed, every oddity, limits in either kind of window, and a
 * network with every fault. Given a virtual clock, it is a world to simulate in.
 */
import type { Hono } from "hono"
import type { ArrivalOptions } from "./arrival.ts"
import { createCallsApi } from "./calls-api.ts"
import { DOCUMENTED_LIMITS } from "./limit.ts"
import { faultyFetch, type FaultShares } from "./network.ts"
import { createOddSource } from "./odd-source.ts"
import { everyOddity } from "./oddity.ts"
import { createRandom, pick } from "./random.ts"
import type { CallSource } from "./source.ts"
import { createTraffic } from "./traffic.ts"

export type OddVendorOptions = Pick<ArrivalOptions, "seed" | "ratePerHour" | "from"> & {
  readonly keys: readonly string[]
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<unknown>
  /** How often each fault happens; one request in ten suffers one if absent. */
  readonly faults?: FaultShares
}

export type OddVendor = {
  /** The API on whatever host it is asked, over the bad network. */
  readonly fetch: typeof globalThis.fetch
  /** The API without the network. */
  readonly app: Hono
  /** The calls as served, which is what a client can be expected to know. */
  readonly calls: CallSource
}

/** Every kind of fault. */
export const EVERY_FAULT: Required<FaultShares> = {
  latency: 0.02,
  status: 0.015,
  rateLimited: 0.005,
  hang: 0.005,
  hangAfter: 0.005,
  hangInBody: 0.005,
  resetBefore: 0.01,
  resetAfter: 0.01,
  truncated: 0.01,
  html: 0.005,
  wrongType: 0.005,
  huge: 0.005,
}

/** The same seed and the same requests at the same times make the same answers. */
export function createOddVendor(options: OddVendorOptions): OddVendor {
  const { seed, ratePerHour, from, keys, now, sleep, faults = EVERY_FAULT } = options
  const oddities = everyOddity(seed)
  const source = createTraffic({ seed, ratePerHour, from })
  const window = pick(createRandom(seed, "window"), ["sliding", "fixed"] as const)
  const limits = { ...DOCUMENTED_LIMITS, window }
  const app = createCallsApi({ source, keys, now, limits, oddities })
  const direct: typeof globalThis.fetch = async (input, init) => app.fetch(new Request(input, init))
  const random = createRandom(seed, "network")
  return {
    app,
    calls: createOddSource(source, oddities),
    fetch: faultyFetch(direct, faults, { random, sleep }),
  }
}
