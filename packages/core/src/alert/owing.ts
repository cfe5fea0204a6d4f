/**
 * Which messages a call's alert owes to which channels. The first message to a channel is the alert; a reason that is found
 * after it and is worse than all that the channel has been given is owed a follow-up, so that the worst news always arrives. What
 * is not true any more is said after that, in a message of its own.
 */
import type { Facts } from "../call/facts.ts"
import type { ChannelId } from "../channel/channel.ts"
import type { Instant } from "../instant.ts"
import type { Judgement, Verdict } from "../rule/judgement.ts"
import { type Severity, highestSeverity, isWorse } from "../rule/rule.ts"
import { type Alert, severityOf, standing } from "./alert.ts"
import {
  CLAIM_MS,
  type Claimed,
  type Delivery,
  HOLD_MS,
  claim,
  isResting,
  nextOf,
  owe,
  seqOf,
} from "./delivery.ts"
import { type Recipient, recipientsOf, settingsOf } from "./routing.ts"

/** Until when an alert waits: its reasons are for information only, and a rule that would say more is undecided. Null: it does not. */
export function heldUntil(alert: Alert, { verdicts, isOpen }: Judgement): Instant | null {
  if (!isOpen || severityOf(alert) !== "info") return null
  const mayGetWorse = verdicts.some(
    ({ rule, truth, isSettled }) =>
      rule.mode === "live" && truth === "unknown" && !isSettled && isWorse(rule.severity, "info"),
  )
  return mayGetWorse ? alert.raisedAt + HOLD_MS : null
}

/**
 * `matching`: the verdicts that people are alerted to; `channels`: those that are live, and what each takes; `call`: what the alert is
 * about; `heldUntil`: no first message before that.
 */
type Owed = {
  matching: readonly Verdict[]
  channels: readonly Recipient[]
  call: Facts["call"]
  heldUntil: Instant | null
}

/** The deliveries with what is owed now. */
export function oweMessages(
  known: readonly Delivery[],
  alert: Alert,
  { matching, channels, call, heldUntil }: Owed,
  now: Instant,
): Delivery[] {
  const dueAt = Math.max(now, heldUntil ?? now)
  // What is held back may be worse now.
  const isNews = alert.reasons.some(({ at }) => at >= now)
  const deliveries = known.map((delivery) =>
    isResting(delivery, now) && !isNews ? delivery : hurried(delivery, dueAt, now),
  )
  const routes = routesOf(known, alert, { matching, channels, call })
  for (const { id: channel } of channels.map(settingsOf)) {
    const wanted = routes.flatMap(({ verdict, to }) => (to.includes(channel) ? [verdict] : []))
    const all = deliveries.filter((delivery) => delivery.channel === channel)
    const mine = all.filter(givesReasons)
    // A message that was never claimed will give every reason there is when it is.
    if (wanted.length === 0 || mine.some(({ state }) => state === "due")) continue
    if (mine.length === 0) deliveries.push(owe(channel, 0, { dueAt, now }))
    else if (isFollowUpOwed(mine, alert, wanted)) {
      deliveries.push(owe(channel, Math.max(...all.map(seqOf)) + 1, { dueAt: now, now }))
    }
  }
  // Also to one that is away: once it is back it is given the alert, and what is not true any more with it.
  const ids = new Set([
    ...channels.map((channel) => settingsOf(channel).id),
    ...deliveries.map((one) => one.channel),
  ])
  return [...deliveries, ...[...ids].flatMap((id) => withdrawalOwed(deliveries, alert, id, now))]
}

/** What a rule says of a call, and where that goes now. */
export type Route = { verdict: Verdict; to: readonly ChannelId[] }

export function routesOf(
  known: readonly Delivery[],
  alert: Alert,
  { matching, channels, call }: Pick<Owed, "matching" | "channels" | "call">,
): Route[] {
  return matching.map((verdict) => {
    const found = alert.reasons.findLastIndex(({ ruleId }) => ruleId === verdict.rule.id)
    const wasOwed = (id: ChannelId) =>
      known.some((one) => one.channel === id && givesReasons(one) && giveable(one, alert) > found)
    return { verdict, to: recipientsOf(verdict.rule, call.agent, channels, wasOwed) }
  })
}

export function givesReasons({ kind }: Delivery): boolean {
  return kind === undefined
}

/** The channel was given a reason, or will be, that is not true any more, and no message says so after that. */
function withdrawalOwed(
  deliveries: readonly Delivery[],
  alert: Alert,
  channel: ChannelId,
  now: Instant,
): Delivery[] {
  const mine = deliveries.filter((delivery) => delivery.channel === channel)
  const withdrawing = mine.filter((delivery) => !givesReasons(delivery))
  const isOwed = (alert.withdrawals ?? []).some(({ reason }, index) => {
    const seq = seqGiving(mine, alert, reason)
    // One that was never claimed says all there is to say when it is.
    const isSaid = (one: Delivery) =>
      (one.taken ?? []).includes(index) || (one.state === "due" && seqOf(one) > (seq ?? 0))
    return seq !== null && !withdrawing.some(isSaid)
  })
  if (!isOwed) return []
  return [{ ...owe(channel, Math.max(...mine.map(seqOf)) + 1, { dueAt: now, now }), kind: "withdrawal" }]
}

