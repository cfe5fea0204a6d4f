/** The store as one process reaches it, and what must hold of every write, whatever goes wrong. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import type { ChannelId } from "@earshot/core/channel/channel"
import type { Instant } from "@earshot/core/instant"
import type { BriefState } from "@earshot/core/receipt/brief-state"
import type { ControlChange } from "@earshot/core/turn/control"
import type { Watch } from "@earshot/core/watch/watch"
import type { Acquired, DueCall, Store } from "@earshot/io/store/store"
import type { Timeline } from "../time/timeline.ts"
import type { Line } from "./listener.ts"
import { type Process, reach } from "./process.ts"

/** What the ledger hears of each write that took effect. */
export type StoreWatcher = {
  acquired: (acquired: Acquired) => void
  moved: (watermark: Instant) => void
  remembered: (watch: Watch) => void
  /** A poll's completion was noted, by a write of its own. */
  noted: () => void
  kept: (record: CallRecord, process: Process) => void
  /** It was noted how far a channel's daily brief is. */
  briefNoted: (channel: ChannelId, state: BriefState, process: Process) => void
  /** A call was marked as closed unexamined; null: the mark was taken off. */
  marked: (callId: string, at: Instant | null) => void
  /** It is up to this process to say that the records of these calls cannot be read. */
  took: (callIds: readonly string[], process: Process) => void
}

/** The index lags at most this far behind the writes. */
const INDEX_LAG_MS = 1000

export type SharedStore = {
  /** As it is, for what looks at it from outside. */
  store: Store
  lagging: { at: Instant; due: readonly DueCall[] }
}

export function createProcessStore(
  { network, process }: Pick<Line, "network" | "process">,
  shared: SharedStore,
  watcher: StoreWatcher,
): Store {
  const { store } = shared
  const to = { party: "store", process } as const
  const ask = <T>(effect: () => Promise<T>): Promise<T> =>
    reach(network, to, network.draw(to), effect, brokenOff)

  return {
    acquire: (options) =>
      ask(async () => {
        const acquired = await store.acquire(options)
        watcher.acquired(acquired)
        return begun(process, acquired)
      }),
    beginLook: (known, options) => ask(() => store.beginLook(known, options)),
    changeControl: (fence, change) =>
      ask(async () => {
        if (!(await store.changeControl(fence, change))) return false
        hear(watcher, change)
        return true
      }),
    readControl: () => ask(() => store.readControl()),
    announceRules: (now) => ask(() => store.announceRules(now)),
    readWatch: () => ask(() => store.readWatch()),
    writeWatch: (watch) =>
      ask(async () => {
        const isWritten = await store.writeWatch(watch)
        if (isWritten) watcher.remembered(watch)
        return isWritten
      }),
    readIncidents: () => ask(() => store.readIncidents()),
    writeIncidents: (incidents) => ask(() => store.writeIncidents(incidents)),
    readCall: (callId) => ask(() => store.readCall(callId)),
    readCalls: (callIds) => ask(() => store.readCalls(callIds)),
    readRecords: (span) => ask(() => store.readRecords(span)),
    writeCall: (record, expected) =>
      ask(async () => {
        const now = network.timeline.now()
        if (network.isFaulty() && now - shared.lagging.at > INDEX_LAG_MS)
          shared.lagging = { at: now, due: await store.dueCalls(1000) }
        const isWritten = await store.writeCall(record, expected)
        if (isWritten) watcher.kept(record, process)
        return isWritten
      }),
    dueCalls: (max, after) =>
      ask(async () => {
        const { at, due } = shared.lagging
        const isLagging = network.timeline.now() - at <= INDEX_LAG_MS
        if (!isLagging || !network.isFaulty()) return store.dueCalls(max, after)
        const first = due.findIndex(({ callId }) => callId === after?.callId) + 1
        return due.slice(first, first + max)
      }),
    alertedCalls: (asked) => network.aside(() => store.alertedCalls(asked)),
    ...leftOutOf(store, ask, process, watcher),
    ...writtenByPeople(store, ask),
    ...countedOf(store, ask),
    ...coverageOf(store, network.aside),
    ...briefsOf(store, { network, process }, watcher),
    ...outboxOf(store, ask),
  }
}

type Ask = <T>(effect: () => Promise<T>) => Promise<T>

/** Calls that nobody could examine, and those whose records nobody can read. */
function leftOutOf(store: Store, ask: Ask, process: Process, watcher: StoreWatcher) {
  return {
    markUnexamined: (callId, at) =>
      ask(async () => {
        await store.markUnexamined(callId, at)
        watcher.marked(callId, at)
      }),
    countUnexamined: (since) => ask(() => store.countUnexamined(since)),
    takeUnreadable: () => {
      const callIds = store.takeUnreadable()
      watcher.took(callIds, process)
      return callIds
    },
  } satisfies Partial<Store>
}

/** What is counted beside the calls: how often fields are there, and who calls how often. */
function countedOf(store: Store, by: Ask) {
  return {
    notePartyCalls: (party, calls, now) => by(() => store.notePartyCalls(party, calls, now)),
    addPresence: (day, presence) => by(() => store.addPresence(day, presence)),
    readPresence: (firstDay) => by(() => store.readPresence(firstDay)),
  } satisfies Partial<Store>
}

