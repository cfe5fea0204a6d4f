/** People who snooze rules while polls go on, for an hour to a week, and may end it early: for some of the later seeds. */
import { DAY, HOUR, type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { type Random, between, chance, createRandom, logBetween } from "@earshot/emulators/random"
import type { RuleVersion } from "../truth/rule.ts"
import type { PlannedTime } from "./fault.ts"
import { PLAIN_SEEDS } from "./wrong-clock.ts"

/** `to`: when it is over, by itself or because somebody ended it. */
export type Snooze = { ruleId: string; from: Instant; to: Instant; isLifted: boolean }

/** All is over so long before there are no more calls. */
const REST_OF_DAY_MS = HOUR

/** After that, what a snooze has held has been sent, whatever fails meanwhile. */
const CATCH_UP_MS = 45 * MINUTE

/** A message may have been on its way when the snooze began, and clocks differ. */
const BEGINNING_MS = 3 * MINUTE

/** The snoozes, and the versions of rules with those that they make: nothing but the snooze is new in them. */
export function planSnoozes(
  options: PlannedTime,
  versions: readonly RuleVersion[],
): { snoozes: Snooze[]; versions: readonly RuleVersion[] } {
  const { seed, profile, start, end } = options
  const random = createRandom("snoozes", seed, profile)
  if (seed <= PLAIN_SEEDS || end - start < 4 * HOUR) return { snoozes: [], versions }
  const lasts = [...new Set(versions.map(({ ruleId }) => ruleId))].flatMap(
    (id) => versions.findLast(({ ruleId }) => ruleId === id) ?? [],
  )
  const all = [...versions]
  const snoozes: Snooze[] = []
  for (const last of lasts) {
    const snooze = chance(random, 0.3) ? snoozeOf(last, options, random) : null
    if (!snooze || last.rule?.mode === "off" || last.rule?.mode === "shadow") continue
    const { from, to, isLifted } = snooze
    const until = isLifted ? Math.min(from + 7 * DAY, to + 3 * HOUR) : to
    const written = withSnooze(last, from, isoOf(until))
    const ended = isLifted ? [withSnooze(written, to, null)] : []
    all.splice(all.indexOf(last), 1, { ...last, until: from }, ...closed([written, ...ended]))
    snoozes.push(snooze)
  }
  return { snoozes, versions: all.sort((a, b) => a.from - b.from) }
}

function snoozeOf(last: RuleVersion, { start, end }: PlannedTime, random: Random): Snooze | null {
  const from = Math.max(
    last.from + 10 * MINUTE,
    start + Math.round((end - start) * between(random, 0.1, 0.6)),
  )
  const forMs = Math.round(logBetween(random, HOUR, Math.min(7 * DAY, end - start)))
  const latest = end - REST_OF_DAY_MS
  const isLifted = from + forMs > latest || chance(random, 0.3)
  const to = isLifted
    ? Math.round(from + Math.min(forMs, latest - from) * between(random, 0.3, 0.9))
    : from + forMs
  return to - from < 20 * MINUTE ? null : { ruleId: last.ruleId, from, to, isLifted }
}

/** The next version, which says the same. */
function withSnooze(before: RuleVersion, at: Instant, snoozedUntil: string | null): RuleVersion {
  const { ruleId, version } = before
  const known = before.rule ?? DEFAULT_RULES.find(({ id }) => id === ruleId)
  if (!known) throw new Error(`Nobody has written ${ruleId}.`)
  const rule = { ...known, version: version + 1, updatedAt: isoOf(at), snoozedUntil }
  return { ...before, version: version + 1, from: at, rule }
}

/** Each until the next. */
function closed(versions: readonly RuleVersion[]): RuleVersion[] {
  return versions.map((version, index) => ({ ...version, until: versions[index + 1]?.from ?? version.until }))
}

/** Whether the rule is surely snoozed now, for everybody. */
export function isSnoozedAt(snoozes: readonly Snooze[], ruleId: string, now: Instant): boolean {
  return snoozes.some((snooze) => {
    return snooze.ruleId === ruleId && snooze.from + BEGINNING_MS < now && now < snooze.to - BEGINNING_MS
  })
}

/** Whether the rule was not snoozed in this time, and had nothing left from before. */
export function wasUnsnoozed(
  snoozes: readonly Snooze[],
  ruleId: string,
  from: Instant,
  to: Instant,
): boolean {
  return snoozes.every((snooze) => {
    return snooze.ruleId !== ruleId || snooze.to + CATCH_UP_MS < from || snooze.from - BEGINNING_MS > to
  })
}
