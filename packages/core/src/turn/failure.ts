/** Why the list could not be read, for the people who run Earshot. */
import type { Trouble } from "@earshot/calls-api/answer"
import * as z from "zod"
import type { Instant } from "../instant.ts"
import type { Doubt } from "../list/doubt.ts"
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
export const FAILURE_BYTES_MAX = 139

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

/** For the people who run Earshot: what a page showed, and what that means. */
function doubtText(doubt: Doubt): string {
  switch (doubt.kind) {
    case "hollow":
      return "The Calls API counts calls and lists none. Nothing can be checked until it lists them."
    case "no-ids":
      return "Most calls in the list have no id that can be read, and are not checked. Please report it to echowin."
    case "wrong-types":
      return `No call in the list has a ${doubt.fields.join(" or ")} that can be understood: rules on it match nothing.`
  }
}

type ListRead = ({ kind: "scan"; isInOrder: boolean } | { kind: "fresh" }) & { doubt: Doubt | null }

/**
 * What is still wrong when the list was read; null if nothing is. Only a scan can see whether the list is in order again,
 * and whether it shows what it did not.
 */
export function failureAfterList(known: Failure | null, read: ListRead, now: Instant): Failure | null {
  if (read.kind === "scan" && !read.isInOrder)
    return failureAfter(known, OUT_OF_ORDER, OUT_OF_ORDER_TEXT, now)
  if (read.doubt) return failureAfter(known, read.doubt.kind, doubtText(read.doubt), now)
  const isScanNeeded = known?.kind === OUT_OF_ORDER || known?.kind === "hollow"
  return read.kind === "fresh" && isScanNeeded ? known : null
}

/** Whether this very reading shows that something is wrong. */
export function isDoubtful(read: ListRead): boolean {
  return read.doubt !== null || (read.kind === "scan" && !read.isInOrder)
}
