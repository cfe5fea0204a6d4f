/**
 * GET /status: how Earshot stands, on one page. Until when calls are covered, what is left of the budgets, what waits, and what the
 * channels are owed. It is made of what /health reads, the paces of the channels and the calls that are due first: no scan, however
 * many calls there are.
 */
import { isoOf } from "@earshot/core/instant"
import {
  EMPTY_RING,
  type Limits,
  type RequestKind,
  affordable,
  budgetOf,
  countPolls,
  gateOf,
} from "@earshot/core/turn/budget"
import type { Control } from "@earshot/core/turn/control"
import { POLL_OUTCOMES, type PollOutcome } from "@earshot/core/turn/past-poll"
import { overviewOf } from "@earshot/core/watch/watch"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { Hono } from "hono"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { type DeploymentPrivacy, channelFacts, channelView, listedChannels } from "../channel-view.ts"
import { json, problems } from "../operation.ts"
import { NudgeStatus, nudgeSilenceIn, nudgeStatus } from "../nudge-status.ts"
import { FaultView } from "../health-view.ts"
import { healthFacts, healthOf, isBehind, isoOrNull } from "./health.ts"

const Time = z.iso.datetime()

const Count = z.number().int().min(0)

const Used = z.object({ used: Count, limit: Count })

const Budget = z.object({
  hour: Used.describe("Of the last 62 minutes, as they were counted before they were made."),
  minute: Used.describe("Of this minute and the two before: a request may reach echowin a minute late."),
  left: Count.describe("How many may be made now."),
  blockedUntil: Time.nullable().describe("echowin has asked for none before; null: it has not."),
})

const ChannelStatus = z.object({
  id: z.string(),
  state: z
    .enum(["ok", "degraded", "dead", "off", "unreadable"])
    .describe("As at `GET /channels`; unreadable: what is stored of it is damaged."),
  why: z.string().nullable(),
  lastSuccess: Time.nullable(),
  owed: Count.describe("Messages that it is owed, among the 300 calls that are due first."),
  held: Count.describe("How many of those quiet hours or a snooze hold back."),
  dead: Count.describe("Messages given up within a day, 20 at most."),
})

/** Fields may be added. */
export const StatusView = z.object({
  status: z.enum(["ok", "failing"]).describe("As at `GET /health`."),
  detail: z.string().describe("One sentence for people."),
  faults: z.array(FaultView),
  coverage: z.object({
    until: Time.nullable().describe(
      "What the list showed by then has been read; null: no poll has completed yet. Noted by the start of the next poll.",
    ),
    lagSeconds: Count.nullable(),
    watermark: Time.nullable().describe("Calls that started before are decided, or followed by their id."),
    behindFrom: Time.nullable().describe("After an outage: from here on calls have still to be read."),
  }),
  budgets: z.object({ list: Budget, detail: Budget }),
  calls: z.object({
    open: Count.describe("In progress, or with an undecided rule."),
    waiting: Count.describe("Settled, but for a detail that nobody could fetch yet."),
    unexamined: Count.describe("Closed without such a detail within the last day."),
  }),
  outbox: z.object({
    owed: Count.describe("Messages still to be sent, as last counted."),
    nextAt: Time.nullable().describe("When one of them may be due next; null: none is."),
    dead: Count.describe("Given up, and nobody has said to have seen it."),
  }),
  nudges: NudgeStatus,
  channels: z.array(ChannelStatus),
  polls: z.object({
    turns: Count.describe("Polls and looks so far."),
    startedAt: Time.nullable().describe("When the newest poll did."),
    completedAt: Time.nullable().describe("When a poll last completed its work."),
    readAt: Time.nullable().describe("When the list was last read, or up to ten minutes before."),
    nextAt: Time.nullable().describe("No poll starts before."),
    busyUntil: Time.nullable().describe(
      "A poll is at work until then at the latest; null: none is known to be.",
    ),
    failure: z
      .object({ kind: z.string(), message: z.string(), since: Time, at: Time })
      .nullable()
      .describe("Why the newest poll could not read the list."),
    recent: z
      .array(
        z.object({
          at: Time.describe("When it began."),
          outcome: z.enum(POLL_OUTCOMES),
          text: z.string().describe("The same for people."),
          listed: Count.describe("Rows of the list that it read."),
          alerts: Count.describe("Alerts that it raised."),
        }),
      )
      .describe(
        "The last ten that have been noted, the newest first: each by the start of the next one of its process. A failure is noted at once above, and may take the room of the oldest; of polls of two processes by turns, some may be missing.",
      ),
  }),
})

type StatusSetup = {
  intervalMs: number
  listPerHour: number
  detailPerHour: number
  sealingKey: string | null
  privacy: DeploymentPrivacy
  takesNudges: boolean
}

