/**
 * Writes people's edits of channels to the store as the API does: announced, written a moment later, and what they may let go asked for.
 * A damaged one is shown as the store on DynamoDB shows it, until it is written again.
 */
import { type ChannelId, isOfDeployment } from "@earshot/core/channel/channel"
import { type ChannelSettings, SECRET_FIELDS, isReadableChannel } from "@earshot/core/channel/settings"
import { isoOf } from "@earshot/core/instant"
import { type Random, integer } from "@earshot/emulators/random"
import { seal } from "@earshot/io/channel/sealing"
import type { Store } from "@earshot/io/store/store"
import { type ChannelEdit, firstSettings } from "../time/channel-edit.ts"
import type { Timeline } from "../time/timeline.ts"
import { CHANNEL_KEY, SIGNING_SECRET, targetOf } from "../truth/secret.ts"

/** The store, in which channels are damaged when their time has come. */
export function shelvedStore(store: Store, damaged: ReadonlySet<ChannelId>): Store {
  return {
    ...store,
    readChannels: async () => {
      return (await store.readChannels()).map((channel) => {
        return damaged.has(channel.id)
          ? { id: channel.id, version: channel.version, isReadable: false as const }
          : channel
      })
    },
  }
}

/** `store`: as it is under the damage. */
export function editChannel(
  {
    timeline,
    random,
    store,
    damaged,
  }: { timeline: Timeline; random: Random; store: Store; damaged: Set<ChannelId> },
  edit: ChannelEdit,
): void {
  const { id, at } = edit
  if (edit.kind === "damage") {
    timeline.at(at, () => {
      damaged.add(id)
      return true
    })
    // Whoever damages an item announces nothing: it is met when the channels are read next.
    timeline.at(at, () => {
      void store.announceRules(timeline.now())
      return true
    })
    return
  }
  timeline.at(at, () => {
    void store.announceRules(timeline.now())
    return true
  })
  timeline.at(at + integer(random, 50, 5000), () => {
    damaged.delete(id)
    void write(store, edit, timeline)
    return true
  })
}

async function write(store: Store, edit: ChannelEdit, timeline: Timeline): Promise<void> {
  const stored = await store.readChannel(edit.id)
  const known = stored && isReadableChannel(stored) ? stored : firstSettings(edit.id)
  const base = { ...known, version: (stored?.version ?? 0) + 1, updatedAt: isoOf(timeline.now()) }
  const next: ChannelSettings =
    edit.kind === "write"
      ? { ...base, ...edit.change, target: sealedTarget(known), isDeleted: false }
      : { ...base, target: { shown: {}, sealed: {} }, snoozedUntil: null, isDeleted: true }
  if (!(await store.writeChannel(next))) throw new Error(`The channel ${edit.id} was not written.`)
  if (edit.kind === "write") await store.announceDue(timeline.now())
}

function sealedTarget({ id, kind }: ChannelSettings): ChannelSettings["target"] {
  if (isOfDeployment(id)) return { shown: {}, sealed: {} }
  const fields = { ...targetOf(id)[kind], ...(kind === "webhook" && { signingSecret: SIGNING_SECRET }) }
  const secrets: readonly string[] = SECRET_FIELDS[kind]
  const shown: Record<string, string> = {}
  const sealed: Record<string, string> = {}
  for (const [field, text] of Object.entries(fields)) {
    shown[field] = secrets.includes(field) ? "…" : text
    if (secrets.includes(field)) sealed[field] = seal(CHANNEL_KEY, { id, field }, text)
  }
  return { shown, sealed }
}
