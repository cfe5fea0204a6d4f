/**
 * A post-call workflow at work: watches the calls of a source, and sends what `post-call.ts` plans for each that ends. An answer other
 * than 2xx is repeated, as the vendor may do.
 */
import {
  type PostCallHabits,
  POST_CALL_AHEAD_MS,
  USUAL_HABITS,
  planPostCall,
  postCallBody,
} from "./post-call.ts"
import { createRandom } from "./random.ts"
import type { CallSource } from "./source.ts"

export type WorkflowOptions = {
  readonly source: CallSource
  readonly seed: number
  readonly habits?: PostCallHabits
  /** Where each request goes, and with which headers. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Runs something so many milliseconds later. */
  readonly later: (milliseconds: number, work: () => void) => void
}

export type PostCallWorkflow = {
  /** Sends what is due for calls that have ended since the last time. To be called about once a second. */
  look: (now: number) => void
}

/** Calls that began earlier are over, or nobody waits for them. */
const BACK_MS = 4 * 3_600_000

/** After a refusal, and no more. */
const REPEATS_AFTER_MS = [2000, 5000]

/** Looks from `start` on: what ended before is history. */
export function createPostCallWorkflow(options: WorkflowOptions, start: number): PostCallWorkflow {
  const { source, seed, habits = USUAL_HABITS, later } = options
  const random = createRandom("post-call workflow", seed)
  let lookedTo = start

  return {
    look(now) {
      // A request may come a little before the API shows the end.
      const ahead = now + POST_CALL_AHEAD_MS
      for (const call of source.callsAt(ahead, { from: now - BACK_MS })) {
        const endedAt = call.endedAt === null ? Number.NaN : Date.parse(call.endedAt)
        if (!(endedAt > lookedTo && endedAt <= ahead)) continue
        const body = JSON.stringify(postCallBody(random, call, habits))
        for (const afterMs of planPostCall(random, habits))
          later(Math.max(0, endedAt + afterMs - now), () => void send(options, body, REPEATS_AFTER_MS))
      }
      lookedTo = Math.max(lookedTo, ahead)
    },
  }
}

async function send(
  options: WorkflowOptions,
  body: string,
  [wait, ...more]: readonly number[],
): Promise<void> {
  const headers = { "content-type": "application/json", ...options.headers }
  const isTaken = await options.fetch(options.url, { method: "POST", headers, body }).then(
    ({ ok }) => ok,
    () => false,
  )
  if (!isTaken && wait !== undefined) options.later(wait, () => void send(options, body, more))
}
