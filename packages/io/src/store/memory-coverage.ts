/** What is known of each hour's calls, and the daily briefs, in memory: a part of the store that tests and simulations use. */
import { type BriefState, NO_BRIEF } from "@earshot/core/receipt/brief-state"
import {
  COVERAGE_SETS,
  type HourCoverage,
  NO_COVERAGE,
  type ReadingGap,
  hourOf,
} from "@earshot/core/receipt/hour"
import type { Instant } from "@earshot/core/instant"
import type { Store } from "./store.ts"

export function createCoverage() {
  const hours = new Map<Instant, HourCoverage>()
  const gaps = new Map<Instant, ReadingGap>()
  const briefs = new Map<string, BriefState>()
  let since: Instant | null = null
  return {
    addCoverage: async (hour, { add, remove }) => {
      const known = hours.get(hour) ?? NO_COVERAGE
      const sets = COVERAGE_SETS.map((name) => {
        const set = new Set([...known[name], ...(add[name] ?? [])])
        for (const element of remove[name] ?? []) set.delete(element)
        return [name, set] as const
      })
      hours.set(hour, { ...NO_COVERAGE, ...Object.fromEntries(sets) })
    },
    noteGap: async (gap) => void gaps.set(gap.to, gap),
    startCoverage: async (at) => {
      since ??= at
    },
    readCoverage: async ({ from, to }) => ({
      since,
      hours: new Map([...hours].filter(([hour]) => hour >= hourOf(from) && hour <= to)),
      gaps: [...gaps.values()].filter((gap) => gap.to >= from),
    }),
    readBrief: async (channel) => briefs.get(channel) ?? NO_BRIEF,
    writeBrief: async (channel, state) => {
      if ((briefs.get(channel) ?? NO_BRIEF).version !== state.version - 1) return false
      briefs.set(channel, Object.freeze(state))
      return true
    },
  } satisfies Partial<Store>
}
