/**
 * Writes what the emulator's oddities do to a call into the simulated call, so that the ledger knows which facts they
 * delay, change or hide. It is read from the call as the emulator shows it in the end, whichever oddity did it.
 */
import { type Instant, isoOf } from "@earshot/core/instant"
import { fateOf } from "@earshot/emulators/odd-source"
import type { Oddities } from "@earshot/emulators/oddity"
import type { SimulatedCall } from "../truth/call.ts"
import { emulatedCall } from "./emulated-source.ts"

const NEVER = Number.POSITIVE_INFINITY

/** Later than anything that ever happens. */
const ALL_OVER: Instant = Number.MAX_SAFE_INTEGER

/** Changes a call that has nothing odd yet. */
export function befallAs(oddities: Oddities, call: SimulatedCall): void {
  const fate = fateOf(emulatedCall(call, ALL_OVER), oddities)
  const shown = fate.call
  const stampsMs = oddities.times?.stampsMs ?? 0
  const endedAt = isoOf(call.endedAt + stampsMs)
  call.createdAt = Date.parse(shown.createdAt) - stampsMs
  call.texts.createdAt = isoOf(call.createdAt)
  call.visibleAt = Math.max(call.visibleAt, fate.visibleAt)
  call.deletedAt = fate.deletedAt
  call.look.hidesEnd = shown.endedAt === null
  if (shown.endedAt !== endedAt) call.look.values = { ...call.look.values, end: shown.endedAt }
  if (shown.status !== "completed") call.look.status = shown.status
  if (shown.score === null) call.scoreAt = NEVER
  if (shown.summary === null) call.summaryAt = NEVER
  if (!shown.metadata?.sentiment) call.sentimentAt = NEVER
  if (!shown.activityTimeline.some(({ type }) => type === "TRANSFER")) call.transferredAt = NEVER
  // What an empty timeline hides is not known before it is filled.
  if (call.transferredAt < NEVER) call.transferredAt = Math.max(call.transferredAt, shown.emptyUntil ?? 0)
  if (fate.revisedAt === NEVER) return
  const revisedScore = fate.revised.score ?? call.score
  if (call.scoreAt < fate.revisedAt) Object.assign(call, { revisedAt: fate.revisedAt, revisedScore })
  // A score that would come after its revision is never shown.
  else call.score = revisedScore
}
