/** What nudges may use: whatever comes, and whichever process it reaches, a part of each hour's details. */
import { HOUR, type Instant } from "@earshot/core/instant"
import { nudgeLimit } from "@earshot/core/turn/nudge"
import type { PollReport } from "@earshot/poller/report"
import { LIMITS } from "../fleet.ts"
import type { Timeline } from "../time/timeline.ts"
import type { Findings } from "./books.ts"

type Reported = (report: PollReport) => void

/** Counts what the looks used that nudges asked for, and passes each report on. */
export function nudgeChecked(
  { now }: Timeline,
  isMistimed: (now: Instant) => boolean,
  { violated }: Findings,
  reported: Reported | undefined,
): Reported {
  const max = nudgeLimit("detail", LIMITS)
  let made: { at: Instant; details: number }[] = []
  return (report) => {
    const { nudge, details } = report
    reported?.(report)
    if (!nudge || details === 0) return
    made = [...made.filter(({ at }) => at > now() - HOUR), { at: now(), details }]
    const used = made.reduce((sum, one) => sum + one.details, 0)
    if (used > max && !isMistimed(now())) violated(`nudges used ${used} details within an hour`)
  }
}
