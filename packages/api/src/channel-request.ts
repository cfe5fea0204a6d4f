/** The body of a request that adds or edits a channel, and what in it cannot be done. */
import type { ChannelId } from "@earshot/core/channel/channel"
import {
  ChannelInput,
  type ChannelSettings,
  DeploymentChannelInput,
  type StoredChannel,
  isReadableChannel,
} from "@earshot/core/channel/settings"
import type { Context } from "hono"
import * as z from "zod"
import { type Problem, problem, problemErrors } from "./problem.ts"

export type ChannelBody = ChannelInput | z.infer<typeof DeploymentChannelInput>

/** `version`: of what the body says that it edits. */
type Body = { ok: true; value: ChannelBody; version: number | undefined } | { ok: false; problem: Problem }

/** What only Earshot writes: a channel as it was read may be sent back. */
const OURS = new Set([
  "version",
  "updatedAt",
  "readable",
  "deployment",
  "health",
  "signingSecret",
  "snoozedUntil",
])

const Fields = z.record(z.string(), z.unknown())

/**
 * `base`: what the body changes; null: it says everything. `isDeployments`: the channel's address is the deployment's, and what
 * the body says of it is ignored.
 */
export async function readChannelBody(
  context: Context,
  { isDeployments, base }: { isDeployments: boolean; base: StoredChannel | null },
): Promise<Body> {
  const text = await context.req.text()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { ok: false, problem: problem(400, "The body is not JSON.") }
  }
  const given = Fields.safeParse(json).data
  const merged = given && base && isReadableChannel(base) ? mergedWith(base, given) : given
  const own = merged && Object.fromEntries(Object.entries(merged).filter(([name]) => !OURS.has(name)))
  if (own && isDeployments) delete own["target"]
  const parsed = (isDeployments ? DeploymentChannelInput : ChannelInput).safeParse(own ?? json)
  if (parsed.success) {
    const version = z.int().safeParse(given?.["version"]).data
    return { ok: true, value: parsed.data, version }
  }
  const errors = problemErrors(parsed.error)
  return { ok: false, problem: problem(400, "The channel is invalid; nothing was saved.", errors) }
}

/** A merge patch, RFC 7396, of a channel as it is read. Null takes a field back to its default, and makes a signing secret anew. */
function mergedWith(base: ChannelSettings, patch: Record<string, unknown>) {
  const { target, isDeleted: _isDeleted, snoozedUntil: _snoozedUntil, ...settings } = base
  const aim = Fields.safeParse(patch["target"]).data
  const merged: Record<string, unknown> = { ...settings, ...patch, target: { ...target.shown, ...aim } }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null))
}

/** Not deleted. */
export function isThere(known: StoredChannel | null): known is StoredChannel {
  return known !== null && !(isReadableChannel(known) && known.isDeleted)
}

/** What cannot be changed by an edit. */
export function bodyIssue(
  id: ChannelId,
  body: { id?: string | undefined; kind?: string | undefined },
  known: StoredChannel | null,
): Problem | null {
  if (body.id !== undefined && body.id !== id) {
    const errors = [{ path: "/id", message: `must be ${id}, as in the address, or be left out` }]
    return problem(400, "A channel's id cannot be changed.", errors)
  }
  if (!isThere(known) || !isReadableChannel(known)) return null
  if (body.kind === undefined || body.kind === known.kind) return null
  const errors = [{ path: "/kind", message: `must be ${known.kind}, or be left out` }]
  return problem(400, "A channel's kind cannot be changed; delete it and add another.", errors)
}
