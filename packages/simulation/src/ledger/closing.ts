/** What must have been alerted by a certain time: once the faults have passed, and at the end of a simulation. */
import type { ChannelId } from "@earshot/core/channel/channel"
import { HOUR, type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import { Severity } from "@earshot/core/rule/rule"
import { wasUnsnoozed } from "../time/snooze.ts"
import type { SimulatedCall } from "../truth/call.ts"
import type { RuleVersion } from "../truth/rule.ts"
import { firstFrom } from "../truth/call.ts"
import { foundAt, reasonName, unknownSends, wasAlerted } from "./account.ts"
import { LIVE_MS, isOver } from "./alerting.ts"
import type { Books } from "./books.ts"
import { type Promised, promisesOf, readyAt } from "./promise.ts"
import { uninherited } from "./inheriting.ts"
import { untaken } from "./withdrawing.ts"

export type Closing = { missed: string[]; unpromised: number; unexamined: number; unknownOutcomes: number }

export type ClosingTime = {
  /** Calls that began before are nobody's business. */
  since: Instant
  /** What the reading of old calls finds is owed until then; the rest until `end`. */
  callsUntil: Instant
  end: Instant
}

/** When all is calm, nothing that the list shows waits this long: the last hours have been read again by then. */
const BACKLOG_MAX_MS = 45 * MINUTE

/** Where all times are off, the first hours go by before anybody knows. */
const isNoticed = ({ promising, now }: Books, from: Instant) =>
  promising.oddities.stampsMs === 0 || now() - from > 7 * HOUR

/** A channel that is away is tried once an hour, and again after an hour if its first try fails when it is back. */
const AWAY_SEND_MS = 4 * HOUR

/** Ten minutes after the last fault nothing from before it may be owed, nor anything have been shown for long. */
export function checkBacklog(books: Books, calmSince: Instant): void {
  const { now, findings, promising } = books
  const hadChannel = reachable(books)
  for (const { callId, alert, deliveries } of books.owing.values()) {
    for (const delivery of deliveries) {
      if (isOver(delivery) || delivery.owedAt >= calmSince || books.mayBeMistimed(now(), now())) continue
      if (!hadChannel(delivery.channel, now() - AWAY_SEND_MS, now())) continue
      if (isSnoozed(books, alert?.reasons ?? [])) continue
      findings.violated(`call ${callId} is still owed to ${delivery.channel}: ${JSON.stringify(delivery)}`)
    }
  }
  const calls = books.traffic.callsAt(now())
  const oldest = now() - LIVE_MS
  for (let index = firstFrom(calls, oldest, (call) => call.createdAt); index < calls.length; index++) {
    const call = calls[index]
    if (!call || books.damaged.has(call.id)) continue
    for (const { version, by, from } of promisesOf(call, promising)) {
      const waited = now() - from - promising.downtime(from, now())
      const isMissing = books.routing.ids.some(
        (channel) =>
          !wasAlerted(call, channel) &&
          hadChannel(channel, from, now()) &&
          wasUnsnoozed(books.snoozes, version.ruleId, from, now()) &&
          mustReach(books, call, version, { channel, from, to: now() }),
      )
      if (by === "list" && waited > BACKLOG_MAX_MS && isMissing && isNoticed(books, from))
        findings.violated(
          `call ${call.id} has raised no alert after ${Math.round(waited / 1000)} s (${version.ruleId})`,
        )
    }
  }
}

/** Whether one of the reasons may be held back, or was until lately. */
function isSnoozed({ snoozes, now }: Books, reasons: readonly { ruleId: string }[]): boolean {
  return reasons.some(({ ruleId }) => !wasUnsnoozed(snoozes, ruleId, now(), now()))
}

/** Whether the channel was there and took what it was sent. */
function reachable({ hadChannel, tookMessages }: Books): Books["hadChannel"] {
  return (channel, from, to) => hadChannel(channel, from, to) && tookMessages(channel, from, to)
}

/** What is owed when all is quiet. */
export function closeBooks(books: Books, time: ClosingTime): Closing {
  const closing: Closing = { missed: [], unpromised: 0, unexamined: 0, unknownOutcomes: 0 }
  for (const call of books.traffic.callsAt(time.end)) {
    closing.unknownOutcomes += books.routing.ids.reduce(
      (sum, channel) => sum + unknownSends(call, channel),
      0,
    )
    if (call.createdAt >= time.since && !books.damaged.has(call.id)) closeCall(books, call, time, closing)
  }
  return closing
}

function closeCall(
  books: Books,
  call: SimulatedCall,
  { callsUntil, end }: ClosingTime,
  closing: Closing,
): void {
  const { promising } = books
  const { ids } = books.routing
  const open = ids.filter((channel) => isOpenAtEnd(books, call, channel, end))
  const silent = open.filter((channel) => isOwed(books, call, channel, end) && !wasAlerted(call, channel))
  if (call.account.raisedAt <= end && silent.length > 0) {
    closing.missed.push(`${call.id} has an alert that did not arrive in ${silent.join(" and ")}`)
    return
  }
  if (call.account.raisedAt <= end && ids.every((channel) => !wasAlerted(call, channel)))
    closing.missed.push(`${call.id} has an alert, and nobody was told`)
  const untold = open.filter((channel) => isWorseUntold(books, call, channel, end))
  if (untold.length > 0) closing.missed.push(`${call.id} is worse than was said in ${untold.join(" and ")}`)
  for (const what of uninherited(books, call, end))
    closing.missed.push(`${call.id} was told nowhere: ${what}`)
  for (const what of untaken(books, call, end)) closing.missed.push(`${call.id} was not taken back: ${what}`)
  const promises = promisesOf(call, promising).filter(
    ({ by, deadline }) => deadline <= (by === "old" ? callsUntil : end),
  )
  if (promises.length === 0 && !call.account.reasons && readyAt(call, promising) <= end) closing.unpromised++
  for (const channel of ids) if (wasAlerted(call, channel)) checkAlerted(books, call, promises, channel)
  checkFound(books, call, promises)
  const owed = promises.filter(({ version }) => foundAt(call, version) === null)
  if (owed.length === 0) return
  const isExcused = owed.every((promise) => isExcusable(books, promise))
  // Editing a rule, or deleting the call, ends the wait for what the rule needed; neither is counted.
  const isWithdrawn = call.deletedAt <= end || owed.every(({ version }) => version.until <= end)
  const isMistimed = owed.every(({ from, deadline }) => books.mayBeMistimed(from, deadline))
  // When there was a detail to spare again, it had nothing more to tell.
  const isPassed = owed.every(({ until }) => until <= (books.examined.get(call.id) ?? 0))
  if (isExcused && (isWithdrawn || isMistimed || isPassed)) closing.unpromised++
  // Only for the very calls of which the poller says so.
  else if (isExcused && books.unexamined.has(call.id)) closing.unexamined++
  else closing.missed.push(`${call.id} ${describe(call, owed)}`)
}

function checkAlerted(
  books: Books,
  call: SimulatedCall,
  promises: readonly Promised[],
  channel: ChannelId,
): void {
  const at = call.account.sent[channel]?.firstAt ?? books.now()
  for (const promise of promises) {
    const { version, by, from, deadline } = promise
    if (at <= deadline || !mustReach(books, call, version, { channel, from, to: deadline })) continue
    if (!reachable(books)(channel, from, deadline) || isExcusable(books, promise)) continue
    if (!wasUnsnoozed(books.snoozes, version.ruleId, from, deadline)) continue
    const late = Math.round((at - deadline) / 1000)
    books.findings.violated(
      `the alert of call ${call.id} arrived ${late} s late in ${channel} (${by} ${version.ruleId})`,
    )
  }
}

/** A reason found after the call's alert was sent sends nothing more, and must be looked for all the same. */
function checkFound(books: Books, call: SimulatedCall, promises: readonly Promised[]): void {
  for (const promise of promises) {
    const { version, by, deadline } = promise
    const at = foundAt(call, version)
    if (at === null || at <= deadline || isExcusable(books, promise)) continue
    const late = Math.round((at - deadline) / 1000)
    books.findings.violated(`of call ${call.id} ${version.ruleId} was found ${late} s late (${by})`)
  }
}

/**
 * Whether the alert of this version goes to the channel, whatever was edited in this time. Where a rule names channels that are not there
 * and one of them was owed the alert before, nobody takes its place.
 */
function mustReach(
  { routing }: Books,
  call: SimulatedCall,
  version: RuleVersion,
  { channel, from, to }: { channel: ChannelId; from: Instant; to: Instant },
): boolean {
  if (routing.reach(version, call, channel, { from, to }) !== "always") return false
  const { named } = version
  return !named || named.includes(channel) || !named.some((id) => call.account.owed.has(id))
}

/** Whether there is such a channel by the end, and was for long enough to have been sent what it was owed. */
function isOpenAtEnd(
  { hadChannel }: Books,
  { account }: SimulatedCall,
  channel: ChannelId,
  end: Instant,
): boolean {
  return hadChannel(channel, Math.max(end - AWAY_SEND_MS, Math.min(account.raisedAt, end)), end)
}

/** Whether the channel was owed it, and is still. What somebody else was given, a new channel of the same name is not. */
function mustKeep(
  books: Books,
  call: SimulatedCall,
  version: RuleVersion,
  { channel, from, to }: { channel: ChannelId; from: Instant; to: Instant },
): boolean {
  if (books.routing.wasDeleted(channel, from, to)) return false
  return mustReach(books, call, version, { channel, from, to: from })
}

/** Whether it was kept that a rule which alerts the channel matches. */
function isOwed(books: Books, call: SimulatedCall, channel: ChannelId, end: Instant): boolean {
  return books.promising.versions.some((version) => {
    const at = call.account.reasons?.get(reasonName(version))
    return at !== undefined && mustKeep(books, call, version, { channel, from: at, to: end })
  })
}

/** Whether it was kept that a rule which alerts the channel matches, and nothing as bad was ever given there. */
function isWorseUntold(books: Books, call: SimulatedCall, channel: ChannelId, end: Instant): boolean {
  const { versions } = books.promising
  const { account } = call
  const rankOf = (name: string) => {
    const version = versions.find((one) => reasonName(one) === name)
    return version ? Severity.options.indexOf(version.severity) : -1
  }
  const given = Math.max(-1, ...[...(account.sent[channel]?.given.keys() ?? [])].map(rankOf))
  return versions.some((version) => {
    const name = reasonName(version)
    const at = account.reasons?.get(name)
    if (at === undefined || at > end || rankOf(name) <= given) return false
    return mustKeep(books, call, version, { channel, from: at, to: end })
  })
}

/** A detail that nobody can afford may take long. */
function isExcusable(books: Books, { by, from, deadline }: Promised): boolean {
  return by === "detail" && isScarce(books, from, deadline)
}

function isScarce({ scarceAt, mayBeMistimed }: Books, from: Instant, to: Instant): boolean {
  // To a clock that is an hour ahead the time for looking is over.
  if (mayBeMistimed(from, to)) return true
  let low = 0
  let high = scarceAt.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((scarceAt[middle] ?? 0) < from) low = middle + 1
    else high = middle
  }
  return (scarceAt[low] ?? Number.POSITIVE_INFINITY) <= to + HOUR
}

function describe(call: SimulatedCall, owed: readonly Promised[]): string {
  const facts = owed.map(({ version, by, from }) => `${version.ruleId} by ${by} from ${isoOf(from)}`)
  const seen = call.arrived ? "" : ", never read"
  const alerted = wasAlerted(call, "slack") ? ", alerted for another reason" : ""
  return `(${facts.join(", ")}) created ${isoOf(call.createdAt)}, ended ${isoOf(call.endedAt)}${seen}${alerted}`
}
