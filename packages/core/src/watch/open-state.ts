/** What an open call is still waiting for. */
import * as z from "zod"
import { type Instant, MINUTE } from "../instant.ts"

export const OpenState = z.object({
  id: z.string(),
  /** Put off by outages, which do not count: so much of it is `heldMs`. */
  firstSeenAt: z.number(),
  heldMs: z.number().default(0),
  /** When it ended, as far as that can be believed; null while the call lasts. */
  endedAt: z.number().nullable(),
  /** A detail could decide a rule. */
  wantsDetail: z.boolean(),
  /** There is a score, so the rest of the vendor's analysis is there or will be within seconds. */
  isAnalysed: z.boolean(),
  /** When the score was first seen; null before, or if nothing is awaited after it. */
  scoredAt: z.number().nullable().default(null),
  /** Details fetched since the call last changed. */
  looks: z.number(),
  nextLookAt: z.number(),
  /** When the next undecided rule settles; null if none will, or while the call lasts. */
  settlesAt: z.number().nullable(),
  /** The table has a record of this call, with more than the list shows. */
  isKept: z.boolean(),
  /** Every channel already has an alert for this call: a detail could only add a reason. */
  isAlerted: z.boolean(),
})

export type OpenState = z.infer<typeof OpenState>

/** No look is put off for longer. */
export const LOOK_WAIT_MAX_MS = 10 * MINUTE

/** Whether the time for the next look has come. */
export function isLookDue({ nextLookAt }: OpenState, now: Instant): boolean {
  return nextLookAt <= now
}
