/**
 * GET /health: whether Earshot does its work, and what it still owes. Without the token it says only whether, so that any
 * monitor may ask; with it, everything.
 */
import { DAY, type Instant, SECOND, durationText, isoOf } from "@earshot/core/instant"
import { BEHIND_MS } from "@earshot/core/list/plan"
import { clockNoticeText } from "@earshot/core/list/vendor-clock"
import { NO_PRESENCE, type Presence, firstDayOf, scoreScaleNotice } from "@earshot/core/rule/presence"
import { type StoredChannel, isReadableChannel } from "@earshot/core/channel/settings"
import { isJudgeable, isReadable } from "@earshot/core/rule/rule"
import type { Control } from "@earshot/core/turn/control"
import { type Fault, pollFaults } from "@earshot/core/turn/health"
import { type Incidents, channelFaults, countDead, unreadableItems } from "@earshot/core/turn/incident"
import { subscriptionFaults } from "@earshot/core/turn/subscription"
import { EMPTY_WATCH, type Watch, countWaiting } from "@earshot/core/watch/watch"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Context, Hono } from "hono"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { PROBLEM_CONTENT, json, problems } from "../operation.ts"
import type { Gate } from "../gate.ts"
import { type FaultView, Health, PublicHealth } from "../health-view.ts"

/** `intervalMs` 0: polls are started by hand, and silence says nothing. */
export type HealthSetup = { gate: Gate; intervalMs: number }

/** Strangers are answered by what was read this long ago at most, so that a flood of them costs the table two reads in that time. */
const SHARED_MS = 5 * SECOND

export function healthRoutes(world: World, store: Store, { gate, intervalMs }: HealthSetup): Hono {
  let shared: { at: Instant; health: Promise<PublicHealth> } | null = null
  return new Hono().get("/", async (context) => {
    // Whoever brings no token tries none.
    const isTrusted =
      context.req.header("authorization") !== undefined && (await gate.visitorOf(context)).kind === "known"
    const read = async () =>
      healthOf(await healthFacts(store, isTrusted, world.now()), intervalMs, world.now())
    // What goes wrong here may name the table, which is no stranger's business.
    const readShared = () => {
      const sinceMs = world.now() - (shared?.at ?? 0)
      if (shared && sinceMs >= 0 && sinceMs < SHARED_MS) return shared.health
      const health = read().catch((error: unknown) => unreadable(world, context, error))
      shared = { at: world.now(), health: health.then(({ status }) => ({ status })) }
      return shared.health
    }
    const health = isTrusted ? await read() : await readShared()
    return context.json(health, health.status === "ok" ? 200 : 503)
  })
}

function unreadable(world: World, context: Context, error: unknown): PublicHealth {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  const requestId = context.get("requestId")
  world.log({ level: "error", event: "api.failed", requestId, error: name, why: message.slice(0, 300) })
  return { status: "failing" }
}

export function healthPaths(): ZodOpenApiPathsObject {
  const body = z.union([Health.meta({ id: "Health" }), PublicHealth.meta({ id: "PublicHealth" })])
  return {
    "/health": {
      get: {
        operationId: "readHealth",
        tags: ["health"],
        summary: "Whether Earshot does its work; with the token, everything about it",
        security: [{}, { token: [] }],
        responses: {
          200: json(body, "A poll completed its work a moment ago, and the channels take messages."),
          ...problems(500),
          503: {
            description: "Something is wrong: `faults` says what and since when. Or there is no table.",
            content: { "application/json": { schema: body }, ...PROBLEM_CONTENT },
          },
        },
      },
    },
  }
}

/** What health is made of, as it is stored. */
export type HealthFacts = {
  control: Control | null
  incidents: Incidents
  unexamined: Health["unexamined"]
  unreadableRules: readonly string[]
  unreadableChannels: readonly string[]
  presence: Presence
}

type Read = HealthFacts & { watch: Watch; channels: readonly StoredChannel[] }

/** A stranger is told nothing for which more has to be read. */
export async function healthFacts(store: Store, isTrusted: boolean, now: Instant): Promise<Read> {
  const [control, incidents] = await Promise.all([store.readControl(), store.readIncidents()])
  const nothing = {
    unexamined: { waiting: 0, closed: 0 },
    unreadableRules: [],
    unreadableChannels: [],
    presence: NO_PRESENCE,
    watch: EMPTY_WATCH,
    channels: [],
  }
  if (!isTrusted) return { control, incidents, ...nothing }
  const [watch, closed, rules, channels, presence] = await Promise.all([
    store.readWatch(),
    store.countUnexamined(now - DAY),
    store.readRules(),
    store.readChannels(),
    store.readPresence(firstDayOf(now)),
  ])
  const unexamined = { waiting: countWaiting(watch, now), closed }
  const unreadableRules = rules
    .filter((rule) => !isReadable(rule) || (!rule.isDeleted && !isJudgeable(rule)))
    .map(({ id }) => id)
  const unreadableChannels = channels.filter((channel) => !isReadableChannel(channel)).map(({ id }) => id)
  const unreadable = { unreadableRules, unreadableChannels }
  return { control, incidents, unexamined, ...unreadable, presence, watch, channels }
}

/** `intervalMs` 0: polls are started by hand, and silence says nothing. */
export function healthOf(facts: HealthFacts, intervalMs: number, now: Instant): Health {
  const { control, incidents, unexamined, unreadableRules, unreadableChannels, presence } = facts
  const { failure = null, polledAt = 0, completedAt = 0 } = control ?? {}
  const faults = [
    ...pollFaults(control, intervalMs, now),
    ...channelFaults(incidents, now),
    ...subscriptionFaults(incidents.subscriptions),
  ]
  const [worst] = faults
  return {
    status: worst ? "failing" : "ok",
    detail: worst?.text ?? `The last poll started ${durationText(now - polledAt)} ago.`,
    since: isoOrNull(worst?.since ?? 0),
    faults: faults.map(viewOf),
    lastPollAt: isoOrNull(polledAt),
    completedAt: isoOrNull(completedAt),
    watermark: isoOrNull(control?.watermark ?? 0),
    behindFrom: isBehind(control, now) ? isoOf(control.resumeAt) : null,
    failure: failure && { ...failure, since: isoOf(failure.since), at: isoOf(failure.at) },
    pending: control?.pending ?? 0,
    dead: countDead(incidents, now),
    unreadable: [
      ...new Set([
        ...unreadableRules.map((id) => `rule ${id}`),
        ...unreadableChannels.map((id) => `channel ${id}`),
        ...unreadableItems(incidents, now),
      ]),
    ],
    watchRebuiltAt: isoOrNull(incidents.watchRebuiltAt ?? 0),
    clockNotice: control?.clockNotice ? clockNoticeText(control.clockNotice) : null,
    scoreNotice: scoreScaleNotice(presence),
    unexamined,
  }
}

function viewOf({ kind, since, text }: Fault): z.infer<typeof FaultView> {
  return { kind, since: isoOrNull(since ?? 0), detail: text }
}

export function isoOrNull(instant: Instant): string | null {
  return instant === 0 ? null : isoOf(instant)
}

export function isBehind(control: Control | null, now: Instant): control is Control & { resumeAt: Instant } {
  return control !== null && control.resumeAt !== null && control.resumeAt < now - BEHIND_MS
}
