/**
 * What adding or editing a channel does to the store. Secrets are sealed before they are stored, and are never read back: an
 * edit that leaves one out keeps what is sealed.
 */
import { type ChannelId, DEPLOYMENT_KINDS, isOfDeployment } from "@earshot/core/channel/channel"
import {
  CHANNELS_MAX,
  type ChannelSettings,
  SECRET_FIELDS,
  type StoredChannel,
  isReadableChannel,
} from "@earshot/core/channel/settings"
import { type Instant, isoOf } from "@earshot/core/instant"
import { newSigningSecret, seal } from "@earshot/io/channel/sealing"
import { webhookIssue } from "@earshot/io/channel/slack-host"
import { outwardUrlIssue } from "@earshot/io/outward/outward-url"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import type { ChannelBody } from "./channel-request.ts"
import { inTurn } from "./edit-turn.ts"
import { type Problem, type ProblemError, problem } from "./problem.ts"

export type ChannelSetup = {
  /** By `SEALING_KEY`; null: the deployment has none. */
  sealingKey: string | null
  /** Hosts at which Slack's webhooks are. */
  slackHosts: readonly string[]
}

export type ChannelSaved =
  | { kind: "saved"; channel: ChannelSettings; isNew: boolean; signingSecret: string | null }
  | { kind: "refused"; problem: Problem }
  | { kind: "overtaken"; id: ChannelId }

/** Ids ever used: the marks of deleted channels are read along with the others. */
const CHANNEL_IDS_MAX = 500

/** Masked, a secret ends like this; sent back as it was read, it stays as it is. */
const MASK = "…"

type Change = { id: ChannelId; body: ChannelBody; known: StoredChannel | null }

/** Writes the next version. `known` is what was read: the channel as it is in force, its mark, or nothing. */
export async function saveChannel(
  world: World,
  store: Store,
  setup: ChannelSetup,
  change: Change,
): Promise<ChannelSaved> {
  const done = await inTurn(world, store, () => saveAlone(world, store, setup, change))
  return done.ok ? done.value : { kind: "refused", problem: done.problem }
}

async function saveAlone(
  world: World,
  store: Store,
  setup: ChannelSetup,
  { id, body, known }: Change,
): Promise<ChannelSaved> {
  const current = known && isReadableChannel(known) && !known.isDeleted ? known : null
  const isNew = !known || (isReadableChannel(known) && known.isDeleted)
  const excess = isNew ? excessOf(await store.readChannels(), known) : null
  if (excess) return { kind: "refused", problem: problem(409, excess) }
  const aimed = targetOf(id, body, current, setup)
  if (!aimed.ok) return { kind: "refused", problem: aimed.problem }
  const { target, signingSecret } = aimed
  const kind = current?.kind ?? (isOfDeployment(id) ? DEPLOYMENT_KINDS[id] : body.kind)
  if (kind === undefined) throw new Error(`Nothing is known of the channel ${id}.`)
  const { id: _id, kind: _kind, ...settings } = body
  const version = known ? (known.version === 0 ? VERSION_AFTER_DAMAGE : known.version + 1) : 1
  const now = world.now()
  const channel: ChannelSettings = {
    ...settings,
    id,
    kind,
    target,
    version,
    updatedAt: isoOf(now),
    snoozedUntil: current?.snoozedUntil ?? null,
    isDeleted: false,
  }
  await store.announceRules(now)
  if (!(await store.writeChannel(channel))) return { kind: "overtaken", id }
  // What is held by settings that were changed may go sooner.
  await store.announceDue(now)
  return { kind: "saved", channel, isNew, signingSecret }
}

/** Writes the channel as it is with another snooze; null ends it. */
export async function snoozeChannel(
  world: World,
  store: Store,
  known: ChannelSettings,
  until: Instant | null,
): Promise<ChannelSaved> {
  const now = world.now()
  const snoozedUntil = until === null ? null : isoOf(until)
  const channel = { ...known, version: known.version + 1, updatedAt: isoOf(now), snoozedUntil }
  await store.announceRules(now)
  if (!(await store.writeChannel(channel))) return { kind: "overtaken", id: known.id }
  await store.announceDue(now)
  return { kind: "saved", channel, isNew: false, signingSecret: null }
}

/** False if somebody else wrote it since it was read. */
export async function deleteChannel(world: World, store: Store, known: StoredChannel) {
  return inTurn(world, store, async () => {
    const now = world.now()
    await store.announceRules(now)
    return store.writeChannel(channelMark(known, isoOf(now)))
  })
}

/** Of a channel whose version cannot be read: beyond any that it can have had. */
const VERSION_AFTER_DAMAGE = 1_000_000

