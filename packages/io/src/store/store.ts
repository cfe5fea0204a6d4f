/**
 * What is kept between polls. This interface has two implementations, on DynamoDB and in memory, and one contract suite
 * tests both. Every write says what it expects to find. So it can be repeated without harm, and it never overwrites
 * anything that the writer has not seen.
 */
import type { CallRecord } from "@earshot/core/alert/call-record"
import type { DeadDelivery, StoredDigest } from "@earshot/core/alert/outbox"
import type { ChannelPace } from "@earshot/core/alert/pace"
import type { PartyCall } from "@earshot/core/call/party-calls"
import type { ChannelId } from "@earshot/core/channel/channel"
import type { ChannelSettings, StoredChannel } from "@earshot/core/channel/settings"
import type { BriefState } from "@earshot/core/receipt/brief-state"
import type { HourChange, ReadingGap, StoredCoverage } from "@earshot/core/receipt/hour"
import type { Instant } from "@earshot/core/instant"
import type { Presence } from "@earshot/core/rule/presence"
import type { Rule, StoredRule } from "@earshot/core/rule/rule"
import type { Control, ControlChange } from "@earshot/core/turn/control"
import type { Incidents } from "@earshot/core/turn/incident"
import type { PastPolls } from "@earshot/core/turn/past-poll"
import type { Watch } from "@earshot/core/watch/watch"
import type { ApiToken } from "./api-token.ts"

export type Acquired =
  | { kind: "acquired"; control: Control }
  /** `busy`: another poll has the lease. `early`: the gate is closed. */
  | { kind: "refused"; why: "busy" | "early"; control: Control }

/** `completedAt`, `polls`: what is to be noted of earlier polls. Absent or null: what is stored stays. */
export type Acquisition = {
  now: Instant
  gateMs: number
  since: Instant
  completedAt?: Instant | null
  polls?: PastPolls | null
}

/** A value and how often it has been written. The next write must name that number. */
export type Versioned<T> = { version: number; value: T }

/** A call with unfinished deliveries, and when the earliest of them may be attempted. */
export type DueCall = { callId: string; dueAt: Instant; pending: number }

/** Who made an edit of a rule, and what for, as far as they said. */
export type RuleEdit = { by: string | null; note: string | null }

/** A rule as it was at one version. */
export type EditedRule = RuleEdit & { rule: StoredRule }

/** Of each rule, the newest so many versions are kept for ever, and older ones for 40 days after that. */
export const RULE_VERSIONS_KEPT = 100
/** Some of the records that are kept, by the calls' ids, in that order. */
export type RecordPage = {
  records: CallRecord[]
  /** Records that cannot be read. */
  unreadable: number
  /** What was read of the table, in characters, those that were left out included where it says so. */
  size: number
  /** To read on, pass it as `after`; null: there is nothing more. */
  next: string | null
}

export type RecordSpan = {
  /** Only of calls that were first seen at this time or later. */
  since: Instant
  /** Ids greater than this one. */
  after: string
  /** Ids smaller than this one, or this one; null: to the last. */
  before: string | null
}
/** A call that people were alerted to, and when its alert was raised. */
export type AlertedCall = { callId: string; raisedAt: Instant }

