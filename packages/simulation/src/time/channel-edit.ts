/**
 * People who add channels while polls go on, edit them, turn them off, delete them, and mishaps that damage them: for some of the later
 * seeds. Every kind is among them, and so are the deployment's own two.
 */
import { type ChannelId, type ChannelKind, isOfDeployment } from "@earshot/core/channel/channel"
import { type ChannelSettings, unedited } from "@earshot/core/channel/settings"
import type { Instant } from "@earshot/core/instant"
import { type Random, between, chance, createRandom, pick } from "@earshot/emulators/random"
import { AGENTS } from "../truth/agent.ts"
import { PRIVACY } from "../truth/secret.ts"
import type { Roster } from "../truth/routing.ts"
import { type Deployment, deploymentAt } from "./deployment.ts"
import type { PlannedTime } from "./fault.ts"
import { PLAIN_SEEDS } from "./wrong-clock.ts"

/** `damage`: nobody can read it until it is written again. */
export type ChannelEdit = { at: Instant; id: ChannelId } & (
  | { kind: "write"; change: Partial<ChannelSettings> }
  | { kind: "delete" | "damage" }
)

/** What people add, and what of it may change later. */
const ADDED: Record<
  ChannelId,
  { kind: ChannelKind; first: Partial<ChannelSettings>; later: Partial<ChannelSettings> }
> = {
  billing: {
    kind: "webhook",
    first: { agents: [AGENTS[0].name.toUpperCase()], severityFrom: "warning", privacy: "minimal" },
    later: { agents: [AGENTS[0].name, AGENTS[1].id], severityFrom: "info", privacy: "full" },
  },
  night: {
    kind: "slack",
    first: { severityFrom: "critical", privacy: "standard" },
    later: { severityFrom: "warning", privacy: "minimal" },
  },
  desk: {
    kind: "slack-app",
    first: { agents: [AGENTS[1].id], privacy: "standard" },
    later: { agents: [], severityFrom: "critical" },
  },
  ops: {
    kind: "sns",
    first: { severityFrom: "warning", privacy: "minimal" },
    later: { agents: [AGENTS[1].name], severityFrom: "info", privacy: "standard" },
  },
}

export const ADDED_IDS: readonly ChannelId[] = Object.keys(ADDED)

/** In the order of time. */
export function planChannels(span: PlannedTime): ChannelEdit[] {
  const { seed, profile } = span
  const random = createRandom("channels", seed, profile)
  if (profile === "calm" || seed <= PLAIN_SEEDS || !chance(random, 0.6)) return []
  const edits = ADDED_IDS.flatMap((id) => (chance(random, 0.7) ? fateOf(id, span, random) : []))
  return [...edits, ...ownFates(span, random)].sort((a, b) => a.at - b.at)
}

function momentIn(
  { start, end }: PlannedTime,
  random: Random,
  [from, to]: readonly [number, number],
): Instant {
  return start + Math.round((end - start) * between(random, from, to))
}

/** What becomes of a channel that is added. All is as it will be before the last quarter of the time. */
function fateOf(id: ChannelId, span: PlannedTime, random: Random): ChannelEdit[] {
  const { first = {}, later = {} } = ADDED[id] ?? {}
  const [added, changed, back] = [
    momentIn(span, random, [0, 0.2]),
    momentIn(span, random, [0.3, 0.5]),
    momentIn(span, random, [0.55, 0.7]),
  ]
  const write = (at: Instant, change: Partial<ChannelSettings>): ChannelEdit => ({
    kind: "write",
    id,
    at,
    change,
  })
  const edits = [write(added, { mode: "live", ...first })]
  const fate = pick(random, ["none", "changed", "off", "deleted", "deleted and added", "damaged"] as const)
  if (fate === "changed") edits.push(write(changed, later))
  if (fate === "off") edits.push(write(changed, { mode: "off" }), write(back, { mode: "live" }))
  if (fate.startsWith("deleted")) edits.push({ kind: "delete", id, at: changed })
  if (fate === "deleted and added") edits.push(write(back, { mode: "live", ...later }))
  if (fate === "damaged") edits.push({ kind: "damage", id, at: changed }, write(back, later))
  return edits
}