function excessOf(stored: readonly StoredChannel[], known: StoredChannel | null): string | null {
  const there = stored.filter((channel) => !isReadableChannel(channel) || !channel.isDeleted)
  if (there.length >= CHANNELS_MAX) return `There are ${CHANNELS_MAX} channels already; delete one first.`
  if (known || stored.length < CHANNEL_IDS_MAX) return null
  return `${CHANNEL_IDS_MAX} ids have been used already; use the id of a channel that was deleted.`
}

type Target = ChannelSettings["target"]

type Aimed = { ok: true; target: Target; signingSecret: string | null } | { ok: false; problem: Problem }

function targetOf(
  id: ChannelId,
  body: ChannelBody,
  current: ChannelSettings | null,
  setup: ChannelSetup,
): Aimed {
  const kept = current?.target ?? { shown: {}, sealed: {} }
  // Where the deployment says where messages go, there is nothing to write.
  if (isOfDeployment(id) || !("target" in body)) return { ok: true, target: kept, signingSecret: null }
  const secretFields: readonly string[] = SECRET_FIELDS[body.kind]
  const shown: Record<string, string> = {}
  const secrets: Record<string, string> = {}
  let signingSecret: string | null = null
  for (const [field, value] of Object.entries(body.target)) {
    if (!secretFields.includes(field)) shown[field] = String(value)
    else if (typeof value === "string" && !value.endsWith(MASK)) secrets[field] = value
  }
  const asksForNew = body.kind === "webhook" && body.target.signingSecret === null
  if (
    body.kind === "webhook" &&
    (asksForNew || !(secrets["signingSecret"] ?? kept.sealed["signingSecret"]))
  ) {
    signingSecret = newSigningSecret()
    secrets["signingSecret"] = signingSecret
  }
  const errors = targetErrors({ secretFields, secrets, kept }, setup)
  if (errors.length > 0) {
    return { ok: false, problem: problem(400, "The channel is invalid; nothing was saved.", errors) }
  }
  const sealed: Record<string, string> = {}
  for (const field of secretFields) {
    const secret = secrets[field]
    if (secret !== undefined && setup.sealingKey === null) return { ok: false, problem: problem(409, NO_KEY) }
    sealed[field] =
      secret === undefined ? (kept.sealed[field] ?? "") : seal(setup.sealingKey ?? "", { id, field }, secret)
    shown[field] = secret === undefined ? (kept.shown[field] ?? MASK) : maskOf(secret)
  }
  return { ok: true, target: { shown, sealed }, signingSecret }
}

const NO_KEY =
  "This deployment has no key to seal a channel's secrets with, so it takes none: set CHANNEL_SECRET_KEY to what " +
  '`openssl rand -hex 32` prints. Deployed: npx sst secret set ChannelSecretKey "$(openssl rand -hex 32)", then deploy.'

type Given = { secretFields: readonly string[]; secrets: Record<string, string>; kept: Target }

/** What a schema cannot check: addresses, and whether a secret that is left out is there. Nothing given is repeated. */
function targetErrors({ secretFields, secrets, kept }: Given, { slackHosts }: ChannelSetup): ProblemError[] {
  return secretFields.flatMap((field): ProblemError[] => {
    const path = `/target/${field}`
    const secret = secrets[field]
    if (secret === undefined) return kept.sealed[field] ? [] : [{ path, message: "is missing" }]
    const issue =
      field === "webhookUrl"
        ? webhookIssue(secret, slackHosts)
        : field === "url"
          ? outwardUrlIssue(secret)
          : null
    return issue === null ? [] : [{ path, message: issue }]
  })
}

/** Enough to tell two apart: of an address its host, of anything else how it begins. */
function maskOf(secret: string): string {
  if (URL.canParse(secret) && secret.includes("://")) return `${new URL(secret).origin}/${MASK}`
  return `${/^[a-z]+[-_]/.exec(secret)?.[0] ?? ""}${MASK}`
}

/** What stays of a deleted channel. Not its target: its secrets are gone. */
function channelMark(known: StoredChannel, updatedAt: string): ChannelSettings {
  const version = known.version === 0 ? VERSION_AFTER_DAMAGE : known.version + 1
  const base = isReadableChannel(known) ? known : { ...BLANK, id: known.id }
  return {
    ...base,
    target: { shown: {}, sealed: {} },
    version,
    updatedAt,
    snoozedUntil: null,
    isDeleted: true,
  }
}

const BLANK: Omit<ChannelSettings, "id"> = {
  kind: "webhook",
  name: "Deleted",
  mode: "off",
  privacy: "minimal",
  severityFrom: "info",
  agents: [],
  timeZone: "UTC",
  quietHours: null,
  criticalPasses: true,
  digestFrom: 5,
  perHour: 20,
  brief: null,
  target: { shown: {}, sealed: {} },
  version: 1,
  updatedAt: null,
  snoozedUntil: null,
  isDeleted: true,
}
