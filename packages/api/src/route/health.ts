/** GET /health: whether the poller runs, whether it can read the list, and what it still owes. Needs no token. */
import { type Instant, MINUTE, durationText, isoOf } from "@earshot/core/instant"
import { BEHIND_MS } from "@earshot/core/list/plan"
import type { Control } from "@earshot/core/turn/control"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { Hono } from "hono"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { PROBLEM_CONTENT, json, problems } from "../operation.ts"

export const Health = z.object({
  status: z.enum(["ok", "failing"]),
  detail: z.string().describe("One sentence for people."),
  lastPollAt: z.iso.datetime().nullable().describe("When the newest poll started."),
  watermark: z.iso
    .datetime()
    .nullable()
    .describe("Calls that started before are decided, or followed by their id."),
  behindFrom: z.iso
    .datetime()
    .nullable()
    .describe(
      "After an outage: the oldest start of a call that has still to be read. Null if the list is read up to the present.",
    ),
  failure: z
    .object({ kind: z.string(), message: z.string(), since: z.iso.datetime(), at: z.iso.datetime() })
    .nullable()
    .describe("Why the newest poll could not read the list."),
  pending: z.number().int().min(0).describe("Deliveries that are still owed."),
  unexamined: z
    .number()
    .int()
    .min(0)
    .describe("Calls closed without a detail that a rule needed, for want of requests."),
})

export type Health = z.infer<typeof Health>

/** `intervalMs` 0: polls are started by hand, and silence says nothing. */
export function healthRoutes(world: World, store: Store, intervalMs: number): Hono {
  return new Hono().get("/", async (context) => {
    const health = healthOf(await store.readControl(), intervalMs, world.now())
    return context.json(health, health.status === "ok" ? 200 : 503)
  })
}

export function healthPaths(): ZodOpenApiPathsObject {
  const body = Health.meta({ id: "Health" })
  return {
    "/health": {
      get: {
        operationId: "readHealth",
        tags: ["health"],
        summary: "How the poller is doing",
        security: [],
        responses: {
          200: json(body, "It runs."),
          ...problems(500),
          503: {
            description: "It does not run, cannot read the calls, or has no table.",
            content: { "application/json": { schema: body }, ...PROBLEM_CONTENT },
          },
        },
      },
    },
  }
}

/** Silence is no proof of health: a poller that has not run for this long, or three intervals, is failing. */
const SILENCE_MIN_MS = 3 * MINUTE

/** `intervalMs` 0: polls are started by hand, and silence says nothing. */
export function healthOf(control: Control | null, intervalMs: number, now: Instant): Health {
  const { failure } = control ?? { failure: null }
  const polledAt = control?.polledAt ?? 0
  const silenceMs = now - polledAt
  const silenceMaxMs = Math.max(SILENCE_MIN_MS, 3 * intervalMs)
  const trouble =
    polledAt === 0
      ? "No poll has run yet."
      : failure
        ? failure.message
        : intervalMs > 0 && silenceMs > silenceMaxMs
          ? `The last poll started ${durationText(silenceMs)} ago.`
          : null
  return {
    status: trouble === null ? "ok" : "failing",
    detail: trouble ?? `The last poll started ${durationText(silenceMs)} ago.`,
    lastPollAt: polledAt === 0 ? null : isoOf(polledAt),
    watermark: control?.watermark ? isoOf(control.watermark) : null,
    behindFrom: isBehind(control, now) ? isoOf(control.resumeAt) : null,
    failure: failure && { ...failure, since: isoOf(failure.since), at: isoOf(failure.at) },
    pending: control?.pending ?? 0,
    unexamined: control?.unexamined ?? 0,
  }
}

function isBehind(control: Control | null, now: Instant): control is Control & { resumeAt: Instant } {
  return control !== null && control.resumeAt !== null && control.resumeAt < now - BEHIND_MS
}
