/**
 * What is kept between polls. One interface with two implementations, on DynamoDB and in memory, held together
 * by one contract suite. Every write says what it expects to find, so that it can be made again without harm
 * and nobody overwrites what they have not seen.
 */
import type { CallRecord } from "@earshot/core/alert/call-record"
import type { Instant } from "@earshot/core/instant"
import type { Rule } from "@earshot/core/rule/rule"
import type { Control, ControlChange } from "@earshot/core/turn/control"
import type { Watch } from "@earshot/core/watch/watch"

export type Acquired =
  | { kind: "acquired"; control: Control }
  /** `busy`: another poll has the lease. `early`: the gate is closed. */
  | { kind: "refused"; why: "busy" | "early"; control: Control }

/** A record with the number of its writes, which the next write has to name. */
export type Versioned<T> = { version: number; value: T }

/** A call with deliveries that are not over, and when the earliest of them may be tried. */
export type DueCall = { callId: string; dueAt: Instant; pending: number }

export type Store = {
  /**
   * Starts a poll, in one write: raises the fence and closes the gate for `gateMs`, unless somebody holds the
   * lease or the gate is closed. `since` is remembered by the very first poll.
   */
  acquire: (options: { now: Instant; gateMs: number; since: Instant }) => Promise<Acquired>
  /**
   * Begins a turn between two polls: raises the fence and makes `change`, in one write. Null, and nothing changed, if
   * somebody has the lease, or if another turn has begun or a rule was edited since `known`.
   */
  beginLook: (known: Control, options: { now: Instant; change: ControlChange }) => Promise<Control | null>
  /** Changes the poller's state. False, and nothing changed, if another turn has begun since `fence`. */
  changeControl: (fence: number, change: ControlChange) => Promise<boolean>
  /** Null before the first poll. */
  readControl: () => Promise<Control | null>
  /** Announces an edit of a rule, before it is made. */
  announceRules: (now: Instant) => Promise<void>

  readWatch: () => Promise<Watch>
  /** False if the stored one is not the version before this one. */
  writeWatch: (watch: Watch) => Promise<boolean>

  readCall: (callId: string) => Promise<Versioned<CallRecord> | null>
  /** False if the stored version is not `expected`; 0: there must be none. */
  writeCall: (record: CallRecord, expected: number) => Promise<boolean>
  /**
   * The earliest first, at most `max`; those after `after`, which is the last of another answer. May not yet show what was
   * written a moment ago.
   */
  dueCalls: (max: number, after?: DueCall) => Promise<DueCall[]>

  /** All that were ever written and are kept, the deleted ones too. */
  readRules: () => Promise<Rule[]>
  readRule: (id: string) => Promise<Rule | null>
  /** False if the stored version is not the one before this rule's, and one is stored. */
  writeRule: (rule: Rule) => Promise<boolean>
}
