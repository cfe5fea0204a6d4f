/** Why the list could not be read, for the people who run Earshot. */
import type { Trouble } from "@earshot/calls-api/answer"
import * as z from "zod"
import type { Instant } from "../instant.ts"
import { withinBytes } from "../text.ts"

/** What made a poll fail, for the people who run Earshot. Contains no secret and no caller data. */
export const Failure = z.object({
  kind: z.string(),
  message: z.string(),
  /** When it was first and last seen, with no successful poll in between. */
  since: z.number(),
  at: z.number(),
})

export type Failure = z.infer<typeof Failure>

/** The state is written at each poll and must stay below a kilobyte, whatever failed. */
const FAILURE_BYTES_MAX = 160

/** Continues the known failure, or starts a new one. */
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
  "The Calls API does not list the oldest calls first, as asked. Only the newest calls are being checked until this is fixed. Please report it to echowin."

const UNREADABLE = "unreadable-rows"

const UNREADABLE_TEXT =
  "Most rows of the Calls API's list have no id that can be read, so their calls are not checked. Please report it to echowin."

/** What is still wrong when the list was read; null if nothing is. Only a scan can see whether the list is in order again. */
export function failureAfterList(
  known: Failure | null,
  read: ({ kind: "scan"; isInOrder: boolean } | { kind: "fresh" }) & { isMostlyUnreadable: boolean },
  now: Instant,
): Failure | null {
  if (read.isMostlyUnreadable) return failureAfter(known, UNREADABLE, UNREADABLE_TEXT, now)
  if (read.kind === "fresh") return known?.kind === OUT_OF_ORDER ? known : null
  return read.isInOrder ? null : failureAfter(known, OUT_OF_ORDER, OUT_OF_ORDER_TEXT, now)
}
