/**
 * The emulator of the Calls API as the vendor of a simulation: with its own text, limits and oddities, on the same
 * simulated calls. What it does to each call is written into the truth that the ledger has.
 *
 * All of its oddities happen but one: nothing here asks for more than a hundred rows, so what becomes of `limit=500` is
 * never seen. Unlike the simulated vendor it has no rows that are not calls.
 */
import { createCallsApi } from "@earshot/emulators/calls-api"
import { DOCUMENTED_LIMITS } from "@earshot/emulators/limit"
import { type FaultShares, faultyFetch } from "@earshot/emulators/network"
import { type Oddities, everyOddity, oddReading } from "@earshot/emulators/oddity"
import { chance, createRandom, pick } from "@earshot/emulators/random"
import type { Timeline } from "../time/timeline.ts"
import { NO_ROWS, type VendorOddities } from "../truth/oddity.ts"
import { API_KEY } from "../truth/secret.ts"
import { isVisible } from "../truth/call.ts"
import { type Traffic, createCallTraffic } from "../truth/traffic.ts"
import { disagreement } from "./emulated-answer.ts"
import { createEmulatedSource } from "./emulated-source.ts"
import { befallAs } from "./emulated-truth.ts"
import { rowOf } from "./row.ts"
import type { Vendor } from "./vendor.ts"

export type EmulatedVendor = {
  /** The calls as they are shown. */
  traffic: Traffic
  oddities: VendorOddities
  fetch: NonNullable<Vendor["fetch"]>
}

export type EmulatedVendorOptions = {
  seed: number
  traffic: Omit<Parameters<typeof createCallTraffic>[0], "seed" | "oddities" | "befall">
  timeline: Timeline
  isFaulty: () => boolean
  /** Called with what is wrong about an answer. */
  violated: (what: string) => void
}

/** What may happen to an answer on its way, besides the faults of every simulated request. */
const FAULTS: FaultShares = {
  hangInBody: 0.002,
  truncated: 0.002,
  html: 0.002,
  wrongType: 0.002,
  huge: 0.001,
}

/** The share of requests for which the vendor does not know the key. */
const KEY_REFUSED = 0.002

/** It is odd in every way even where nothing fails, and what is promised there must hold all the same. */
export function createEmulatedVendor(options: EmulatedVendorOptions): EmulatedVendor {
  const { seed, violated } = options
  const { now } = options.timeline
  const emulated = everyOddity(seed)
  const calls = { ...options.traffic, seed, oddities: NO_ROWS }
  const { stampsMs } = emulated.times
  const traffic = createCallTraffic({ ...calls, stampsMs, befall: (call) => befallAs(emulated, call) })
  // Made again from the same seed: the emulator changes these calls itself.
  const source = createEmulatedSource(createCallTraffic(calls))
  const random = createRandom("emulator", seed)
  const window = pick(random, ["sliding", "fixed"] as const)
  const limits = { ...DOCUMENTED_LIMITS, window }
  const app = createCallsApi({ source, keys: [API_KEY], now, limits, oddities: emulated })
  const network = { random, sleep: (milliseconds: number) => waitOn(options.timeline, milliseconds) }
  const truth = (id: string) => {
    const call = traffic.call(id)
    return call && isVisible(call, now()) ? rowOf(call, now()) : null
  }

  return {
    traffic,
    oddities: readingOf(emulated),
    async fetch(url, init, expected) {
      const direct: typeof globalThis.fetch = async (input, init) => {
        const request = input instanceof Request ? input : new Request(input, init)
        const isKeyLost = options.isFaulty() && chance(random, KEY_REFUSED)
        if (isKeyLost) request.headers.set("x-api-key", "ew_unknown")
        const response = await app.fetch(request)
        if (isKeyLost) return response
        const text = await response.clone().text()
        const sortBy = url.includes("sortBy=endedAt") ? "endedAt" : "createdAt"
        const wrong = disagreement({ status: response.status, text }, expected, { sortBy, rowOf: truth })
        if (wrong) violated(`${wrong}: ${url}`)
        return response
      }
      return options.isFaulty() ? faultyFetch(direct, FAULTS, network)(url, init) : direct(url, init)
    },
  }
}

function waitOn(timeline: Timeline, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    timeline.at(timeline.now() + milliseconds, () => {
      resolve()
      return true
    })
  })
}

/** The emulator's oddities as the ledger must know them. Those of single calls are written into the calls. */
function readingOf(emulated: Oddities): VendorOddities {
  const { dateField, dateBounds, nulls, tieBreaker } = oddReading(emulated)
  return {
    dateField,
    isInclusive: dateBounds === "inclusive",
    nulls,
    shuffledTies: tieBreaker !== undefined,
    limitHeaders: emulated.answer?.limitHeaders ?? "always",
    resetHeader: emulated.answer?.resetHeader ?? "iso",
    rows: NO_ROWS,
    detailLagMs: 0,
    totals: emulated.answer?.totals === "page" ? "page" : "list",
    stampsMs: emulated.times?.stampsMs ?? 0,
  }
}
