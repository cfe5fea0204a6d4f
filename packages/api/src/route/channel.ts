/** The routes under /channels. An edit is announced before it is made, as a rule's is, so that the next poll reads it. */
import { ChannelId, isOfDeployment } from "@earshot/core/channel/channel"
import { rosterOf } from "@earshot/core/channel/roster"
import { type StoredChannel, isReadableChannel } from "@earshot/core/channel/settings"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Context, Hono } from "hono"
import {
  type ChannelSaved,
  type ChannelSetup,
  deleteChannel,
  saveChannel,
  snoozeChannel,
} from "../channel-edit.ts"
import { bodyIssue, isThere, readChannelBody } from "../channel-request.ts"
import { readTest, testChannel } from "../channel-test.ts"
import {
  type DeploymentPrivacy,
  channelFacts,
  channelView,
  deploymentOf,
  listedChannels,
} from "../channel-view.ts"
import { etagOf, matchIssue } from "../if-match.ts"
import { type Problem, problem, problemResponse } from "../problem.ts"
import { readSnooze } from "../snooze.ts"
import { numberedId, slugOf } from "../rule-id.ts"

/** `intervalMs` 0: polls are started by hand. */
export type ChannelRouteSetup = ChannelSetup & { privacy: DeploymentPrivacy; intervalMs: number }

export function channelRoutes(world: World, store: Store, setup: ChannelRouteSetup): Hono {
  const routes = new Hono()
  const current: Current = (id) => currentChannel(store, setup, id)
  const desk = { world, store, setup, current }
  listRoutes(routes, desk)
  editRoutes(routes, desk)
  snoozeRoutes(routes, desk)
  testRoutes(routes, desk)
  return routes
}

/** A channel as it is in force, deleted and unreadable ones too; null if there is none. */
type Current = (id: string) => Promise<StoredChannel | null>

/** What all routes work with. */
type Desk = { world: World; store: Store; setup: ChannelRouteSetup; current: Current }

function listRoutes(routes: Hono, { world, store, setup, current }: Desk): void {
  const factsOf = async (listed: readonly StoredChannel[]) => {
    const ids = listed.map(({ id }) => id)
    return channelFacts(store, ids, { sealingKey: setup.sealingKey, now: world.now() })
  }
  routes.get("/", async (context) => {
    const [control, stored] = await Promise.all([store.readControl(), store.readChannels()])
    const listed = listedChannels(control, stored, setup.privacy)
    const facts = await factsOf(listed)
    return context.json({ channels: listed.map((channel) => channelView(channel, facts)) })
  })

  routes.get("/:id", async (context) => {
    const known = await current(context.req.param("id"))
    if (!isThere(known)) return problemResponse(noChannel(context.req.param("id")))
    context.header("etag", etagOf(known))
    return context.json(channelView(known, await factsOf([known])))
  })
}

function editRoutes(routes: Hono, { world, store, setup, current }: Desk): void {
  const answer = async (context: Context, saved: ChannelSaved) =>
    answerSaved(context, { world, store, setup }, saved)

  routes.post("/", async (context) => {
    const body = await readChannelBody(context, { isDeployments: false, base: null })
    if (!body.ok) return problemResponse(body.problem)
    const id = body.value.id ?? (await freeId(store, body.value.name))
    const known = await current(id)
    if (isOfDeployment(id) || isThere(known)) return problemResponse(existsAlready(id))
    return answer(context, await saveChannel(world, store, setup, { id, body: body.value, known }))
  })

  for (const method of ["PUT", "PATCH"] as const) {
    routes.on(method, "/:id", async (context) => {
      const id = context.req.param("id") ?? ""
      const checked = ChannelId.safeParse(id)
      if (!checked.success) {
        return problemResponse(problem(400, `The id ${checked.error.issues[0]?.message}.`))
      }
      const known = await current(id)
      const isMissing = !isThere(known) && (method === "PATCH" || isOfDeployment(id))
      if (isMissing) return problemResponse(noChannel(id))
      const base = method === "PATCH" ? known : null
      const body = await readChannelBody(context, { isDeployments: isOfDeployment(id), base })
      if (!body.ok) return problemResponse(body.problem)
      const issue = bodyIssue(id, body.value, known) ?? mismatchOf(context, known, body.version)
      if (issue) return problemResponse(issue)
      return answer(context, await saveChannel(world, store, setup, { id, body: body.value, known }))
    })
  }

  routes.delete("/:id", async (context) => {
    const id = context.req.param("id")
    const known = await current(id)
    if (!isThere(known)) return problemResponse(noChannel(id))
    if (isOfDeployment(id)) return problemResponse(problem(409, OF_DEPLOYMENT))
    const mismatch = mismatchOf(context, known)
    if (mismatch) return problemResponse(mismatch)
    const done = await deleteChannel(world, store, known)
    if (!done.ok) return problemResponse(done.problem)
    return done.value ? context.body(null, 204) : problemResponse(editedMeanwhile(id))
  })
}

