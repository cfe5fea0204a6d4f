/**
 * What must always hold in a simulation, and what is owed at its end. Knows the true facts of each call, and sees
 * all that the channels were told and all that the store has kept.
 */
import type { CallRecord } from "@earshot/core/call-record"
import type { Delivery } from "@earshot/core/delivery"
import { HOUR, type Instant, isoOf, MINUTE } from "@earshot/core/instant"
import { packWatch } from "@earshot/core/packed-watch"
import type { Watch } from "@earshot/core/watch"
import type { Acquired } from "@earshot/io/store"
import type { Process, Send } from "./simulated-process.ts"
import { matchTimes, type SimulatedCall, type Traffic } from "./simulated-traffic.ts"
import { isMatch } from "./simulated-row.ts"
import type { VendorAnswer } from "./simulated-vendor.ts"
import type { Told } from "./simulated-world.ts"

type Account = { told: number; unmarked: number; unknown: number }

export type Ledger = {
  violations: string[]
  falseAlerts: number
  alerts: number
  duplicates: number
  unknownOutcomes: number
  latencies: number[]
  watchBytesMax: number
  violated: (what: string) => void
  acquired: (acquired: Acquired) => void
  moved: (watermark: Instant) => void
  remembered: (watch: Watch) => void
  kept: (record: CallRecord, process: Process) => void
  told: (told: Told) => void
  sent: (send: Send, process: Process) => void
  /** A list has arrived whole. */
  shown: (answer: VendorAnswer) => void
  /** Ten minutes after the last fault nothing may be owed from before. */
  checkBacklog: (calmSince: Instant) => void
  /** In the watch as it was last written. */
  openCalls: () => number
  /** What is owed when all is quiet. */
  close: (options: { since: Instant; unexamined: number; end: Instant }) => Closing
}

export type Closing = { missed: string[]; beyondLookback: number; unexamined: number }

/** Above this an item does not fit into DynamoDB with room to spare. */
const WATCH_BYTES_MAX = 350_000
/** A rule from the start waits so long for what it needs. */
const SETTLE_MS = 30 * MINUTE
/** An open call takes as much as so many others. */
const OPEN_SIZE = 5
const VIOLATIONS_MAX = 100

/** A match that is in the list is told within this time, retries of a channel that is down for minutes included. */
const TELL_MAX_MS = HOUR

export type Observed = {
  traffic: Traffic
  now: () => Instant
  /** How much of a time had no triggers. */
  downtime: (from: Instant, to: Instant) => number
  /** Latencies count until then: in the end, when there are no more calls, triggers are rare. */
  measuredUntil: Instant
  /** Told of what was kept and what was told, for those who look for a cause. */
  trace?: ((line: string) => void) | undefined
}

