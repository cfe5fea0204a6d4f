/** Notes what went wrong beside the polls, for the people who ask after Earshot's health. Writes only what is news. */
import { type Incidents, areChannelsFine, withOutcomes, withUnreadable } from "@earshot/core/turn/incident"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import type { Delivered } from "./deliver.ts"
import type { TurnMemory } from "./memory/turn-memory.ts"

/** Writes that may collide with another turn's. After that it is left to the next message to say the same. */
const COLLISIONS_MAX = 5

/**
 * What came of this turn's messages, in their order. Costs a read unless all is well and was before. The incidents as they are
 * then; null if there was no reason to ask.
 */
export async function noteOutcomes(
  world: World,
  store: Store,
  memory: TurnMemory,
  { outcomes, waiting }: Pick<Delivered, "outcomes" | "waiting">,
): Promise<Incidents | null> {
  const isNews = outcomes.some(({ kind }) => kind !== "sent")
  if (!isNews && memory.areChannelsFine) return null
  memory.areChannelsFine = false
  const known = outcomes.map((outcome) => {
    const tookAt = memory.paces.get(outcome.channel)?.tookAt
    return tookAt === undefined ? outcome : { ...outcome, tookAt }
  })
  const noted = await changeIncidents(store, (before) => withOutcomes(before, known, world.now(), waiting))
  memory.areChannelsFine = areChannelsFine(noted)
  return noted
}

/** Records that could not be read and were left out, in this turn or in one that failed before it could say so. */
export async function noteUnreadable(world: World, store: Store, { unreadable }: TurnMemory): Promise<void> {
  for (const callId of store.takeUnreadable()) unreadable.add(callId)
  if (unreadable.size === 0) return
  const items = [...unreadable].map((callId) => `call ${callId}`)
  await changeIncidents(store, (known) => withUnreadable(known, items, world.now()))
  unreadable.clear()
}

/** The watch could not be read. It is rebuilt from the list, which takes some polls. */
export async function noteLostWatch(world: World, store: Store, memory: TurnMemory): Promise<void> {
  memory.watchLostAt = world.now()
  world.log({ level: "error", event: "watch.rebuilt" })
  await changeIncidents(store, (known) => ({ ...known, watchRebuiltAt: world.now() }))
}

/** The incidents as they are now. Nothing is written if `decide` returns what it was given. */
export async function changeIncidents(
  store: Store,
  decide: (known: Incidents) => Incidents,
): Promise<Incidents> {
  let known = await store.readIncidents()
  for (let attempt = 0; attempt < COLLISIONS_MAX; attempt++) {
    const decided = decide(known)
    if (decided === known) return known
    const next = { ...decided, version: known.version + 1 }
    if (await store.writeIncidents(next)) return next
    known = await store.readIncidents()
  }
  return known
}
