/**
 * How far apart the looks at an open call are. What has not come for long is not likely to come in the next moment, so looks thin out with
 * the time waited; and they thin out as the hour's details are used up, so that a quiet team's calls are followed closely, and a busy
 * team's details go where they are likely to tell something. An end that a nudge will probably tell of is hardly looked for.
 */
import { MINUTE, SECOND } from "../instant.ts"

/**
 * `thrift`: 0 while details are plentiful, 1 once as many are used as may be. `toldShare`: of the ends of late, those that a nudge told of,
 * 0 to 1.
 */
export type LookPace = { thrift: number; toldShare: number }

/** As if details were scarce and no nudge ever came. */
export const SPARING: LookPace = { thrift: 1, toldShare: 0 }

/** The end of a call in progress; or the analysis of one that is over. */
export type LookAim = "end" | "analysis"

/** While details are plentiful. An analysis tells two things, score and mood, and comes sooner than an end. */
const LEAST_MS: Record<LookAim, number> = { end: 5 * SECOND, analysis: 2 * SECOND }

/** While they are scarce: one look between two polls. */
export const SPARING_MS = 8 * SECOND

/** For so long, looks are evenly spaced. */
const EVEN_MS = 90 * SECOND

/** Nudges may cease at any time: some calls are looked at whatever they told of late. */
const TOLD_MAX = 0.9

export const LOOK_EVERY_MAX_MS = 8 * MINUTE

/** How long after a look the next one is due, at something that has been awaited for so long. From 2 s to 8 minutes. */
export function lookEveryMs(aim: LookAim, awaitedMs: number, { thrift, toldShare }: LookPace): number {
  const least = LEAST_MS[aim]
  const evenly = least + (SPARING_MS - least) * thrift ** 2
  const late = Math.max(1, awaitedMs / EVEN_MS)
  const every =
    aim === "end"
      ? (evenly * Math.sqrt(late)) / (1 - Math.min(TOLD_MAX, toldShare)) ** (0.5 + 0.4 * thrift)
      : evenly * late ** (0.4 + 0.4 * thrift)
  return Math.min(LOOK_EVERY_MAX_MS, Math.round(every))
}