export function createLedger({ traffic, now, downtime, measuredUntil, trace }: Observed): Ledger {
  const accounts = new Map<string, Account>()
  const sends: { send: Send; key: string }[] = []
  /** Records with a delivery that is not over. */
  const owing = new Map<string, CallRecord>()
  let open = 0
  let mark = 0
  let largest = 0
  let fence = 0

  const account = (callId: string, channel: string): Account => {
    const key = `${callId} ${channel}`
    const known = accounts.get(key)
    if (known) return known
    const created = { told: 0, unmarked: 0, unknown: 0 }
    accounts.set(key, created)
    return created
  }
  const isTrue = (callId: string, ruleId: string) => {
    const call = traffic.call(callId)
    return call !== undefined && (matchTimes(call)[ruleId] ?? Number.POSITIVE_INFINITY) <= now()
  }

  const ledger: Ledger = {
    violations: [],
    falseAlerts: 0,
    alerts: 0,
    duplicates: 0,
    unknownOutcomes: 0,
    latencies: [],
    watchBytesMax: 0,
    violated(what) {
      if (ledger.violations.length < VIOLATIONS_MAX) ledger.violations.push(`${isoOf(now())} ${what}`)
    },
    acquired(acquired) {
      if (acquired.kind !== "acquired") return
      if (acquired.control.fence <= fence) ledger.violated("the fence did not rise")
      fence = acquired.control.fence
    },
    moved(watermark) {
      if (watermark < mark) ledger.violated(`the watermark went back by ${mark - watermark} ms`)
      if (watermark > now()) ledger.violated("the watermark is ahead of the vendor's clock")
      mark = watermark
    },
    remembered(watch) {
      // Packing takes as long as half a poll, so that only those are measured that could be the largest.
      open = 0
      for (const call of watch.calls.values()) if (call.open) open++
      const size = watch.calls.size + open * OPEN_SIZE
      if (size <= largest) return
      largest = size
      const packed = packWatch(watch)
      ledger.watchBytesMax = Math.max(ledger.watchBytesMax, packed.known.length)
      if (ledger.watchBytesMax > WATCH_BYTES_MAX) ledger.violated("the watch is larger than an item may be")
    },
    openCalls: () => open,
    kept(record, process) {
      trace?.(`${isoOf(now())} p${process.id} keeps ${record.callId} ${JSON.stringify(record.deliveries)}`)
      if (record.deliveries.every(isOver)) owing.delete(record.callId)
      else owing.set(record.callId, record)
      for (const { ruleId } of record.alert?.reasons ?? []) {
        if (isTrue(record.callId, ruleId)) continue
        ledger.falseAlerts++
        ledger.violated(`call ${record.callId} has a reason that is not true: ${ruleId}`)
      }
      for (const send of process.sends) {
        const delivery = record.deliveries.find((candidate) => candidate.channel === send.channel)
        if (send.callId !== record.callId || delivery?.state === "claimed") continue
        if (delivery?.state !== "sent") send.isUnknown = true
        process.sends.delete(send)
      }
    },
    told({ callId, channel, mayRepeat }) {
      trace?.(`${isoOf(now())} ${channel} is told of ${callId}${mayRepeat ? ", perhaps again" : ""}`)
      const call = traffic.call(callId)
      if (!call || !Object.values(matchTimes(call)).some((at) => at <= now())) {
        ledger.falseAlerts++
        ledger.violated(`call ${callId} was told, and no rule matches`)
        return
      }
      const mine = account(callId, channel)
      mine.told++
      if (!mayRepeat) mine.unmarked++
      if (mine.told > 1) {
        ledger.duplicates++
        // The first attempt may arrive after its repetition.
        if (mine.unmarked > 1)
          ledger.violated(`call ${callId} was told again to ${channel} without saying so`)
        return
      }
      if (channel !== "slack") return
      const waited = now() - call.shownAt - downtime(call.shownAt, now())
      if (waited > TELL_MAX_MS) ledger.violated(`call ${callId} was told ${waited} ms after it was listed`)
      ledger.alerts++
      // A call that is followed by its id may be told before it ends.
      if (now() <= measuredUntil) ledger.latencies.push(Math.max(0, now() - readyAt(call)))
    },
    sent(send, process) {
      process.sends.add(send)
      sends.push({ send, key: `${send.callId} ${send.channel}` })
    },
    shown({ listed, rows }) {
      for (let index = 0; index < listed.length; index++) {
        const call = listed[index]
        const row = rows[index]
        if (!call || !row || call.arrived === row) continue
        call.arrived = row
        if (isMatch(row)) call.shownAt = Math.min(call.shownAt, now())
      }
    },
    checkBacklog(calmSince) {
      for (const { callId, deliveries } of owing.values()) {
        for (const delivery of deliveries) {
          if (isOver(delivery) || delivery.owedAt >= calmSince) continue
          ledger.violated(`call ${callId} is still owed to ${delivery.channel}: ${JSON.stringify(delivery)}`)
        }
      }
    },
    close({ since, unexamined, end }) {
      for (const { send, key } of sends) {
        if (!send.isUnknown) continue
        ledger.unknownOutcomes++
        const mine = accounts.get(key)
        if (mine) mine.unknown++
      }
      for (const [key, { told, unknown }] of accounts) {
        if (told > 1 + unknown) ledger.violated(`${key} was told ${told} times, ${unknown} unknown outcomes`)
      }
      const closing: Closing = { missed: [], beyondLookback: 0, unexamined: 0 }
      for (const call of traffic.callsAt(end)) {
        if (call.createdAt < since || call.deletedAt < Number.POSITIVE_INFINITY) continue
        if (readyAt(call) > end) continue
        const toSlack = accounts.get(`${call.id} slack`)?.told ?? 0
        const toEmail = accounts.get(`${call.id} email`)?.told ?? 0
        if (toSlack > 0 && toEmail > 0) continue
        const promise = promised(call, end)
        if (toSlack > 0 || toEmail > 0) closing.missed.push(`${call.id} was told to one channel only`)
        else if (promise === null) closing.beyondLookback++
        else if (promise === "by detail" && closing.unexamined < unexamined) closing.unexamined++
        else closing.missed.push(`${call.id} (${promise}) ${describe(call)}`)
      }
      return closing
    },
  }
  return ledger
}

function isOver(delivery: Delivery): boolean {
  return delivery.state === "sent" || delivery.state === "dead"
}

/** When the first rule begins to match what can be seen; details are looked at once the call has ended. */
function readyAt(call: SimulatedCall): Instant {
  const times = matchTimes(call)
  const transferred = Math.max(times["transferred"] ?? 0, call.endedAt)
  return Math.max(
    call.visibleAt,
    Math.min(times["flagged"] ?? 0, times["low-score"] ?? 0, times["angry-caller"] ?? 0, transferred),
  )
}

/**
 * Why this call should have been told; null if it was beyond what the engine promises: a fact in the list is seen
 * while the list is read from before the call's start, one in the detail until the rule settles.
 */
function promised(call: SimulatedCall, end: Instant): string | null {
  const times = matchTimes(call)
  if (call.look.isUnreadable) return null
  if (!call.arrived && end - call.visibleAt > HOUR) return "was never read"
  if (call.shownAt < Number.POSITIVE_INFINITY) return "was shown"
  const settlesAt = call.endedAt + SETTLE_MS
  const listAt = Math.max(call.visibleAt, Math.min(times["flagged"] ?? 0, times["low-score"] ?? 0))
  const openUntil = Math.min(end, call.createdAt + 5 * HOUR)
  if (listAt <= end) {
    // Until its score is there a call stays open, and is followed by its id.
    const scoredAt = times["low-score"] ?? 0
    if (Math.max(scoredAt, call.visibleAt) < Math.min(settlesAt, openUntil)) return "by detail"
    if (call.flaggedAt <= call.endedAt && call.endedAt < openUntil) return "by detail"
  }
  const detailAt = Math.min(times["angry-caller"] ?? 0, Math.max(times["transferred"] ?? 0, call.endedAt))
  return detailAt < Math.min(settlesAt, openUntil) ? "by detail" : null
}

function describe(call: SimulatedCall): string {
  const times = Object.entries({ visible: call.visibleAt, ended: call.endedAt, ...matchTimes(call) })
  const told = times
    .filter(([, at]) => at < Number.POSITIVE_INFINITY)
    .map(([what, at]) => `${what} ${isoOf(at)}`)
  return [`created ${isoOf(call.createdAt)}`, ...told].join(", ")
}
