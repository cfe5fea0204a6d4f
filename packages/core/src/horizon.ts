/**
 * The lengths of time that tie the list, the watch and the rules together: how late a call may appear, how long we wait
 * for it, and when it is too old to matter.
 */
import { DAY, HOUR, MINUTE } from "./instant.ts"

/** A call may appear in the list this long after its start. */
export const LATE_MS = 5 * MINUTE

/** The watermark waits this long for an open call; after that the call is followed by its id. */
export const WAIT_MS = HOUR

/** This long after a call's end, we assume that score and sentiment are there, even without a sign of them. */
export const ANALYSIS_MS = 10 * MINUTE

export const LOOKBACK_MAX_MS = 7 * DAY

/** A call that is still undecided this long after it was first seen is closed. */
export const OPEN_MAX_MS = 6 * HOUR

/** Calls that started longer ago are ignored; re-reading does not reach them either. */
export const OLD_MAX_MS = 7 * DAY
