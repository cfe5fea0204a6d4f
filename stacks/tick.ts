/**
 * The tick queue: the poller's delayed messages to itself, and the nudges that the API passes on.
 *
 * A nudge is due at once and is worth seconds, so nothing here waits: the queue adds no delay of its own, and the poller takes what is there
 * the moment it comes (`poller.ts`).
 */

/** The minute's run sends ticks up to 100 s ahead. One that is 80 s late has been overtaken by the next minute's. */
const TICK_RETENTION_SECONDS = 180

/**
 * A tick that failed stays hidden for six timeouts, as AWS asks of a queue that feeds a function, and is gone by
 * retention before that. So it is never tried again, and there is nothing for a dead-letter queue to catch.
 */
export function createTickQueue() {
  return new sst.aws.Queue("Tick", {
    visibilityTimeout: "6 minutes",
    delay: "0 seconds",
    transform: { queue: { messageRetentionSeconds: TICK_RETENTION_SECONDS } },
  })
}

export type TickQueue = ReturnType<typeof createTickQueue>
