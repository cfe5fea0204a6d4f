/** What a channel looks like from outside: its settings without its secrets, how it does, and what it is owed. */
import { isResting, nextAttemptAt } from "@earshot/core/alert/delivery"
import { type ChannelPace, NO_PACE } from "@earshot/core/alert/pace"
import { NO_SNOOZES, USUAL_NEWS, restUntil, snoozedUntil } from "@earshot/core/alert/rest"
import {
  CHANNEL_IDS,
  CHANNEL_KINDS,
  ChannelId,
  type Privacy,
  isOfDeployment,
} from "@earshot/core/channel/channel"
import { type DeploymentChannels, liveChannels, rosterOf } from "@earshot/core/channel/roster"
import { ChannelSettings, type StoredChannel, isReadableChannel } from "@earshot/core/channel/settings"
import { type Instant, isoOf } from "@earshot/core/instant"
import { channelHealth } from "@earshot/core/turn/channel-state"
import type { Incidents } from "@earshot/core/turn/incident"
import type { Control } from "@earshot/core/turn/control"
import { unseal } from "@earshot/io/channel/sealing"
import type { Store } from "@earshot/io/store/store"
import * as z from "zod"

const Health = z.object({
  state: z
    .enum(["ok", "degraded", "dead", "off"])
    .describe(
      "ok: it took the last message. degraded: it fails for now, or not everybody gets what it takes. dead: it refuses messages, has failed for a day, or its secret cannot be read. off: it is sent nothing.",
    ),
  why: z.string().nullable(),
  since: z.iso.datetime().nullable(),
  lastSuccess: z.iso
    .datetime()
    .nullable()
    .describe(
      "When it last took a message, to twelve seconds: a process holds the channel for as long, and may note only when it began. null: not known, or never.",
    ),
  owed: z.number().int().min(0).describe("Messages that it is owed, among the 300 calls that are due first."),
  held: z
    .number()
    .int()
    .min(0)
    .describe("How many of those it is owed are held back, by quiet hours or a snooze of it or of a rule."),
  heldUntil: z.iso
    .datetime()
    .nullable()
    .describe("Until when it is left alone now, but for critical alerts in quiet hours. Null: it is not."),
  dead: z.number().int().min(0).describe("Messages given up within a day, 20 at most."),
})

export const ChannelView = ChannelSettings.omit({ isDeleted: true, target: true }).extend({
  kind: z.enum(CHANNEL_KINDS),
  readable: z.literal(true).default(true),
  deployment: z
    .boolean()
    .describe("Its address is in the deployment's settings. Such a channel can be edited, but not deleted."),
  target: z.record(z.string(), z.string()).describe("Where its messages go. Secrets are masked."),
  health: Health,
  signingSecret: z
    .string()
    .optional()
    .describe("Of a webhook, when a secret has just been made for it: now, and never again."),
})

export type ChannelView = z.infer<typeof ChannelView>

export const UnreadableChannelView = z.object({
  id: ChannelId,
  readable: z.literal(false),
  version: z.number().int().min(0),
  detail: z.string().describe("What became of it, and what to do."),
})

export type UnreadableChannelView = z.infer<typeof UnreadableChannelView>

/** How much each of the deployment's channels shows by its settings. */
export type DeploymentPrivacy = { slack: Privacy; email: Privacy }

/** The deployment's channels that the poller has, as it last said; both if it has not said yet. */
export function deploymentOf(control: Control | null, privacy: DeploymentPrivacy): DeploymentChannels {
  const there = control?.channels ?? CHANNEL_IDS
  return Object.fromEntries(there.filter(isOfDeployment).map((id) => [id, privacy[id]]))
}

/** The channels that alerts go to, and what each takes; null: not known yet. */
export function liveTakers(
  control: Control | null,
  stored: readonly StoredChannel[],
): Pick<ChannelSettings, "id" | "severityFrom">[] | null {
  if (!control?.channels) return null
  const deployment = deploymentOf(control, { slack: "minimal", email: "minimal" })
  return liveChannels(rosterOf(deployment, stored))
}