function snoozeRoutes(routes: Hono, { world, store, setup, current }: Desk): void {
  for (const method of ["POST", "DELETE"] as const) {
    routes.on(method, "/:id/snooze", async (context) => {
      const id = context.req.param("id") ?? ""
      const known = await current(id)
      if (!isThere(known)) return problemResponse(noChannel(id))
      if (!isReadableChannel(known)) return problemResponse(problem(409, "The channel cannot be read."))
      const asked = await readSnooze(context, world.now())
      if (!asked.ok) return problemResponse(asked.problem)
      const mismatch = mismatchOf(context, known, asked.version)
      if (mismatch) return problemResponse(mismatch)
      const saved = await snoozeChannel(world, store, known, asked.until)
      return answerSaved(context, { world, store, setup }, saved)
    })
  }
}

function testRoutes(routes: Hono, { world, store, setup, current }: Desk): void {
  routes.post("/:id/test", async (context) => {
    const id = context.req.param("id")
    const known = await current(id)
    if (!isThere(known)) return problemResponse(noChannel(id))
    if (!isReadableChannel(known)) return problemResponse(problem(409, "The channel cannot be read."))
    if (known.mode === "off") return problemResponse(problem(409, OFF))
    const test = await testChannel(world, store, id, { isPolled: setup.intervalMs > 0 })
    context.header("location", `/channels/${id}/tests/${test.id}`)
    return context.json(test, test.state === "waiting" ? 202 : 200)
  })

  routes.get("/:id/tests/:test", async (context) => {
    const { id, test } = context.req.param()
    const view = /^[a-z0-9]{1,30}$/.test(test) && ChannelId.safeParse(id).success
    const found = view ? await readTest(store, id, test) : null
    if (!found) return problemResponse(problem(404, "There is no such test, or it is more than 30 days ago."))
    return context.json(found)
  })
}

const OF_DEPLOYMENT =
  'Its address is in the deployment\'s settings, so it cannot be deleted; {"mode": "off"} stops its messages.'

const OFF = 'The channel is off, and is sent nothing. Set {"mode": "live"} first.'

async function currentChannel(
  store: Store,
  { privacy }: ChannelRouteSetup,
  id: string,
): Promise<StoredChannel | null> {
  if (!ChannelId.safeParse(id).success) return null
  const [control, stored] = await Promise.all([store.readControl(), store.readChannel(id)])
  if (!isOfDeployment(id)) return stored
  const [own = null] = rosterOf(deploymentOf(control, privacy), []).filter((channel) => channel.id === id)
  return own && (stored ?? own)
}

/** The first id of this name that no channel has or had. */
async function freeId(store: Store, name: string): Promise<ChannelId> {
  const slug = await slugOf(name, "channel")
  const ids = new Set((await store.readChannels()).map(({ id }) => id))
  // Ends, because each number that is passed over is a stored channel, of which there are only so many.
  for (let number = 1; ; number++) {
    const id = numberedId(slug, number)
    if (!ids.has(id) && !isOfDeployment(id)) return id
  }
}

async function answerSaved(
  context: Context,
  { world, store, setup }: Pick<Desk, "world" | "store" | "setup">,
  saved: ChannelSaved,
): Promise<Response> {
  if (saved.kind === "refused") return problemResponse(saved.problem)
  if (saved.kind === "overtaken") return problemResponse(editedMeanwhile(saved.id))
  const { channel, isNew, signingSecret } = saved
  context.header("etag", etagOf(channel))
  if (isNew) context.header("location", `/channels/${channel.id}`)
  const { sealingKey } = setup
  const facts = await channelFacts(store, [channel.id], { sealingKey, now: world.now() })
  const view = channelView(channel, facts)
  return context.json({ ...view, ...(signingSecret !== null && { signingSecret }) }, isNew ? 201 : 200)
}

function mismatchOf(context: Context, known: StoredChannel | null, version?: number): Problem | null {
  return matchIssue(context, { noun: "channel", etag: isThere(known) ? etagOf(known) : null, version })
}

function noChannel(id: string): Problem {
  const name = ChannelId.safeParse(id).success ? id : "with that id"
  return problem(404, `No channel is called ${name}: GET /channels lists those that exist.`)
}

function existsAlready(id: string): Problem {
  return problem(
    409,
    `There is already a channel ${id}: PUT /channels/${id} replaces it; choose another id to add one.`,
  )
}

function editedMeanwhile(id: string): Problem {
  return problem(409, `Somebody else edited the channel ${id} at the same moment; read it again.`)
}
