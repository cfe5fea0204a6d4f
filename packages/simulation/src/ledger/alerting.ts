/** What the store keeps and the channels are sent, compared with the truth as it happens. */
import type { Reason } from "@earshot/core/alert/alert"
import type { CallRecord } from "@earshot/core/alert/call-record"
import type { Claimed, Delivery } from "@earshot/core/alert/delivery"
import { MINUTE, isoOf } from "@earshot/core/instant"
import { type Severity, highestSeverity, isWorse } from "@earshot/core/rule/rule"
import type { Arrival } from "../process/listener.ts"
import type { Process, Send } from "../process/process.ts"
import { isSnoozedAt, wasUnsnoozed } from "../time/snooze.ts"
import type { SimulatedCall } from "../truth/call.ts"
import { accountOf, reasonName, unknownSends } from "./account.ts"
import type { Books } from "./books.ts"
import { mayHold, readyAt } from "./promise.ts"
import { isTakenBack, noteTakenBack, takenIn } from "./withdrawing.ts"

/** A fact of a call that began longer ago than this is found by reading the old list again. */
export const LIVE_MS = 90 * MINUTE

/** A record was kept: each of its reasons must be true. */
export function noteKept(books: Books, record: CallRecord, process: Process): void {
  const { callId, deliveries } = record
  const { now, owing, findings } = books
  books.trace?.(`${isoOf(now())} p${process.id} keeps ${callId} ${JSON.stringify(deliveries)}`)
  books.keepers.add(process.id)
  const call = books.traffic.call(callId)
  if (call) call.account.isKept = true
  if (owing.size > 0) books.owedAt = now()
  // What a record owes is lost with it.
  if (deliveries.every(isOver) || books.damaged.has(callId)) owing.delete(callId)
  else owing.set(callId, record)
  for (const delivery of deliveries) {
    call?.account.owed.add(delivery.channel)
    if (call && delivery.state === "claimed") noteClaim(call, record, delivery)
    // What a channel was owed that was deleted, or is off, dies after three days.
    const wasThere = books.hadChannel(delivery.channel, delivery.owedAt, now())
    if (delivery.state === "dead" && delivery.deadAt >= now() - MINUTE && wasThere)
      findings.violated(`call ${callId} is not sent to ${delivery.channel}: ${delivery.why}`)
  }
  for (const reason of record.alert?.reasons ?? []) {
    const name = reasonName(reason)
    if (call?.account.reasons?.has(name)) continue
    if (call) noteReason(books, call, name)
    if (isTrue(books, call, reason)) continue
    findings.falseAlerts++
    findings.violated(`call ${callId} has a reason that is not true: ${name}`)
  }
  settleSends(process, record)
}

/** A message has left a process: it must have been claimed first, and give the reasons of that claim. */
export function noteSent(books: Books, send: Send, process: Process): void {
  const { findings, owing, traffic, damaged, now, mayBeMistimed } = books
  const { callId, channel } = send
  process.sends.add(send)
  // It died in this very instant, at another request.
  if (process.isDead) send.isUnknown = true
  const claimed = owing
    .get(callId)
    ?.deliveries.find((delivery) => delivery.channel === channel && delivery.state === "claimed")
  // To a clock that is an hour behind another's, its claim cannot be true.
  if (!claimed && !damaged.has(callId) && !mayBeMistimed(now(), now()))
    findings.violated(`call ${callId} is sent to ${channel} before that is kept`)
  send.seq = claimed?.seq ?? 0
  const call = traffic.call(callId)
  if (!call) return
  const mine = accountOf(call, channel)
  mine.sends.push(send)
  const given = send.reasons.join(" ")
  if (given !== mine.claim.reasons)
    findings.violated(`call ${callId} is sent to ${channel} for "${given}", not for "${mine.claim.reasons}"`)
}

/** A message has arrived: a rule must match, and what is given again must be both unavoidable and marked. */
export function noteArrival(books: Books, { callId, channel, reasons, mayRepeat }: Arrival): void {
  const { now, findings } = books
  books.trace?.(`${isoOf(now())} ${channel} hears of ${callId}${mayRepeat ? ", perhaps again" : ""}`)
  const call = books.traffic.call(callId)
  const isCritical = books.promising.versions.some((version) => {
    return version.severity === "critical" && reasons.includes(reasonName(version))
  })
  if (books.restsAt(channel, isCritical) && !books.mayBeMistimed(now(), now()))
    findings.violated(`call ${callId} is told in ${channel}, which is to be left alone`)
  if (isHeld(books, reasons) && !books.mayBeMistimed(now(), now()))
    findings.violated(`call ${callId} is told in ${channel} for "${reasons.join(" ")}", which is snoozed`)
  if (call && reasons.some(isTakenBack))
    return noteTakenBack(books, call, { callId, channel, reasons, mayRepeat })
  if (!call || !mayAlert(books, call, { channel, reasons })) {
    findings.falseAlerts++
    findings.violated(
      `call ${callId} is told in ${channel} for "${reasons.join(" ")}", and no rule that goes there matches`,
    )
    return
  }
  const mine = accountOf(call, channel)
  mine.arrivals++
  if (reasons.some((reason) => mine.given.has(reason)))
    noteRepeat(books, call, { callId, channel, reasons, mayRepeat })
  else if (mine.arrivals === 1) {
    mine.firstAt = now()
    if (Object.values(call.account.sent).every((one) => one === mine || one?.arrivals === 0))
      findings.alerts++
  }
  noteSeverity(books, call, { channel, reasons })
  for (const reason of reasons) {
    if (!mine.given.has(reason)) mine.given.set(reason, now())
    if (!mayRepeat) mine.unmarked.add(reason)
  }
}

