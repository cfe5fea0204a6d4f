/**
 * POST /nudge: the vendor's post-call workflow says that a call has ended, so that the poller looks now instead of in some seconds.
 *
 * Its secret is its own, because it lies in the vendor's editor: anybody who has it can make the poller look a little more often, and do
 * nothing else. Without the right one this is a path like any other that does not exist; where none is set, it is not there at all,
 * which is why /openapi.json does not have it.
 */
import type { World } from "@earshot/io/world"
import { type Context, Hono } from "hono"
import { createMiddleware } from "hono/factory"
import { type SendNudge, createNudgeDoor } from "../nudge-door.ts"
import { hashOf, isSame } from "../token.ts"

/** The header of the secret, for tools that can set one. */
export const NUDGE_HEADER = "x-earshot-nudge"

export type NudgeRouteSetup = { secret: string; send: SendNudge }

const ACCEPTED = { status: "accepted" }

/** Above the token's door: what has the wrong secret goes on to it, and is refused there. */
export function nudgeRoutes(world: World, { secret, send }: NudgeRouteSetup): Hono {
  const door = createNudgeDoor(world, send)
  const expected = hashOf(secret)
  const withSecret = (secretIn: (context: Context) => string | undefined) =>
    createMiddleware(async (context, next) => {
      const given = secretIn(context)
      if (given === undefined || !isSame(hashOf(given), expected)) return next()
      await door(context.req.raw.body, new URL(context.req.url).searchParams)
      return context.json(ACCEPTED, 202)
    })
  return new Hono()
    .post(
      "/",
      withSecret((context) => context.req.header(NUDGE_HEADER)),
    )
    .post(
      "/:secret",
      withSecret((context) => context.req.param("secret")),
    )
}
