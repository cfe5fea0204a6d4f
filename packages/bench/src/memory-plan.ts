/** What the two processes of the measurement of memory say to each other. */

/** That the poller is there. */
export const PING = "ready"

/** Between two polls, on the poller's clock. */
export const STEP_MS = 20_000

/** After so many polls. `failed`: how many of them were none. */
export type Used = { failed: number; delivered: number; heapUsed: number; rss: number; external: number }
