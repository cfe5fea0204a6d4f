/**
 * Says in one channel what is wrong with another, and when it is over. A notice is claimed in the incidents before it is sent,
 * so that it is said once whatever dies; if there is no other channel, `/health` and the log are all that can say it.
 */
import { troubleBulletin } from "@earshot/core/message/trouble"
import type { Incidents } from "@earshot/core/turn/incident"
import {
  type TroubleNotice,
  claimedNotice,
  dueNotice,
  failedNotice,
  unheardNotice,
} from "@earshot/core/alert/notice"
import { NO_SNOOZES, URGENT_NEWS, restUntil } from "@earshot/core/alert/rest"
import { HOUR, type Instant } from "@earshot/core/instant"
import type { Channel } from "@earshot/io/channel/channel"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { changeIncidents } from "./incident.ts"
import type { TurnMemory } from "./memory/turn-memory.ts"
import { createPacer } from "./pacer.ts"

/** Sends at most this many a turn: there is hardly ever more than one. */
const NOTICES_MAX = 4

/** What nobody could be told for so long is no news: health says it all the while. */
const STALE_MS = 6 * HOUR

/** The incidents after the notices that are due. */
export async function tellTrouble(
  world: World,
  store: Store,
  channels: readonly Channel[],
  memory: TurnMemory,
  { incidents, deadline }: { incidents: Incidents; deadline: Instant },
): Promise<Incidents> {
  let known = incidents
  for (let sent = 0; sent < NOTICES_MAX && world.now() < deadline; sent++) {
    const notice = dueNotice(known.notices, world.now())
    if (!notice) break
    known = await tell(world, store, channels, memory, { notice, known, deadline })
  }
  return known
}

async function tell(
  world: World,
  store: Store,
  channels: readonly Channel[],
  memory: TurnMemory,
  { notice, known, deadline }: { notice: TroubleNotice; known: Incidents; deadline: Instant },
): Promise<Incidents> {
  const { id, about, kind, why } = notice
  const now = world.now()
  const awake = channels.filter((other) => restUntil(other, URGENT_NEWS, NO_SNOOZES, now) === null)
  // Each that could say it is snoozed, or wants not even the worst news now.
  if (!listenerOf(awake, known, notice) && listenerOf(channels, known, notice) && now - notice.at < STALE_MS)
    return changeIncidents(store, (current) => put(current, failedNotice(notice, false, now)))
  const channel = listenerOf(awake, known, notice)
  const isStale = now - notice.at >= STALE_MS
  if (!channel?.sendBulletin || isStale) {
    const isFirst = notice.notBefore === 0
    if (isFirst || isStale)
      world.log({ level: "error", event: "channel.untold", channel: about, why: why || kind })
    return changeIncidents(store, (current) =>
      isStale ? without(current, id) : put(current, unheardNotice(notice, now)),
    )
  }
  const pacer = createPacer(world, store, memory, channel, deadline)
  // A claim that nobody follows up would be taken for one that may have been sent.
  if (!(await pacer.mayStart()))
    return changeIncidents(store, (current) => put(current, failedNotice(notice, false, world.now())))
  let mine: TroubleNotice | null = null
  await changeIncidents(store, (current) => {
    const due = dueNotice(
      current.notices.filter((other) => other.id === id),
      world.now(),
    )
    mine = due && claimedNotice(due, channel.id, world.now())
    return mine ? put(current, mine) : current
  })
  const claimed = mine as TroubleNotice | null
  if (!claimed) return store.readIncidents()
  // To claim it may have taken so long that nobody could write down any more that it was sent.
  if (!(await pacer.mayStart()))
    return changeIncidents(store, (current) => put(current, failedNotice(claimed, false, world.now())))
  const { sendBulletin } = channel
  const result = await pacer.attempt(() => sendBulletin(troubleBulletin(claimed)))
  if (result.kind === "sent") return changeIncidents(store, (current) => without(current, id))
  world.log({ level: "warn", event: "channel.untold", channel: about, why: result.why })
  const mayHaveArrived = result.kind === "retry" && result.mayHaveArrived
  return changeIncidents(store, (current) => put(current, failedNotice(claimed, mayHaveArrived, world.now())))
}

/** Another channel that takes messages; one that was tried and failed comes last. */
function listenerOf(
  channels: readonly Channel[],
  known: Incidents,
  { about, lastTo }: TroubleNotice,
): Channel | null {
  const others = channels.filter(({ id, sendBulletin }) => id !== about && sendBulletin)
  const isFine = ({ id }: Channel) => (known.channels[id]?.failingSince ?? null) === null
  const best = others.find((channel) => isFine(channel) && channel.id !== lastTo)
  return best ?? others.find(isFine) ?? others[0] ?? null
}

function without(known: Incidents, id: string): Incidents {
  if (known.notices.every((notice) => notice.id !== id)) return known
  return { ...known, notices: known.notices.filter((notice) => notice.id !== id) }
}

function put(known: Incidents, notice: TroubleNotice): Incidents {
  if (known.notices.every(({ id }) => id !== notice.id)) return known
  return { ...known, notices: known.notices.map((other) => (other.id === notice.id ? notice : other)) }
}
