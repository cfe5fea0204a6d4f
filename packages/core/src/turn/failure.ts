/** Why the list could not be read, for the people who run Earshot. */
import type { Trouble } from "@earshot/calls-api/answer"
import * as z from "zod"
import type { Instant } from "../instant.ts"
import { withinBytes } from "../text.ts"

/** What made a poll fail, for the people who run Earshot. No secret and no callers' data. */
export const Failure = z.object({
  kind: z.string(),
  message: z.string(),
  /** When it was first and last seen without a good poll between. */
  since: z.number(),
  at: z.number(),
})

export type Failure = z.infer<typeof Failure>

/** The state is written at each poll and stays below a kilobyte, whatever has failed. */
const FAILURE_BYTES_MAX = 160

/** The same failure goes on, or a new one starts. */
export function failureAfter(known: Failure | null, kind: string, message: string, now: Instant): Failure {
  const since = known?.kind === kind ? known.since : now
  return { kind, message: withinBytes(message, FAILURE_BYTES_MAX), since, at: now }
}

/** A trouble of the list in one line, with the setting to check if one may be wrong. The client knows of no settings. */
export function withHint(trouble: Trouble): string {
  const hint = hintFor(trouble)
  return hint === null ? trouble.message : `${trouble.message} ${hint}`
}

function hintFor(trouble: Trouble): string | null {
  switch (trouble.kind) {
    case "unauthorized":
      return "Check ECHOWIN_API_KEY."
    case "not-found":
    case "unreachable":
    case "timeout":
      return "Check ECHOWIN_BASE_URL."
    case "unreadable":
      // Another address answers with pages or redirects; a row that is too large comes from the right one.
      return trouble.reason === "too-large" || trouble.reason === "wrong-shape"
        ? null
        : "Check ECHOWIN_BASE_URL."
    case "refused":
    case "server":
    case "rate-limited":
      return null
  }
}

const OUT_OF_ORDER = "out-of-order"

const OUT_OF_ORDER_TEXT =
  "The Calls API does not list the oldest calls first, as asked: only the newest are told of, the others wait until it does. Tell echowin."

/**
 * What is still wrong when the list was read; null if nothing is. `scannedTo` undefined: there was no scan, which alone can
 * see whether the list is in order again.
 */
export function failureAfterList(
  known: Failure | null,
  { isOutOfOrder, scannedTo }: { isOutOfOrder: boolean; scannedTo: Instant | null | undefined },
  now: Instant,
): Failure | null {
  if (isOutOfOrder) return failureAfter(known, OUT_OF_ORDER, OUT_OF_ORDER_TEXT, now)
  return scannedTo === undefined && known?.kind === OUT_OF_ORDER ? known : null
}