export type Store = {
  /**
   * Starts a poll, in one write: raises the fence and closes the gate for `gateMs`. Refused while another turn holds the
   * lease or the gate is closed. Only the very first poll stores `since`. `completedAt`, unless it is null, notes that
   * an earlier poll completed its work then: noted here, it costs no write of its own.
   */
  acquire: (options: Acquisition) => Promise<Acquired>
  /**
   * Begins a turn between two polls: raises the fence and makes `change`, in one write. Null, with nothing changed, if
   * another turn holds the lease, or if since `known` another turn has begun or a rule was edited.
   */
  beginLook: (known: Control, options: { now: Instant; change: ControlChange }) => Promise<Control | null>
  /** Changes the poller's state. False, with nothing changed, if another turn has begun since `fence`. */
  changeControl: (fence: number, change: ControlChange) => Promise<boolean>
  /** Null before the first poll. */
  readControl: () => Promise<Control | null>
  /** The records that could not be read since this was last asked, by the calls' ids. */
  takeUnreadable: () => string[]
  /** Announces an edit of a rule or a channel, before it is made. */
  announceRules: (now: Instant) => Promise<void>

  /** `isDamaged`: what is stored cannot be read. The watch is empty then, and the next write replaces what is stored. */
  readWatch: () => Promise<Watch & { isDamaged?: true }>
  /** False if the stored version is not the one before `watch.version`. */
  writeWatch: (watch: Watch) => Promise<boolean>

  /** As if nothing ever went wrong, if what is stored cannot be read: the next write replaces it. */
  readIncidents: () => Promise<Incidents>
  /** False if the stored version is not the one before `incidents.version`. */
  writeIncidents: (incidents: Incidents) => Promise<boolean>

  /** How fast messages may go to a channel. As if nothing was ever sent, if what is stored cannot be read. */
  readPace: (channel: ChannelId) => Promise<ChannelPace>
  /** False if the stored version is not the one before `pace.version`. */
  writePace: (channel: ChannelId, pace: ChannelPace) => Promise<boolean>
  /** Notes a delivery as given up, before its record says so; kept as long as the record. */
  noteDead: (dead: DeadDelivery) => Promise<void>
  /** It is dead no more. */
  forgetDead: (dead: Pick<DeadDelivery, "channel" | "callId" | "seq">) => Promise<void>
  /** At most `max`, of all channels or of one, in an order that stays. To read on, pass the last of the previous answer as `after`. */
  deadDeliveries: (options: {
    channel?: ChannelId
    after?: Pick<DeadDelivery, "channel" | "callId" | "seq">
    max: number
  }) => Promise<DeadDelivery[]>
  /** Keeps which calls a digest is about, before it is sent; kept as long as their records. */
  keepDigest: (digest: StoredDigest) => Promise<void>
  readDigest: (id: string) => Promise<StoredDigest | null>
  /** Says that something was made due outside of a turn, after it was: the next poll looks for it. */
  announceDue: (now: Instant) => Promise<void>

  /** Null, too, if the record cannot be read. It is left alone: whoever writes then is told that a version is stored. */
  readCall: (callId: string) => Promise<Versioned<CallRecord> | null>
  /** The same of many calls, by their ids; those of which there is no record are left out. */
  readCalls: (callIds: readonly string[]) => Promise<ReadonlyMap<string, Versioned<CallRecord>>>
  /** A page of records, at most a megabyte. Written a moment ago, one may not show yet. A page may be empty before the last. */
  readRecords: (span: RecordSpan) => Promise<RecordPage>
  /** False if the stored version is not `expected`. With 0, no record may be stored yet. */
  writeCall: (record: CallRecord, expected: number) => Promise<boolean>
  /**
   * Marks a call as closed at that time without a detail that a rule needed, or takes the mark off: null. A call has one mark,
   * however often it is closed.
   */
  markUnexamined: (callId: string, at: Instant | null) => Promise<void>
  /** Calls that were marked at `since` or later. Marks are kept for two days. */
  countUnexamined: (since: Instant) => Promise<number>
  /**
   * At most `max` calls, the earliest first. To read on, pass the last call of the previous answer as `after`. A write of
   * a moment ago may not show yet.
   */
  dueCalls: (max: number, after?: DueCall) => Promise<DueCall[]>
  /**
   * At most `max` of the calls whose alerts were raised in that time, both ends included, the newest first. To read on, pass the
   * last call of the previous answer as `after`: what is raised meanwhile shifts nothing. A write of a moment ago may not show yet.
   */
  alertedCalls: (asked: {
    from: Instant
    to: Instant
    max: number
    after?: AlertedCall
  }) => Promise<AlertedCall[]>

  /**
   * Lets one edit at a time look at everything and write: limits on the whole hold only so. Null if somebody else's turn is not
   * over; one that is never released is over after `forMs`.
   */
  holdEdits: (options: { now: Instant; forMs: number }) => Promise<string | null>
  /** Changes nothing if `holder`'s turn is over already. */
  releaseEdits: (holder: string) => Promise<void>

  /** Every stored rule, including the deleted ones. */
  readRules: () => Promise<StoredRule[]>
  readRule: (id: string) => Promise<StoredRule | null>
  /** False if a version is stored that is not the one before `rule.version`. One whose version cannot be read is replaced. */
  writeRule: (rule: Rule, edit?: RuleEdit) => Promise<boolean>
  /** The rule as it was at that version, which never changes. Null if it is not kept, or was never stored: a default rule's first. */
  readRuleVersion: (id: string, version: number) => Promise<EditedRule | null>
  /** At most `max` versions, the newest first, the current one included. To read on, pass the last one's version as `before`. */
  ruleVersions: (id: string, options: { before?: number; max: number }) => Promise<EditedRule[]>

  /** Every stored token of the HTTP API, including the revoked ones. */
  readTokens: () => Promise<ApiToken[]>
  /** False if a version is stored that is not the one before `token.version`. */
  writeToken: (token: ApiToken) => Promise<boolean>

  /** Every stored channel, including the deleted ones. */
  readChannels: () => Promise<StoredChannel[]>
  readChannel: (id: string) => Promise<StoredChannel | null>
  /** False if a version is stored that is not the one before `channel.version`. One whose version cannot be read is replaced. */
  writeChannel: (channel: ChannelSettings) => Promise<boolean>

  /** Makes it known what the call's reference stands for, before anybody is given it. */
  noteReference: (callId: string) => Promise<void>
  /** The ids of the calls that the reference stands for; hardly ever more than one. */
  referredCalls: (reference: string) => Promise<readonly string[]>

  /**
   * Notes calls of one party, and answers all that are known of it that began in the last week, at most `PARTY_CALLS_MAX` of the newest.
   * `party`: a keyed hash of who it is. `calls`: one at least. A repeated write changes nothing.
   */
  notePartyCalls: (party: string, calls: readonly PartyCall[], now: Instant) => Promise<readonly PartyCall[]>

  /** Adds to what was counted on a day, such as `2026-01-05`. A repeated write counts twice. */
  addPresence: (day: string, presence: Presence) => Promise<void>
  /** All that was counted on this day and later. */
  readPresence: (firstDay: string) => Promise<Presence>

  /** Adds elements to the sets of an hour, and takes others out. A repeated write changes nothing. */
  addCoverage: (hour: Instant, change: HourChange) => Promise<void>
  /** Notes a time in which no poll completed its work. */
  noteGap: (gap: ReadingGap) => Promise<void>
  /** Stores the time from which hours are covered, unless one is stored already. */
  startCoverage: (at: Instant) => Promise<void>
  /** The hours from the one of `from` to the one of `to`, as far as anything was noted of them, and gaps that ended at `from` or later. */
  readCoverage: (span: { from: Instant; to: Instant }) => Promise<StoredCoverage>
  /** How far a channel has had its daily brief. As if never, if what is stored cannot be read. */
  readBrief: (channel: ChannelId) => Promise<BriefState>
  /** False if the stored version is not the one before `state.version`. */
  writeBrief: (channel: ChannelId, state: BriefState) => Promise<boolean>
}
