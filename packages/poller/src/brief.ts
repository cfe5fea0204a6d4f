/**
 * Sends the daily brief to the channels that want one, once a day however many processes there are. It is claimed in the table before
 * it is sent, and marked after; a channel that does not take it is asked again until the day is over.
 */
import {
  type BriefState,
  briefDay,
  briefSpan,
  claimedBrief,
  failedBrief,
  isBriefDue,
  sentBrief,
} from "@earshot/core/receipt/brief-state"
import { snoozedUntil } from "@earshot/core/alert/rest"
import { receiptOf } from "@earshot/core/receipt/receipt"
import { callReference } from "@earshot/core/fingerprint"
import type { Instant } from "@earshot/core/instant"
import { briefBulletin } from "@earshot/core/receipt/brief"
import type { Bulletin } from "@earshot/core/message/bulletin"
import { LAST_STEP_MS, UNTIL_MS } from "@earshot/core/turn/gate"
import { countDead } from "@earshot/core/turn/incident"
import type { Channel } from "@earshot/io/channel/channel"
import type { Store } from "@earshot/io/store/store"
import { type World, causeOf } from "@earshot/io/world"
import { outcomeOf } from "./counter.ts"
import { noteOutcomes } from "./incident.ts"
import type { Memory } from "./memory/memory.ts"
import { keepCoverageNow } from "./memory/coverage-memory.ts"
import { rememberedWatch } from "./memory/watch-memory.ts"
import { createPacer } from "./pacer.ts"
import type { Turn } from "./turn.ts"

/** Asks the table nothing unless a brief may be due that this process does not know to be sent. Never rejects for the table. */
export async function tellBriefs(
  world: World,
  store: Store,
  channels: readonly Channel[],
  memory: Memory,
  turn: Turn,
): Promise<void> {
  const deadline = Math.min(turn.startedAt + UNTIL_MS.send, turn.overAt - LAST_STEP_MS)
  for (const channel of channels) {
    const { id, brief, timeZone = "UTC" } = channel
    // It comes in quiet hours, as people asked for it; in a snoozed channel nothing does.
    const isWanted = brief && snoozedUntil(channel, world.now()) === null
    const day = isWanted ? briefDay({ at: brief.at, timeZone }, world.now()) : null
    if (day === null || !channel.sendBulletin || world.now() >= deadline) continue
    const known = memory.briefs.get(id)
    if (known && !isBriefDue(known, day, world.now())) continue
    try {
      const state = await store.readBrief(id)
      memory.briefs.set(id, state)
      if (isBriefDue(state, day, world.now()))
        await tellBrief(world, store, { channel, state, day, deadline }, memory, turn)
    } catch (error) {
      // The poll has done its work all the same. Whoever comes next reads how far the brief is.
      memory.briefs.delete(id)
      const why = causeOf(error)
      world.log({ level: "warn", event: "brief.failed", channel: id, day, why })
    }
  }
}

type Due = { channel: Channel; state: BriefState; day: string; deadline: Instant }

async function tellBrief(
  world: World,
  store: Store,
  { channel, state, day, deadline }: Due,
  memory: Memory,
  turn: Turn,
): Promise<void> {
  const { id, sendBulletin } = channel
  const span = briefSpan(state, world.now())
  const pacer = createPacer(world, store, memory.turn, channel, deadline)
  // A claim that nobody follows up would be taken for one that may have been sent.
  if (!sendBulletin || !(await pacer.mayStart())) return
  const claimed = claimedBrief(state, day, world.now())
  memory.briefs.set(id, claimed)
  if (!(await store.writeBrief(id, claimed))) return
  const bulletin = await composeBrief(world, store, { channel, day, span, claimed }, memory, turn)
  // It may have taken so long that nobody could write down any more that it was sent.
  if (!(await pacer.mayStart())) return giveUp(world, store, { channel, claimed }, memory)
  const first = await pacer.attempt(() => sendBulletin(bulletin))
  const isMalformed = first.kind === "refused" && first.isMalformed === true && (await pacer.mayStart())
  const result = isMalformed ? await pacer.attempt(() => sendBulletin(bulletin, "plain")) : first
  const mayHaveArrived = result.kind === "retry" && result.mayHaveArrived
  const settled =
    result.kind === "sent" ? sentBrief(claimed, span.to) : failedBrief(claimed, mayHaveArrived, world.now())
  if (result.kind === "sent") world.log({ level: "info", event: "brief.sent", channel: id, day })
  else world.log({ level: "warn", event: "brief.failed", channel: id, day, why: result.why })
  // If the claim ran out meanwhile, it is somebody else's now, and so is what comes of it.
  if (await store.writeBrief(id, settled)) memory.briefs.set(id, settled)
  else memory.briefs.delete(id)
  const outcomes = [outcomeOf(id, result, { dead: 0, isAway: false })]
  await noteOutcomes(world, store, memory.turn, { outcomes, waiting: () => 0 })
}

/** Nothing was sent. Whoever comes next tries once more. */
async function giveUp(
  world: World,
  store: Store,
  { channel: { id }, claimed }: Pick<Composing, "channel" | "claimed">,
  memory: Memory,
): Promise<void> {
  memory.briefs.delete(id)
  await store.writeBrief(id, failedBrief(claimed, false, world.now()))
}

type Composing = {
  channel: Channel
  day: string
  span: { from: Instant; to: Instant }
  claimed: BriefState
}

async function composeBrief(
  world: World,
  store: Store,
  { channel: { id, timeZone }, day, span, claimed: { mayRepeat } }: Composing,
  memory: Memory,
  { control: known }: Turn,
): Promise<Bulletin> {
  const rules = memory.rule.rules?.compiled ?? []
  await keepCoverageNow(world, store, memory.coverage, rules)
  const [stored, control, watch, incidents] = await Promise.all([
    store.readCoverage(span),
    store.readControl(),
    // What is stored may be a minute behind.
    rememberedWatch(memory.watch, known, world.now()) ?? store.readWatch(),
    store.readIncidents(),
  ])
  const names = new Map(rules.map((rule) => [rule.id, rule.name]))
  return briefBulletin({
    receipt: receiptOf({ stored, control: control ?? known, watch }, span, world.now()),
    owed: control?.pending ?? 0,
    dead: countDead(incidents, world.now()),
    ruleName: (ruleId) => names.get(ruleId) ?? ruleId,
    timeZone,
    id: callReference(`brief ${id} ${day}`),
    mayRepeat,
  })
}
