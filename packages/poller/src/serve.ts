/**
 * Sends what one channel is owed in a turn: critical alerts first, one by one at the channel's pace, and what is too much for
 * that as one digest. Everything is claimed before it is sent and marked after it.
 */
import { type SendResult, nextOf, seqOf } from "@earshot/core/alert/delivery"
import {
  DIGEST_CALLS_MAX,
  DIGEST_FROM,
  type DueAlert,
  PER_HOUR,
  dueAlertOf,
  NO_DIGESTS,
  planSends,
} from "@earshot/core/alert/digest"
import { givenBefore } from "@earshot/core/alert/owing"
import type { SnoozedRules } from "@earshot/core/alert/rest"
import { callReference } from "@earshot/core/fingerprint"
import { type Instant, SECOND } from "@earshot/core/instant"
import type { Bulletin } from "@earshot/core/message/bulletin"
import { composeDigest } from "@earshot/core/message/digest"
import { composeMessage, endedAt } from "@earshot/core/message/message"
import { composeWhole } from "@earshot/core/message/whole"
import type { SendOutcome } from "@earshot/core/turn/incident"
import { type Channel, SEND_TIMEOUT_MS, type Sending } from "@earshot/io/channel/channel"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type ClaimedCall, claimCall, outcomeOf, settleCall, unclaimCall } from "./counter.ts"
import type { Desk } from "./desk.ts"
import type { DueIndex } from "./due-index.ts"
import { createPacer, type Pacer } from "./pacer.ts"
import { inParallel } from "./parallel.ts"
import { linksOf, sentReceipt } from "./restate.ts"
import { holdBack, restOf } from "./resting.ts"
import type { TurnMemory } from "./memory/turn-memory.ts"

/** What came of one channel's messages: the deliveries made, and until when the others wait, for nobody or for each other. */
export type Served = {
  outcomes: SendOutcome[]
  delivered: number
  failed: number
  waitsUntil: Instant | null
}

export type Serving = {
  world: World
  store: Store
  desk: Desk
  index: DueIndex
  memory: TurnMemory
  /** Nothing is begun after it; and everything has to be over by `end`. */
  deadline: Instant
  end: Instant
  isCatchingUp: boolean
  snoozed: SnoozedRules
}

/** Records claimed, read or marked at once. */
const LANES = 8

export async function serveChannel(serving: Serving, channel: Channel): Promise<Served> {
  const { world, store, memory, deadline } = serving
  const served: Served = { outcomes: [], delivered: 0, failed: 0, waitsUntil: null }
  const { due, resting } = await collectDue(serving, channel)
  await holdBack(serving, channel, resting)
  if (due.length === 0) return served
  const pacer = createPacer(world, store, memory, channel, deadline)
  const plan = await planFor(serving, channel, pacer, due)
  pacer.expect({
    count: plan.singles.length + (plan.digest.length > 0 ? 1 : 0),
    singles: plan.singles.map(({ ruleIds }) => ruleIds),
    hasDigest: plan.digest.length > 0,
  })
  for (const { callId } of plan.singles) {
    if (!(await pacer.mayStart())) break
    await sendSingle(serving, channel, pacer, callId, served)
  }
  // Hundreds are not claimed for a channel that takes nothing.
  if (plan.digest.length > 0 && (await pacer.mayStart())) {
    await sendDigest(serving, channel, pacer, plan.digest, served)
  }
  const waits = [plan.waitsUntil, pacer.waitsUntil()].filter((at) => at !== null)
  served.waitsUntil = waits.length > 0 ? Math.max(...waits) : null
  return served
}

async function planFor(
  { world, isCatchingUp }: Serving,
  channel: Channel,
  pacer: Pacer,
  due: readonly DueAlert[],
) {
  const { digestFrom = DIGEST_FROM, perHour = PER_HOUR } = channel
  const from = channel.sendBulletin ? digestFrom : NO_DIGESTS
  return planSends(due, await pacer.pace(), { digestFrom: from, perHour, isCatchingUp }, world.now())
}

type Collected = { due: DueAlert[]; resting: { callId: string; until: Instant }[] }

/** What is due to the channel, from one page of the index after the other until there is enough for a digest. */
async function collectDue({ world, desk, index, snoozed }: Serving, channel: Channel): Promise<Collected> {
  const due: DueAlert[] = []
  const resting: Collected["resting"] = []
  for (let page = 0; due.length < DIGEST_CALLS_MAX; page++) {
    const ids = await index.page(page)
    if (ids === null) break
    const records = await inParallel(ids, LANES, (callId) => desk.read(callId))
    for (const record of records) {
      const alert = record && dueAlertOf(record, channel.id, world.now())
      if (!record || !alert) continue
      const until = restOf(record, channel, snoozed, world.now())
      if (until === null) due.push(alert)
      else resting.push({ callId: record.callId, until })
    }
  }
  return { due, resting }
}