/** Which of the channel's messages gave a reason first, or will; null if none. */
function seqGiving(mine: readonly Delivery[], alert: Alert, reason: number): number | null {
  const giving = mine.filter(
    (one) =>
      givesReasons(one) && one.state !== "dead" && (one.state === "due" || givenIn(one, alert) > reason),
  )
  return giving.length === 0 ? null : Math.min(...giving.map(seqOf))
}

/** The withdrawals that a message says: those that no message before it has said, of what was told before it. */
function takenIn(deliveries: readonly Delivery[], message: Delivery, alert: Alert): number[] {
  const before = deliveries.filter((one) => one.channel === message.channel && seqOf(one) < seqOf(message))
  const said = new Set(before.filter(isGiven).flatMap(({ taken }) => taken ?? []))
  const unsaid = (alert.withdrawals ?? []).flatMap((one, index) =>
    said.has(index) ? [] : [{ ...one, index }],
  )
  const told = unsaid.filter(({ reason }) => seqGiving(before, alert, reason) !== null)
  // If what was told before it has died since, it says what there is.
  return (told.length > 0 ? told : unsaid).map(({ index }) => index)
}

/** What nobody has tried to send yet may be sent sooner, if it need not wait any more. */
function hurried(delivery: Delivery, dueAt: Instant, now: Instant): Delivery {
  const isUntried = delivery.attempts === 0 || isResting(delivery, now)
  const isSooner = delivery.state === "due" && isUntried && delivery.dueAt > dueAt
  return isSooner ? { ...delivery, dueAt } : delivery
}

function isFollowUpOwed(mine: readonly Delivery[], alert: Alert, wanted: readonly Verdict[]): boolean {
  const tried = Math.max(...mine.map((delivery) => givenIn(delivery, alert)))
  const added = new Set(alert.reasons.slice(tried).map(({ ruleId }) => ruleId))
  const given = severityGiven(mine, alert)
  return wanted.some(({ rule }) => {
    if (!added.has(rule.id) || rule.followUp === "never") return false
    return rule.followUp === "every" || given === null || isWorse(rule.severity, given)
  })
}

/** The highest severity that these messages have given and that still stands; null if none has arrived or may still. */
function severityGiven(mine: readonly Delivery[], alert: Alert): Severity | null {
  const given = Math.max(0, ...mine.filter(isGiven).map((delivery) => givenIn(delivery, alert)))
  const still = new Set(standing(alert))
  const severities = alert.reasons
    .slice(0, given)
    .flatMap((reason) => (still.has(reason) ? reason.severity : []))
  return severities.length === 0 ? null : highestSeverity(severities)
}

function isGiven({ state }: Delivery): boolean {
  return state === "sent" || state === "claimed"
}

/** How many of the alert's reasons the message gives, has given or will give. */
export function giveable(delivery: Delivery, alert: Alert): number {
  return delivery.state === "due" ? alert.reasons.length : givenIn(delivery, alert)
}

/** How many of the alert's reasons the message has given, or tried to. Records of older versions say only when. */
function givenIn(delivery: Delivery, { reasons }: Alert): number {
  if (delivery.given !== undefined) return delivery.given
  const at = claimedAt(delivery)
  return at === null ? 0 : reasons.filter((reason) => reason.at <= at).length
}

function claimedAt(delivery: Delivery): Instant | null {
  switch (delivery.state) {
    case "due":
      return null
    case "claimed":
      return delivery.claimedUntil - CLAIM_MS
    case "sent":
      return delivery.sentAt
    case "dead":
      return delivery.deadAt
  }
}

/** How many of the alert's reasons the channel was given before this message; 0: it is the first that says anything. */
export function givenBefore(deliveries: readonly Delivery[], message: Delivery, alert: Alert): number {
  const isBefore = (other: Delivery) =>
    other.channel === message.channel && seqOf(other) < seqOf(message) && isGiven(other)
  const before = deliveries.filter(isBefore)
  return Math.max(0, ...before.map((other) => givenIn(other, alert)))
}

/**
 * The deliveries with a claim on the channel's next message, which gives every reason there is, so that what was to follow
 * it is not owed any more. Null if none is due. `digest`: the message that it is a part of, unless it has one of its own.
 */
export function claimNext(
  deliveries: readonly Delivery[],
  alert: Alert,
  channel: ChannelId,
  now: Instant,
  digest?: string,
): { claimed: Claimed; deliveries: Delivery[] } | null {
  const next = nextOf(deliveries, channel)
  const claimed = next && claim(next, now)
  if (!next || !claimed) return null
  const { digest: _, ...before } = claimed
  const mine: Claimed = {
    ...before,
    ...(givesReasons(next)
      ? { given: alert.reasons.length }
      : { given: givenBefore(deliveries, next, alert), taken: takenIn(deliveries, next, alert) }),
    ...(digest !== undefined && { digest }),
  }
  const isNeedless = (other: Delivery) =>
    other.channel === channel && seqOf(other) > seqOf(next) && givesReasons(other) && givesReasons(next)
  const others = deliveries.filter((other) => !isNeedless(other))
  const after = others.map((other) => (other === next ? mine : other))
  // An attempt that failed may have given less than this one: what was found since, and is not true any more.
  return { claimed: mine, deliveries: [...after, ...withdrawalOwed(after, alert, channel, now)] }
}