/** Every channel that there is, those that cannot be read too, by id. */
export function listedChannels(
  control: Control | null,
  stored: readonly StoredChannel[],
  privacy: DeploymentPrivacy,
): StoredChannel[] {
  const roster = rosterOf(deploymentOf(control, privacy), stored)
  const unreadable = stored.filter((channel) => !isReadableChannel(channel))
  const damaged = new Set(unreadable.map(({ id }) => id))
  const listed = [...roster.filter(({ id }) => !damaged.has(id)), ...unreadable]
  return listed.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** What the views of channels are made of besides their settings. */
export type ChannelFacts = {
  incidents: Incidents
  paces: ReadonlyMap<ChannelId, ChannelPace>
  owed: ReadonlyMap<ChannelId, number>
  held: ReadonlyMap<ChannelId, number>
  /** What secrets are sealed with: one that another key has sealed, the poller cannot read either. */
  sealingKey: string | null
  now: Instant
}

/** Of this many calls the deliveries are counted: each costs a read. */
export const OWING_CALLS_MAX = 300

/** What the views of these channels are made of. */
export async function channelFacts(
  store: Store,
  ids: readonly ChannelId[],
  { sealingKey, now }: { sealingKey: string | null; now: Instant },
): Promise<ChannelFacts> {
  const [incidents, due, paces] = await Promise.all([
    store.readIncidents(),
    store.dueCalls(OWING_CALLS_MAX),
    Promise.all(ids.map(async (id) => [id, await store.readPace(id)] as const)),
  ])
  const owed = new Map<ChannelId, number>()
  const held = new Map<ChannelId, number>()
  const count = (of: typeof owed, id: ChannelId) => of.set(id, (of.get(id) ?? 0) + 1)
  for (const { value } of (await store.readCalls(due.map(({ callId }) => callId))).values()) {
    for (const delivery of value.deliveries) {
      if (nextAttemptAt(delivery) === null) continue
      count(owed, delivery.channel)
      if (isResting(delivery, now)) count(held, delivery.channel)
    }
  }
  return { incidents, paces: new Map(paces), owed, held, sealingKey, now }
}

/** Why its secrets cannot be read; null if they can. What they are is not kept. */
function sealIssue({ id, target }: ChannelSettings, sealingKey: string | null): string | null {
  for (const [field, sealed] of Object.entries(target.sealed)) {
    const unsealed = unseal(sealingKey, { id, field }, sealed)
    if (!unsealed.ok) return unsealed.why
  }
  return null
}

export function channelView(
  stored: StoredChannel,
  { incidents, paces, owed, held, sealingKey, now }: ChannelFacts,
): ChannelView | UnreadableChannelView {
  if (!isReadableChannel(stored)) {
    const { id, version } = stored
    const detail = isOfDeployment(id)
      ? "What was edited of it cannot be read: it is as the deployment has it. PUT replaces the edit."
      : "It is damaged, or a newer version of Earshot wrote it. It is sent nothing. PUT replaces it, DELETE deletes it."
    return { id, readable: false, version, detail }
  }
  const { target, isDeleted: _isDeleted, ...settings } = stored
  const pace = paces.get(stored.id) ?? NO_PACE
  const { since, tookAt, ...health } = channelHealth(incidents, { id: stored.id, pace, now })
  const until = stored.mode === "off" ? null : restUntil(stored, USUAL_NEWS, NO_SNOOZES, now)
  const why = sealIssue(stored, sealingKey)
  return {
    ...settings,
    snoozedUntil: snoozedUntil(stored, now) === null ? null : settings.snoozedUntil,
    readable: true,
    deployment: isOfDeployment(stored.id),
    target: target.shown,
    health: {
      ...health,
      ...(why !== null && { state: "dead" as const, why }),
      ...(stored.mode === "off" && { state: "off" as const }),
      since: since === null ? null : isoOf(since),
      lastSuccess: tookAt === null ? null : isoOf(tookAt),
      owed: owed.get(stored.id) ?? 0,
      held: held.get(stored.id) ?? 0,
      heldUntil: until === null ? null : isoOf(until),
    },
  }
}
