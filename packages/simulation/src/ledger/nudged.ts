/** What nudges may use: whatever comes, and whichever process it reaches, a part of each hour's details and of the lists that polls leave. */
import { HOUR, type Instant } from "@earshot/core/instant"
import { nudgeLimit } from "@earshot/core/turn/nudge"
import { LIMITS } from "../fleet.ts"
import type { Process } from "../process/process.ts"
import type { Timeline } from "../time/timeline.ts"
import type { Findings } from "./books.ts"

/**
 * Counts, by the requests themselves, what the looks used that nudges asked for. It is told at the end of each, which may be long after
 * they were made: they count from when the look began.
 */
export function nudgeChecked(
  { now }: Pick<Timeline, "now">,
  isMistimed: (now: Instant) => boolean,
  { violated }: Pick<Findings, "violated">,
): (asked: Process["asked"], begunAt: Instant) => void {
  let made: (Process["asked"] & { at: Instant })[] = []
  return (asked, begunAt) => {
    if (asked.list + asked.detail === 0) return
    made = [...made.filter(({ at }) => at > now() - HOUR), { at: begunAt, ...asked }]
    for (const kind of ["list", "detail"] as const) {
      const used = made.reduce((sum, one) => sum + one[kind], 0)
      const isTooMuch = asked[kind] > 0 && used > nudgeLimit(kind, LIMITS) && !isMistimed(now())
      if (isTooMuch) violated(`nudges used ${used} ${kind} requests within an hour`)
    }
  }
}
