/**
 * What a warm process remembers from turn to turn, so that an idle poll reads nothing. Each part has one owner, the file
 * beside this one that bears its name; the poller's state carries the versions by which a memory proves to be current.
 */
import type { BriefState } from "@earshot/core/receipt/brief-state"
import type { ChannelMemory } from "./channel-memory.ts"
import type { Turn } from "../turn.ts"
import { type CoverageMemory, createCoverageMemory } from "./coverage-memory.ts"
import { type ListMemory, createListMemory, forgetCrowds } from "./list-memory.ts"
import { type NudgeMemory, createNudgeMemory } from "./nudge-memory.ts"
import { type PresenceMemory, createPresenceMemory } from "./presence-memory.ts"
import type { RecordMemory } from "./record-memory.ts"
import type { RuleMemory } from "./rule-memory.ts"
import { type SightMemory, createSightMemory } from "./sight-memory.ts"
import { type TurnMemory, createTurnMemory } from "./turn-memory.ts"
import type { WatchMemory } from "./watch-memory.ts"

export type Memory = {
  turn: TurnMemory
  watch: WatchMemory
  rule: RuleMemory
  channel: ChannelMemory
  record: RecordMemory
  list: ListMemory
  presence: PresenceMemory
  coverage: CoverageMemory
  nudge: NudgeMemory
  sight: SightMemory
  /** How far each channel has had its daily brief, as this process last saw it. */
  briefs: Map<string, BriefState>
}

/** A process that has just started remembers nothing. */
export function createMemory(): Memory {
  return {
    turn: createTurnMemory(),
    watch: { watch: null, aheadSince: null },
    rule: { rules: null },
    channel: { known: null, subscribersCheckedAt: 0 },
    record: { records: new Map() },
    list: createListMemory(),
    presence: createPresenceMemory(),
    coverage: createCoverageMemory(),
    nudge: createNudgeMemory(),
    sight: createSightMemory(),
    briefs: new Map(),
  }
}

/**
 * After any failure, whatever it was: what may not be so is forgotten. What was counted of crowds may not have been kept. What
 * was kept is marked as owed; but the turn that has taken over may have looked before our write landed and cleared the
 * mark, so the index is asked again.
 */
export function forgetDoubtful({ turn, list }: Memory, { kind }: Pick<Turn, "kind">): void {
  forgetCrowds(list)
  // Perhaps it was only an edit of a rule that stood in a look's way: the next one asks how things stand.
  if (kind === "look") turn.control = null
  turn.dueCheckedAt = 0
}
