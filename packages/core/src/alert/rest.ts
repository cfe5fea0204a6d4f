/**
 * What rests although it is due: by a channel's quiet hours, or because somebody snoozed the channel or a rule. It stays owed,
 * is held back, and is sent once that is over. A critical alert is not held by quiet hours, unless the channel is set so; a snooze holds everything,
 * because a person asked for it.
 */
import { type QuietSettings, quietUntil } from "../channel/quiet.ts"
import type { ChannelSettings } from "../channel/settings.ts"
import { believable } from "../clock.ts"
import { DAY, HOUR, type Instant, earliest, instantOf } from "../instant.ts"
import type { Severity } from "../rule/rule.ts"

/** Snoozes are for so long, and end by themselves. */
export const SNOOZE_MIN_MS = HOUR

export const SNOOZE_MAX_MS = 7 * DAY

/** What of a channel's settings holds messages back. What is missing holds none. */
export type RestSettings = Partial<QuietSettings & Pick<ChannelSettings, "criticalPasses" | "snoozedUntil">>

/** A reason that a message is news of. */
type News = { ruleId: string; severity: Severity }

/** Until when each rule is snoozed that is; others are absent. */
export type SnoozedRules = ReadonlyMap<string, Instant>

/** Until when somebody has snoozed it; null: nobody has, or that is over. A snooze that is too long was written by a wrong clock. */
export function snoozedUntil(
  { snoozedUntil: text }: { snoozedUntil?: string | null | undefined },
  now: Instant,
): Instant | null {
  const until = believable(instantOf(text ?? null) ?? 0, { waitMaxMs: SNOOZE_MAX_MS, now })
  return until > now ? until : null
}

export const NO_SNOOZES: SnoozedRules = new Map()

export function snoozedRules(
  rules: readonly { id: string; snoozedUntil?: string | null | undefined }[],
  now: Instant,
): SnoozedRules {
  return new Map(
    rules.flatMap((rule) => {
      const until = snoozedUntil(rule, now)
      return until === null ? [] : [[rule.id, until] as const]
    }),
  )
}

/** Snoozes and quiet hours follow each other at most this often. */
const STEPS_MAX = 8

/** Until when the channel holds back news of these reasons; null: it may be sent. `[]`: of no rule, as when one is taken back. */
export function restUntil(
  channel: RestSettings,
  news: readonly News[],
  rules: SnoozedRules,
  now: Instant,
): Instant | null {
  let until = now
  for (let step = 0; step < STEPS_MAX; step++) {
    const next = nextRest(channel, news, rules, until)
    if (next === null || next <= until) break
    until = next
  }
  return until > now ? until : null
}

function nextRest(
  channel: RestSettings,
  news: readonly News[],
  rules: SnoozedRules,
  now: Instant,
): Instant | null {
  const snoozed = snoozedUntil(channel, now)
  if (snoozed !== null) return snoozed
  const awake = news.filter(({ ruleId }) => (rules.get(ruleId) ?? 0) <= now)
  if (news.length > 0 && awake.length === 0) {
    return news.reduce<Instant | null>(
      (first, { ruleId }) => earliest(first, rules.get(ruleId) ?? null),
      null,
    )
  }
  const { quietHours = null, timeZone = "UTC", criticalPasses = true } = channel
  if (criticalPasses && awake.some(({ severity }) => severity === "critical")) return null
  return quietUntil({ quietHours, timeZone }, now)
}

/** News that is as urgent as any: what is wrong with another channel. */
export const URGENT_NEWS: readonly News[] = [{ ruleId: "", severity: "critical" }]

/** What is not critical. */
export const USUAL_NEWS: readonly News[] = [{ ruleId: "", severity: "warning" }]
