/** People who edit rules while polls go on. */
import type { Rule } from "@earshot/core/rule/rule"
import { type Random, integer } from "@earshot/emulators/random"
import type { Store } from "@earshot/io/store/store"
import type { Timeline } from "./timeline.ts"

/** Has the rule written at its time: the edit is announced, and written a moment later. */
export function editRule(
  { timeline, random, store }: { timeline: Timeline; random: Random; store: Store },
  rule: Rule,
): void {
  const announcedAt = Date.parse(rule.updatedAt ?? "")
  timeline.at(announcedAt, () => {
    void store.announceRules(timeline.now())
    return true
  })
  timeline.at(announcedAt + integer(random, 50, 5000), () => {
    void write(store, rule, timeline)
    return true
  })
}

/** What a snooze of it holds may go once it is ended. */
async function write(store: Store, rule: Rule, { now }: Timeline): Promise<void> {
  if (!(await store.writeRule(rule))) throw new Error(`The rule ${rule.id} was not written.`)
  if (rule.snoozedUntil !== undefined) await store.announceDue(now())
}
