/** What GET /status says of nudges: whether they come, what they have brought and what they have used. */
import { type Instant, isoOf } from "@earshot/core/instant"
import type { Limits, RequestKind } from "@earshot/core/turn/budget"
import { type Control, FIRST_CONTROL } from "@earshot/core/turn/control"
import { nudgeLimit, nudgesOfDay, nudgesUsed } from "@earshot/core/turn/nudge"
import {
  NUDGE_SILENCE_MS,
  areNudgesSilent,
  callsOver,
  nudgeSilence,
} from "@earshot/core/receipt/nudge-silence"
import type { Store } from "@earshot/io/store/store"
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
  silence: z
    .string()
    .nullable()
    .describe("What to say if nudges are taken and none has come within a day, though calls ended; or null."),
})

export function nudgeStatus(
  control: Control | null,
  limits: Limits,
  now: Instant,
): Omit<z.infer<typeof NudgeStatus>, "silence"> {
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

/** The calls of the day are read only where there may be something to say. */
export async function nudgeSilenceIn(
  store: Store,
  control: Control | null,
  isTaking: boolean,
  now: Instant,
): Promise<string | null> {
  const { at } = (control ?? FIRST_CONTROL).nudges
  if (!isTaking || !areNudgesSilent(at, now)) return null
  const coverage = await store.readCoverage({ from: now - NUDGE_SILENCE_MS, to: now })
  return nudgeSilence(at, callsOver(coverage), now)
}