async function sendSingle(
  { world, store, desk }: Serving,
  channel: Channel,
  pacer: Pacer,
  callId: string,
  served: Served,
): Promise<void> {
  // Its message gives the reference instead of the id. In the other order a crash would leave one that leads nowhere.
  const known = desk.known(callId)
  const isFirst = known !== null && nextOf(known.deliveries, channel.id)?.attempts === 0
  if (channel.privacy === "minimal" && isFirst) await desk.refer(callId)
  const call = await claimCall(world, desk, { callId, channelId: channel.id })
  if (!call) return
  const { mayRepeat } = call.claimed
  const message = composeMessage(call.record, { ...tellingOf(call, channel, world.now()), mayRepeat })
  const ended = endedAt(call.record)
  const result = message
    ? await attempt(pacer, (form) =>
        channel.send(message, ended, form, sendingOf(call, channel, world.now())),
      )
    : ({ kind: "retry", why: "there is nothing to say", mayHaveArrived: false } as const)
  if (!result) return unclaimCall(world, desk, call)
  const settled = await settleCall(world, store, desk, call, result, { roll: world.random(), isAway: false })
  const dead = settled.state === "dead" && !call.record.isTest ? 1 : 0
  // That there is nothing to say is no fault of the channel's.
  if (message) served.outcomes.push(outcomeOf(channel.id, result, { dead, isAway: false }))
  if (result.kind === "sent") served.delivered++
  else noteFailed(world, served, channel.id, { callId, why: result.why, attempts: call.claimed.attempts })
}

/** Null if nothing was sent. A message that the channel calls malformed is sent once more in its plainest form. */
async function attempt(
  pacer: Pacer,
  send: (form: "full" | "plain") => Promise<SendResult>,
): Promise<SendResult | null> {
  if (!(await pacer.mayStart())) return null
  const result = await pacer.attempt(() => send("full"))
  if (result.kind !== "refused" || !result.isMalformed || !(await pacer.mayStart())) return result
  const plain = await pacer.attempt(() => send("plain"))
  // In its plainest form it is the channel that is wrong.
  return plain.kind === "refused" ? { kind: "refused", why: plain.why } : plain
}

async function sendDigest(
  serving: Serving,
  channel: Channel,
  pacer: Pacer,
  alerts: readonly DueAlert[],
  served: Served,
): Promise<void> {
  const { world, store, desk, end } = serving
  const digest = callReference(`digest ${channel.id} ${world.now()} ${alerts[0]?.callId}`)
  // To mark them takes as long as to claim them.
  const claimsUntil = world.now() + Math.max(SECOND, (end - SEND_TIMEOUT_MS - world.now()) / 2)
  const claims = await inParallel(alerts, LANES, async ({ callId }) => {
    return world.now() < claimsUntil
      ? claimCall(world, desk, { callId, channelId: channel.id, digest })
      : null
  })
  const calls = claims.filter((call) => call !== null)
  const entries = calls.map((call) => {
    const { record, claimed } = call
    return { record, given: givenIn(call), taken: claimed.taken, mayRepeat: claimed.mayRepeat }
  })
  const { privacy, timeZone, apiUrl } = channel
  const composed = composeDigest(entries, { id: digest, privacy, timeZone, apiUrl, now: world.now() })
  const result = composed && (await sendComposed(serving, channel, pacer, composed, calls))
  if (!result) {
    await inParallel(calls, LANES, (call) => unclaimCall(world, desk, call))
    return
  }
  const roll = world.random()
  const settled = await inParallel(calls, LANES, (call) => {
    return settleCall(world, store, desk, call, result, { roll, isAway: false })
  })
  const dead = settled.filter(({ state }) => state === "dead").length
  served.outcomes.push(outcomeOf(channel.id, result, { dead, isAway: false }))
  if (result.kind === "sent") {
    served.delivered += calls.length
    world.log({ level: "info", event: "digest.sent", channel: channel.id, digest, calls: calls.length })
  } else {
    served.failed += calls.length - 1
    noteFailed(world, served, channel.id, { callId: `digest ${digest}`, why: result.why, attempts: 1 })
  }
}

async function sendComposed(
  { world, store, desk }: Serving,
  { id, privacy, sendBulletin }: Channel,
  pacer: Pacer,
  { bulletin, shownIds }: { bulletin: Bulletin; shownIds: readonly string[] },
  calls: readonly ClaimedCall[],
): Promise<SendResult | null> {
  if (!sendBulletin) return null
  if (privacy === "minimal") await inParallel(shownIds, LANES, (callId) => desk.refer(callId))
  const callIds = calls.map(({ record }) => record.callId)
  await store.keepDigest({ id: bulletin.id, channel: id, at: world.now(), callIds })
  return attempt(pacer, (form) => sendBulletin(bulletin, form))
}

function noteFailed(
  world: World,
  served: Served,
  channel: string,
  { callId, why, attempts }: { callId: string; why: string; attempts: number },
): void {
  served.failed++
  world.log({ level: "warn", event: "delivery.failed", channel, callId, why, attempts })
}

function tellingOf(call: ClaimedCall, channel: Channel, now: Instant) {
  return { ...linksOf(channel, call.record, now), given: givenIn(call), taken: call.claimed.taken }
}

/** A retry that gives more reasons says something else than the attempt before it. */
function sendingOf(call: ClaimedCall, channel: Channel, now: Instant): Sending {
  const { record, claimed } = call
  const { id } = channel
  const { given = 0 } = claimed
  const receipt = seqOf(claimed) > 0 ? sentReceipt(record, channel) : null
  const whole = receipt === null ? null : composeWhole(record, linksOf(channel, record, now))
  return {
    id: [id, record.callId, record.facts.firstSeenAt, seqOf(claimed), given].join("/"),
    first: receipt !== null && whole ? { receipt, whole } : null,
  }
}

/** How many of the alert's reasons the channel was given before. */
function givenIn({ record: { alert, deliveries }, claimed }: ClaimedCall): number {
  return alert ? givenBefore(deliveries, claimed, alert) : 0
}
