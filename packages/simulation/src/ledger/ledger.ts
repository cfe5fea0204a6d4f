/**
 * What must always hold in a simulation, and what is owed at its end. Knows the true facts of each call, and sees
 * all that the channels were told and all that the store has kept.
 */
import type { Reason } from "@earshot/core/alert/alert"
import type { CallRecord } from "@earshot/core/alert/call-record"
import type { Claimed, Delivery } from "@earshot/core/alert/delivery"
import type { ChannelId } from "@earshot/core/channel/channel"
import { HOUR, type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import { callKey } from "@earshot/core/watch/call-key"
import { packWatch } from "@earshot/core/watch/packed-watch"
import type { Watch } from "@earshot/core/watch/watch"
import type { Told } from "../process/listener.ts"
import type { Process, Send } from "../process/process.ts"
import { type Reader, secretIn } from "../truth/secret.ts"
import { type SimulatedCall, type Telling, firstFrom } from "../truth/traffic.ts"
import type { VendorAnswer } from "../vendor/vendor.ts"
import { type Promised, type Promising, mayHold, promisesOf, readyAt } from "./promise.ts"
import { type ObservedState, type StateLedger, createStateLedger } from "./state.ts"

export type Ledger = StateLedger & {
  violations: string[]
  falseAlerts: number
  alerts: number
  duplicates: number
  /** From when a fact was shown until it was told, in milliseconds; `old`: of calls that were long over. */
  latencies: { live: number[]; old: number[] }
  watchBytesMax: number
  violated: (what: string) => void
  remembered: (watch: Watch) => void
  kept: (record: CallRecord, process: Process) => void
  told: (told: Told) => void
  sent: (send: Send, process: Process) => void
  wrote: (text: string, reader: Reader) => void
  /** An answer has arrived whole. */
  shown: (answer: VendorAnswer) => void
  /** Ten minutes after the last fault nothing may be owed from before, or shown for long and not told. */
  checkBacklog: (calmSince: Instant) => void
  /** In the watch as it was last written. */
  openCalls: () => number
  /** What is owed when all is quiet. */
  close: (options: { since: Instant; unexamined: number; callsUntil: Instant; end: Instant }) => Closing
}

export type Closing = { missed: string[]; unpromised: number; unexamined: number; unknownOutcomes: number }

/** Above this an item does not fit into DynamoDB with room to spare. */
const WATCH_BYTES_MAX = 350_000

/** An open call takes as much as so many others. */
const OPEN_SIZE = 5

const VIOLATIONS_MAX = 100

const NO_CLAIM = { until: 0, reasons: "" }

/** When all is calm nothing that the list shows is untold for so long: the last hours are read again by then. */
const UNTOLD_MAX_MS = 45 * MINUTE

/** What is owed to a channel that is away is tried once an hour, and so it is if it fails when it is back. */
const AWAY_TELL_MS = 4 * HOUR

/** A fact of a call that began longer ago than this is found by reading the old list again. */
const LIVE_MS = 90 * MINUTE

export type Observed = Pick<
  ObservedState,
  "traffic" | "now" | "limits" | "usedInHour" | "mayBeMistimed" | "triggerMs"
> & {
  promising: Promising
  /** Whether whoever was at work in this time had the channel: what is raised without it, it is not told. */
  hadChannel: (channel: ChannelId, from: Instant, to: Instant) => boolean
  /** When details were scarce at the vendor, in order. */
  scarceAt: readonly Instant[]
  /** Latencies count until then: in the end, when there are no more calls, triggers are rare. */
  measuredUntil: Instant
  /** Told of what was kept and what was told, for those who look for a cause. */
  trace?: ((line: string) => void) | undefined
  heard?: ((told: { call: SimulatedCall; channel: string; at: Instant }) => void) | undefined
}

export function createLedger(observed: Observed): Ledger {
  const { traffic, promising, now, measuredUntil, trace, hadChannel } = observed
  const { versions } = promising
  /** Records with a delivery that is not over. */
  const owing = new Map<string, CallRecord>()
  let watch: Watch | null = null
  let open = 0
  let largest = 0
  const violations: string[] = []
  const isWatched = ({ id }: SimulatedCall) => watch?.calls.has(callKey(id)) === true
  const { oddities, downtime } = promising
  const state = createStateLedger({ ...observed, oddities, downtime, owing, isWatched, violated })

  function tellingOf({ account }: SimulatedCall, channel: "slack" | "email"): Telling {
    const telling = account[channel] ?? { times: 0, unmarked: 0, firstAt: 0, sends: [], claim: NO_CLAIM }
    account[channel] = telling
    return telling
  }

  /** Whether the rule of a reason was in force and held, by what is true. */
  function isTrue(call: SimulatedCall | undefined, { ruleId, version }: Reason): boolean {
    const cause = versions.find((one) => one.ruleId === ruleId && one.version === version)
    return call !== undefined && cause !== undefined && mayHold(cause, call, now())
  }

  function checkTold(call: SimulatedCall, promises: readonly Promised[], channel: "slack" | "email"): void {
    const at = call.account[channel]?.firstAt ?? now()
    for (const { version, by, from, deadline } of promises) {
      if (at <= deadline || !version.channels.includes(channel)) continue
      if (!hadChannel(channel, from, deadline)) continue
      // Who waits for a detail that nobody can afford may wait for long.
      if (by === "detail" && isScarce(from, deadline)) continue
      const late = Math.round((at - deadline) / 1000)
      violated(`call ${call.id} was told ${late} s late to ${channel} (${by} ${version.ruleId})`)
    }
  }

  /** Whether a rule that tells the channel holds. */
  function mayBeTold(call: SimulatedCall, channel: "slack" | "email"): boolean {
    return versions.some((version) => version.channels.includes(channel) && mayHold(version, call, now()))
  }

  /** Whether it was kept that a rule matches which tells the channel. */
  function isOwed({ account }: SimulatedCall, channel: "slack" | "email"): boolean {
    return versions.some((version) => {
      const at = version.channels.includes(channel) ? account.reasons?.get(nameOf(version)) : undefined
      return at !== undefined && hadChannel(channel, at, at)
    })
  }

  /** What is found for a call that was told before is not told again, and is looked for all the same. */
  function checkFound(call: SimulatedCall, promises: readonly Promised[]): void {
    for (const { version, by, from, deadline } of promises) {
      const at = foundAt(call, version)
      if (at === null || at <= deadline || (by === "detail" && isScarce(from, deadline))) continue
      const late = Math.round((at - deadline) / 1000)
      violated(`of call ${call.id} ${version.ruleId} was found ${late} s late (${by})`)
    }
  }

  function isScarce(from: Instant, to: Instant): boolean {
    const { scarceAt } = observed
    // Who is an hour ahead takes the time to look for over.
    if (observed.mayBeMistimed(from, to)) return true
    let low = 0
    let high = scarceAt.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((scarceAt[middle] ?? 0) < from) low = middle + 1
      else high = middle
    }
    return (scarceAt[low] ?? Number.POSITIVE_INFINITY) <= to + HOUR
  }

  /** Others may find more reasons while the message that was claimed is on its way. */
  function noteClaim(call: SimulatedCall, { alert }: CallRecord, { channel, claimedUntil }: Claimed): void {
    const mine = tellingOf(call, channel)
    if (claimedUntil === mine.claim.until) return
    mine.claim = { until: claimedUntil, reasons: (alert?.reasons ?? []).map(nameOf).join(" ") }
  }

  function note({ account }: SimulatedCall, reason: string): void {
    account.raisedAt = Math.min(account.raisedAt, now())
    account.reasons ??= new Map()
    account.reasons.set(reason, now())
  }

  function violated(what: string): void {
    if (violations.length < VIOLATIONS_MAX) violations.push(`${isoOf(now())} ${what}`)
  }

  const ledger: Ledger = {
    violations,
    falseAlerts: 0,
    alerts: 0,
    duplicates: 0,
    latencies: { live: [], old: [] },
    watchBytesMax: 0,
    violated,
    ...state,
    remembered(written) {
      watch = written
      open = 0
      for (const call of written.calls.values()) if (call.open) open++
      // Packing takes as long as half a poll, so that only those are measured that could be the largest.
      const size = written.calls.size + open * OPEN_SIZE
      if (size <= largest) return
      largest = size
      const packed = packWatch(written)
      ledger.watchBytesMax = Math.max(ledger.watchBytesMax, packed.known.length)
      if (ledger.watchBytesMax > WATCH_BYTES_MAX) violated("the watch is larger than an item may be")
    },
    openCalls: () => open,
    kept(record, process) {
      const { callId, deliveries } = record
      trace?.(`${isoOf(now())} p${process.id} keeps ${callId} ${JSON.stringify(deliveries)}`)
      const call = traffic.call(callId)
      if (call) call.account.isKept = true
      if (deliveries.every(isOver)) owing.delete(callId)
      else owing.set(callId, record)
      for (const delivery of deliveries)
        if (call && delivery.state === "claimed") noteClaim(call, record, delivery)
      for (const reason of record.alert?.reasons ?? []) {
        const name = nameOf(reason)
        if (call?.account.reasons?.has(name)) continue
        if (call) note(call, name)
        if (isTrue(call, reason)) continue
        ledger.falseAlerts++
        violated(`call ${callId} has a reason that is not true: ${name}`)
      }
      for (const send of process.sends) {
        const delivery = deliveries.find((candidate) => candidate.channel === send.channel)
        if (send.callId !== callId || delivery?.state === "claimed") continue
        if (delivery?.state !== "sent") send.isUnknown = true
        process.sends.delete(send)
      }
    },
    sent(send, process) {
      process.sends.add(send)
      const claimed = owing.get(send.callId)?.deliveries.find(({ channel }) => channel === send.channel)
      if (claimed?.state !== "claimed")
        violated(`call ${send.callId} is sent to ${send.channel} before that is kept`)
      const call = traffic.call(send.callId)
      if (!call) return
      const mine = tellingOf(call, send.channel)
      mine.sends.push(send)
      const given = send.reasons.join(" ")
      if (given !== mine.claim.reasons)
        violated(
          `call ${send.callId} is told for "${given}" to ${send.channel}, not for "${mine.claim.reasons}"`,
        )
    },
    wrote(text, reader) {
      const secret = secretIn(text, reader)
      if (secret !== null) violated(`${secret} is told to ${reader}, which must not know it`)
    },
    told({ callId, channel, mayRepeat }) {
      trace?.(`${isoOf(now())} ${channel} is told of ${callId}${mayRepeat ? ", perhaps again" : ""}`)
      const call = traffic.call(callId)
      if (!call || !mayBeTold(call, channel)) {
        ledger.falseAlerts++
        violated(`call ${callId} was told, and no rule matches that tells ${channel}`)
        return
      }
      const mine = tellingOf(call, channel)
      mine.times++
      if (!mayRepeat) mine.unmarked++
      if (mine.times > 1) {
        ledger.duplicates++
        // A claim that was made by a clock that is behind looks to everybody as if it had run out.
        if (mine.times > 1 + unknownOf(call, channel) && !observed.mayBeMistimed(now(), now()))
          violated(`call ${callId} was told ${mine.times} times to ${channel}`)
        // The first attempt may arrive after its repetition.
        if (mine.unmarked > 1) violated(`call ${callId} was told again to ${channel} without saying so`)
        return
      }
      mine.firstAt = now()
      observed.heard?.({ call, channel, at: now() })
      if (channel !== "slack") return
      ledger.alerts++
      if (now() > measuredUntil) return
      const from = readyAt(call, promising)
      if (!hadChannel(channel, from, now())) return
      // A call that is followed by its id may be told before it ends.
      const latency = Math.max(0, now() - from)
      ledger.latencies[from - call.createdAt > LIVE_MS ? "old" : "live"].push(latency)
    },
    shown({ listed, rows }) {
      for (let index = 0; index < listed.length; index++) {
        const call = listed[index]
        const row = rows[index]
        if (call && row) call.arrived = row
      }
    },
    checkBacklog(calmSince) {
      for (const { callId, deliveries } of owing.values()) {
        for (const delivery of deliveries) {
          if (isOver(delivery) || delivery.owedAt >= calmSince || observed.mayBeMistimed(now(), now()))
            continue
          if (!hadChannel(delivery.channel, now() - AWAY_TELL_MS, now())) continue
          violated(`call ${callId} is still owed to ${delivery.channel}: ${JSON.stringify(delivery)}`)
        }
      }
      const calls = traffic.callsAt(now())
      const oldest = now() - LIVE_MS
      for (let index = firstFrom(calls, oldest, (call) => call.createdAt); index < calls.length; index++) {
        const call = calls[index]
        if (!call) continue
        for (const { version, by, from } of promisesOf(call, promising)) {
          const waited = now() - from - promising.downtime(from, now())
          const isUntold = version.channels.some(
            (channel) => !wasTold(call, channel) && hadChannel(channel, from, now()),
          )
          if (by === "list" && waited > UNTOLD_MAX_MS && isUntold)
            violated(`call ${call.id} is not told after ${Math.round(waited / 1000)} s (${version.ruleId})`)
        }
      }
    },
    close({ since, unexamined, callsUntil, end }) {
      const closing: Closing = { missed: [], unpromised: 0, unexamined: 0, unknownOutcomes: 0 }
      for (const call of traffic.callsAt(end)) {
        closing.unknownOutcomes += CHANNELS.reduce((sum, channel) => sum + unknownOf(call, channel), 0)
        if (call.createdAt < since) continue
        const untold = CHANNELS.filter((channel) => isOwed(call, channel) && !wasTold(call, channel))
        if (call.account.raisedAt <= end && untold.length > 0) {
          closing.missed.push(`${call.id} has an alert that was not told to ${untold.join(" and ")}`)
          continue
        }
        const promises = promisesOf(call, promising).filter(
          ({ by, deadline }) => deadline <= (by === "old" ? callsUntil : end),
        )
        if (promises.length === 0 && !call.account.reasons && readyAt(call, promising) <= end)
          closing.unpromised++
        for (const channel of CHANNELS) if (wasTold(call, channel)) checkTold(call, promises, channel)
        checkFound(call, promises)
        const owed = promises.filter(({ version }) => foundAt(call, version) === null)
        if (owed.length === 0) continue
        const isExcused = owed.every(({ by, from, deadline }) => by === "detail" && isScarce(from, deadline))
        // Who edits a rule ends the waiting for what it needed, and so does who deletes the call, and that is not counted.
        const isWithdrawn = call.deletedAt <= end || owed.every(({ version }) => version.until <= end)
        const isMistimed = owed.every(({ from, deadline }) => observed.mayBeMistimed(from, deadline))
        if (isExcused && (isWithdrawn || isMistimed)) closing.unpromised++
        else if (isExcused && closing.unexamined < unexamined) closing.unexamined++
        else closing.missed.push(`${call.id} ${describe(call, owed)}`)
      }
      return closing
    },
  }
  return ledger
}

