/**
 * Optionally, a part of the account's concurrency for each function, so that a flood of requests to the public URL leaves the poller
 * room to run. See `docs/decisions/0034-function-url.md`.
 */

import type { Environment } from "./settings-file.ts"

/** One scheduled run, the ticks that may run beside it, and one run more than should ever be. */
const POLLER_RUNS = 4

/** Five hundred requests a second at 20 ms each: more than a team sends, and little enough to pay for. */
const API_RUNS = 10

export type Reservations = { poller?: { reserved: number }; api?: { reserved: number } }

/**
 * Off by default: AWS refuses it where less than a hundred would be left for other functions, as in
 * accounts that are new. Throws if it is set to anything but `on` and `off`.
 */
export function chosenReservations(environment: Environment, variable: "RESERVED_CONCURRENCY"): Reservations {
  const chosen = environment[variable]?.trim() || "off"
  if (chosen === "off") return {}
  if (chosen === "on") return { poller: { reserved: POLLER_RUNS }, api: { reserved: API_RUNS } }
  throw new Error(
    `${variable}: it is ${JSON.stringify(chosen)}, and must be on or off. ` +
      `With on, the account needs a concurrency of at least ${100 + POLLER_RUNS + API_RUNS}.`,
  )
}
