/** What GET /status says of nudges: whether they come, what they have brought and what they have used. */
import { type Instant, isoOf } from "@earshot/core/instant"
import type { Limits, RequestKind } from "@earshot/core/turn/budget"
import { type Control, FIRST_CONTROL } from "@earshot/core/turn/control"
import { nudgeLimit, nudgesOfDay, nudgesUsed } from "@earshot/core/turn/nudge"
import * as z from "zod"

const Count = z.number().int().min(0)

const Used = z.object({ used: Count, limit: Count })

export const NudgeStatus = z.object({
  lastAt: z.iso
    .datetime()
    .nullable()
    .describe("When a nudge last came, or up to ten minutes before; null: none ever has."),
  looks: Count.describe("Looks that nudges have begun today, in UTC."),
  sooner: Count.describe("Calls whose end one of them has noticed, before a poll did."),
  list: Used.describe("Lists that nudges have used within the hour or a quarter more, and may use."),
  detail: Used.describe("The same for details."),
})

export function nudgeStatus(
  control: Control | null,
  limits: Limits,
  now: Instant,
): z.infer<typeof NudgeStatus> {
  const { nudges } = control ?? FIRST_CONTROL
  const usedOf = (kind: RequestKind) => ({
    used: nudgesUsed(nudges, kind, now),
    limit: nudgeLimit(kind, limits),
  })
  return {
    lastAt: nudges.at === 0 ? null : isoOf(nudges.at),
    ...nudgesOfDay(nudges, now),
    list: usedOf("list"),
    detail: usedOf("detail"),
  }
}