/** Whether somebody has snoozed every rule that the message gives. What is taken back is no news of a rule. */
function isHeld({ snoozes, now }: Books, reasons: readonly string[]): boolean {
  const ruleIds = reasons.map((name) => name.slice(0, name.indexOf("@")))
  if (ruleIds.length === 0 || reasons.some(isTakenBack)) return false
  return ruleIds.every((ruleId) => isSnoozedAt(snoozes, ruleId, now()))
}

function noteRepeat(books: Books, call: SimulatedCall, { channel, reasons, mayRepeat }: Arrival): void {
  const { now, findings } = books
  const mine = accountOf(call, channel)
  findings.duplicates++
  mine.repeats++
  // Everybody else sees a claim that was made by a slow clock as one that has run out.
  if (mine.repeats > unknownSends(call, channel) && !books.mayBeMistimed(now(), now()))
    findings.violated(`the alert of call ${call.id} arrived ${1 + mine.repeats} times in ${channel}`)
  // The first attempt may arrive after its repeat.
  if (!mayRepeat && reasons.some((reason) => mine.unmarked.has(reason)))
    findings.violated(`the alert of call ${call.id} arrived again in ${channel} without saying so`)
}

/** Whether the message gives worse news of the call than all before it. Then it is the one that counts. */
function noteSeverity(
  books: Books,
  call: SimulatedCall,
  { channel, reasons }: Pick<Arrival, "channel" | "reasons">,
): void {
  const severityOf = (names: Iterable<string>) => {
    const given = new Set(names)
    const causes = books.promising.versions.filter((version) => given.has(reasonName(version)))
    return causes.length === 0 ? null : highestSeverity(causes.map(({ severity }) => severity))
  }
  const severity = severityOf(reasons)
  const before = severityOf(accountOf(call, channel).given.keys())
  if (severity === null || (before !== null && !isWorse(severity, before))) return
  books.alerted?.({ call, channel, severity, at: books.now() })
  if (channel === "slack") measure(books, call, severity)
}

/** Slack stands for every channel here. */
function measure(books: Books, call: SimulatedCall, severity: Severity): void {
  const { now, promising } = books
  const { live, old } = books.findings.latencies
  live.delete(call.id)
  old.delete(call.id)
  if (now() > books.measuredUntil) return
  const from = readyAt(call, promising, severity)
  if (!books.hadChannel("slack", from, now()) || !books.tookMessages("slack", from, now())) return
  if (!promising.versions.every(({ ruleId }) => wasUnsnoozed(books.snoozes, ruleId, from, now()))) return
  // A call that is followed by its id may raise an alert before it ends.
  const latency = Math.max(0, now() - from)
  ;(from - call.createdAt > LIVE_MS ? old : live).set(call.id, latency)
}

/**
 * Others may find more reasons while the claimed message is on its way. It gives those that none before it has given, or may
 * have given and nobody knows.
 */
function noteClaim(call: SimulatedCall, { alert, deliveries }: CallRecord, claimed: Claimed): void {
  const { channel, claimedUntil } = claimed
  const mine = accountOf(call, channel)
  if (claimedUntil === mine.claim.until) return
  if (claimed.kind === "withdrawal") {
    mine.claim = { until: claimedUntil, reasons: takenIn(alert, claimed.taken ?? []) }
    return
  }
  const before = deliveries.filter(
    (other) => other.channel === channel && (other.seq ?? 0) < (claimed.seq ?? 0) && other.state === "sent",
  )
  const given = Math.max(0, ...before.map((other) => other.given ?? 0))
  const reasons = (alert?.reasons ?? []).slice(given)
  mine.claim = { until: claimedUntil, reasons: reasons.map(reasonName).join(" ") }
}

function noteReason({ now }: Books, { account }: SimulatedCall, name: string): void {
  account.raisedAt = Math.min(account.raisedAt, now())
  account.reasons ??= new Map()
  account.reasons.set(name, now())
}

/** The process now knows what came of its sends about this call, unless the record says that it does not. */
function settleSends({ sends }: Process, { callId, deliveries }: CallRecord): void {
  for (const send of sends) {
    const delivery = deliveries.find(
      ({ channel, seq = 0 }) => channel === send.channel && seq === (send.seq ?? 0),
    )
    if (send.callId !== callId || delivery?.state === "claimed") continue
    // What was refused has not arrived, and its repeat has no mark.
    if (delivery?.state !== "sent" && delivery?.mayRepeat !== false) send.isUnknown = true
    sends.delete(send)
  }
}

/** Whether the rule of a reason was in force and held, by the truth. */
function isTrue(
  { promising, now }: Books,
  call: SimulatedCall | undefined,
  { ruleId, version }: Reason,
): boolean {
  const cause = promising.versions.find((one) => one.ruleId === ruleId && one.version === version)
  return call !== undefined && cause !== undefined && mayHold(cause, call, now())
}

/** Whether one of the reasons that a message gives was kept, holds, and goes to the channel by what is set, or was since it was kept. */
function mayAlert(
  { promising, now, routing }: Books,
  call: SimulatedCall,
  { channel, reasons }: Pick<Arrival, "channel" | "reasons">,
): boolean {
  return reasons.some((name) => {
    const version = promising.versions.find((one) => reasonName(one) === name)
    const keptAt = call.account.reasons?.get(name)
    if (!version || keptAt === undefined) return false
    // It is given as it was found first. Where it goes, the rule says as it is by now.
    const later = promising.versions.filter(
      (one) => one.ruleId === version.ruleId && one.version >= version.version,
    )
    return later.some((one) => {
      const isIn = mayHold(one, call, now())
      return isIn && routing.reach(one, call, channel, { from: keptAt, to: now() }) !== "never"
    })
  })
}

export function isOver(delivery: Delivery): boolean {
  return delivery.state === "sent" || delivery.state === "dead"
}