export function statusRoutes(world: World, store: Store, setup: StatusSetup): Hono {
  return new Hono().get("/", async (context) => context.json(await readStatus(world, store, setup)))
}

async function readStatus(
  world: World,
  store: Store,
  { intervalMs, listPerHour, detailPerHour, sealingKey, privacy, takesNudges }: StatusSetup,
): Promise<z.infer<typeof StatusView>> {
  const now = world.now()
  const facts = await healthFacts(store, true, now)
  const { control, watch, channels } = facts
  const health = healthOf(facts, intervalMs, now)
  const listed = listedChannels(control, channels, privacy)
  const ids = listed.map(({ id }) => id)
  const of = await channelFacts(store, ids, { sealingKey, now })
  const limits = { listPerHour, detailPerHour, gateMs: gateOf(intervalMs, listPerHour) }
  const completedAt = control?.completedAt ?? 0
  const readTo = isBehind(control, now) ? Math.min(control.resumeAt, completedAt) : completedAt
  return {
    status: health.status,
    detail: health.detail,
    faults: health.faults,
    coverage: {
      until: isoOrNull(readTo),
      lagSeconds: readTo === 0 ? null : Math.max(0, Math.round((now - readTo) / 1000)),
      watermark: health.watermark,
      behindFrom: health.behindFrom,
    },
    budgets: {
      list: budgetView(control, "list", limits, now),
      detail: budgetView(control, "detail", limits, now),
    },
    calls: {
      open: overviewOf(watch).open.length,
      waiting: health.unexamined.waiting,
      unexamined: health.unexamined.closed,
    },
    outbox: { owed: health.pending, nextAt: isoOrNull(control?.dueAt ?? 0), dead: health.dead },
    nudges: {
      ...nudgeStatus(control, limits, now),
      silence: await nudgeSilenceIn(store, control, takesNudges, now),
    },
    channels: listed.map((channel) => statusOf(channelView(channel, of))),
    polls: {
      turns: control?.fence ?? 0,
      startedAt: health.lastPollAt,
      completedAt: health.completedAt,
      readAt: isoOrNull(control?.readAt ?? 0),
      nextAt: isoOrNull(control?.nextPollAt ?? 0),
      busyUntil: isoLater(control?.leaseUntil ?? 0, now),
      failure: health.failure,
      recent: (control?.polls ?? [])
        .filter(({ at }) => at <= now)
        .map(({ at, ...poll }) => ({ at: isoOf(at), ...poll, text: OUTCOME_TEXT[poll.outcome] })),
    },
  }
}

const OUTCOME_TEXT: Record<PollOutcome, string> = {
  complete: "It completed its work.",
  unfinished: "There was more to do than it had time for; the next one went on.",
  failed: "The list could not be read, or not be believed.",
  budget: "It asked for nothing: the hour's list requests were used up.",
  blocked: "It asked for nothing: echowin had asked to wait.",
  overtaken: "Another poll had begun meanwhile, and took over.",
  broken: "It broke off: the table failed, or Earshot did. The log says which.",
}

function budgetView(
  control: Control | null,
  kind: RequestKind,
  limits: Limits,
  now: number,
): z.infer<typeof Budget> {
  const { ring = null, fence = 0, listBlockedUntil = 0, detailBlockedUntil = 0 } = control ?? {}
  const counted = countPolls(ring ?? EMPTY_RING, fence, limits, now)
  return {
    ...budgetOf(counted, kind, limits),
    left: Math.max(0, affordable(counted, kind, limits)),
    blockedUntil: isoLater(kind === "list" ? listBlockedUntil : detailBlockedUntil, now),
  }
}

function isoLater(at: number, now: number): string | null {
  return at > now ? isoOf(at) : null
}

function statusOf(view: ReturnType<typeof channelView>): z.infer<typeof ChannelStatus> {
  if (!view.readable) {
    const { id, detail } = view
    return { id, state: "unreadable", why: detail, lastSuccess: null, owed: 0, held: 0, dead: 0 }
  }
  const { state, why, lastSuccess, owed, held, dead } = view.health
  return { id: view.id, state, why, lastSuccess, owed, held, dead }
}

/** What the document says of this route. */
export function statusPaths(): ZodOpenApiPathsObject {
  return {
    "/status": {
      get: {
        operationId: "readStatus",
        tags: ["health"],
        summary:
          "How Earshot stands: coverage, budgets, open calls, the outbox, the channels and the last polls",
        responses: {
          200: json(StatusView.meta({ id: "Status" }), "How it stands, well or not."),
          ...problems(401, 500, 503),
        },
      },
    },
  }
}