function nameOf({ ruleId, version }: Pick<Reason, "ruleId" | "version">): string {
  return `${ruleId}@${version}`
}

const CHANNELS = ["slack", "email"] as const

function wasTold({ account }: SimulatedCall, channel: "slack" | "email"): boolean {
  return (account[channel]?.times ?? 0) > 0
}

/** Sends of which nobody can know whether they arrived. */
function unknownOf({ account }: SimulatedCall, channel: "slack" | "email"): number {
  return (account[channel]?.sends ?? []).filter((send) => send.isUnknown).length
}

function isOver(delivery: Delivery): boolean {
  return delivery.state === "sent" || delivery.state === "dead"
}

/** When the rule became a reason; null if it did not. One that was edited may have done so by its version before. */
function foundAt({ account }: SimulatedCall, { ruleId }: { ruleId: string }): Instant | null {
  for (const [name, at] of account.reasons ?? []) if (name.startsWith(`${ruleId}@`)) return at
  return null
}

function describe(call: SimulatedCall, owed: readonly Promised[]): string {
  const facts = owed.map(({ version, by, from }) => `${version.ruleId} by ${by} from ${isoOf(from)}`)
  const seen = call.arrived ? "" : ", never read"
  const told = wasTold(call, "slack") ? ", told for another reason" : ""
  return `(${facts.join(", ")}) created ${isoOf(call.createdAt)}, ended ${isoOf(call.endedAt)}${seen}${told}`
}