/** The deployment's own cannot be deleted. */
function ownFates(span: PlannedTime, random: Random): ChannelEdit[] {
  const at = (from: number, to: number) => momentIn(span, random, [from, to])
  const write = (id: ChannelId, at: Instant, change: Partial<ChannelSettings>): ChannelEdit => {
    return { kind: "write", id, at, change }
  }
  const edits: ChannelEdit[] = []
  const [off, on] = [at(0.3, 0.45), at(0.5, 0.6)]
  if (chance(random, 0.3))
    edits.push(write("email", off, { mode: "off" }), write("email", on, { mode: "live" }))
  if (chance(random, 0.4)) edits.push(write("slack", at(0.1, 0.3), { severityFrom: "warning" }))
  if (chance(random, 0.3))
    edits.push({ kind: "damage", id: "slack", at: at(0.62, 0.66) }, write("slack", at(0.68, 0.72), {}))
  // Without both, and with nobody else live, they are live all the same.
  const [bothOff, bothOn] = [at(0.46, 0.48), at(0.49, 0.5)]
  if (chance(random, 0.3)) {
    edits.push(write("slack", bothOff, { mode: "off" }), write("email", bothOff, { mode: "off" }))
    edits.push(write("slack", bothOn, { mode: "live" }), write("email", bothOn, { mode: "live" }))
  }
  return edits
}

/** When somebody deleted the channel, and nobody has added it again; null: it is still there. */
export function goneSince(edits: readonly ChannelEdit[], channel: ChannelId): Instant | null {
  const last = edits.findLast(({ id }) => id === channel)
  return last?.kind === "delete" ? last.at : null
}

/** A channel as it is before anybody has edited it. */
export function firstSettings(id: ChannelId): ChannelSettings {
  if (isOfDeployment(id)) return unedited(id, PRIVACY[id])
  const kind = ADDED[id]?.kind ?? "slack"
  return { ...unedited("slack", "standard"), id, kind, name: id, version: 0 }
}

/**
 * Which channels there are, as people have set them and deployments have them. Edits of one moment are written within seconds of each
 * other, in any order: so at that moment there is also what each of them makes alone.
 */
export function rostersOf(edits: readonly ChannelEdit[], deployments: readonly Deployment[]): Roster[] {
  const times = [...new Set([...deployments.map(({ from }) => from), ...edits.map(({ at }) => at)])]
  return times
    .sort((a, b) => a - b)
    .flatMap((from) => {
      const own = deploymentAt(deployments, from)?.channels ?? []
      const before = edits.filter(({ at }) => at < from)
      const together = edits.filter(({ at }) => at === from)
      const alone = together.length > 1 ? together.map((edit) => [...before, edit]) : []
      const steps = [...alone, [...before, ...together]]
      return steps.map((made) => ({ from, channels: channelsAfter(made, own) }))
    })
}

/** Whoever cannot be read is not there. */
function channelsAfter(edits: readonly ChannelEdit[], own: readonly ChannelId[]): Roster["channels"] {
  const settings = new Map<ChannelId, ChannelSettings | null>()
  const last = new Map<ChannelId, ChannelSettings>()
  for (const id of own) settings.set(id, firstSettings(id))
  for (const edit of edits) {
    const { id } = edit
    const before = last.get(id) ?? firstSettings(id)
    if (edit.kind === "write") last.set(id, { ...before, ...edit.change })
    if (isOfDeployment(id) && !own.includes(id)) continue
    // An edit of the deployment's own that cannot be read is as if it had not been made.
    const unread = edit.kind === "damage" && isOfDeployment(id) ? firstSettings(id) : null
    settings.set(id, edit.kind === "write" ? (last.get(id) ?? null) : unread)
  }
  return [...settings.values()].flatMap((one) => {
    if (!one) return []
    const { id, privacy, severityFrom, agents } = one
    return { id, isLive: one.mode === "live", privacy, severityFrom, agents, isOwn: isOfDeployment(id) }
  })
}