/** What receipts and daily briefs are made of. */
function coverageOf(store: Store, by: Ask) {
  return {
    addCoverage: (hour, change) => by(() => store.addCoverage(hour, change)),
    noteGap: (gap) => by(() => store.noteGap(gap)),
    startCoverage: (at) => by(() => store.startCoverage(at)),
    readCoverage: (span) => by(() => store.readCoverage(span)),
    readBrief: (channel) => by(() => store.readBrief(channel)),
    writeBrief: (channel, state) => by(() => store.writeBrief(channel, state)),
  } satisfies Partial<Store>
}

/** How far daily briefs are, of which the ledger hears. */
function briefsOf(
  store: Store,
  { network, process }: Pick<Line, "network" | "process">,
  watcher: StoreWatcher,
) {
  return {
    writeBrief: (channel, state) =>
      network.aside(async () => {
        const isWritten = await store.writeBrief(channel, state)
        if (isWritten) watcher.briefNoted(channel, state, process)
        return isWritten
      }),
  } satisfies Partial<Store>
}

/** The outbox beside the calls' records, and what references stand for. */
function outboxOf(store: Store, ask: Ask) {
  return {
    readPace: (channel) => ask(() => store.readPace(channel)),
    writePace: (channel, pace) => ask(() => store.writePace(channel, pace)),
    noteDead: (dead) => ask(() => store.noteDead(dead)),
    forgetDead: (dead) => ask(() => store.forgetDead(dead)),
    deadDeliveries: (options) => ask(() => store.deadDeliveries(options)),
    keepDigest: (digest) => ask(() => store.keepDigest(digest)),
    readDigest: (id) => ask(() => store.readDigest(id)),
    announceDue: (now) => ask(() => store.announceDue(now)),
    noteReference: (callId) => ask(() => store.noteReference(callId)),
    referredCalls: (reference) => ask(() => store.referredCalls(reference)),
  } satisfies Partial<Store>
}

/** What people write over HTTP: rules and channels. */
function writtenByPeople(store: Store, by: Ask) {
  return {
    holdEdits: (options) => by(() => store.holdEdits(options)),
    releaseEdits: (holder) => by(() => store.releaseEdits(holder)),
    readTokens: () => by(() => store.readTokens()),
    writeToken: (token) => by(() => store.writeToken(token)),
    readRules: () => by(() => store.readRules()),
    readRule: (id) => by(() => store.readRule(id)),
    writeRule: (rule, edit) => by(() => store.writeRule(rule, edit)),
    readRuleVersion: (id, version) => by(() => store.readRuleVersion(id, version)),
    ruleVersions: (id, options) => by(() => store.ruleVersions(id, options)),
    readChannels: () => by(() => store.readChannels()),
    readChannel: (id) => by(() => store.readChannel(id)),
    writeChannel: (channel) => by(() => store.writeChannel(channel)),
  } satisfies Partial<Store>
}

function hear(watcher: StoreWatcher, { watermark, completedAt }: ControlChange): void {
  if (typeof watermark === "number") watcher.moved(watermark)
  if (completedAt !== undefined) watcher.noted()
}

/** The store never reports trouble of its own. */
const brokenOff = () => undefined

/** The same store, with the virtual time standing still while it works. */
export function holding({ holder }: Timeline, store: Store): Store {
  const hold = async <T>(work: () => Promise<T>): Promise<T> => {
    const held = holder()
    held.hold()
    try {
      return await work()
    } finally {
      held.release()
    }
  }
  return {
    acquire: (options) => hold(() => store.acquire(options)),
    beginLook: (known, options) => hold(() => store.beginLook(known, options)),
    changeControl: (fence, change) => hold(() => store.changeControl(fence, change)),
    readControl: () => hold(() => store.readControl()),
    takeUnreadable: () => store.takeUnreadable(),
    announceRules: (now) => hold(() => store.announceRules(now)),
    readWatch: () => hold(() => store.readWatch()),
    writeWatch: (watch) => hold(() => store.writeWatch(watch)),
    readIncidents: () => hold(() => store.readIncidents()),
    writeIncidents: (incidents) => hold(() => store.writeIncidents(incidents)),
    readCall: (callId) => hold(() => store.readCall(callId)),
    readCalls: (callIds) => hold(() => store.readCalls(callIds)),
    readRecords: (span) => hold(() => store.readRecords(span)),
    writeCall: (record, expected) => hold(() => store.writeCall(record, expected)),
    dueCalls: (max, after) => hold(() => store.dueCalls(max, after)),
    alertedCalls: (asked) => hold(() => store.alertedCalls(asked)),
    markUnexamined: (callId, at) => hold(() => store.markUnexamined(callId, at)),
    countUnexamined: (since) => hold(() => store.countUnexamined(since)),
    ...writtenByPeople(store, hold),
    ...countedOf(store, hold),
    ...coverageOf(store, hold),
    readPace: (channel) => hold(() => store.readPace(channel)),
    writePace: (channel, pace) => hold(() => store.writePace(channel, pace)),
    noteDead: (dead) => hold(() => store.noteDead(dead)),
    forgetDead: (dead) => hold(() => store.forgetDead(dead)),
    deadDeliveries: (options) => hold(() => store.deadDeliveries(options)),
    keepDigest: (digest) => hold(() => store.keepDigest(digest)),
    readDigest: (id) => hold(() => store.readDigest(id)),
    announceDue: (now) => hold(() => store.announceDue(now)),
    noteReference: (callId) => hold(() => store.noteReference(callId)),
    referredCalls: (reference) => hold(() => store.referredCalls(reference)),
  }
}

function begun(process: Process, acquired: Acquired): Acquired {
  if (acquired.kind === "acquired") process.polls++
  return acquired
}
