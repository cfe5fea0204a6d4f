/** Each oddity of the emulator alone, on every call: the truth says what is shown, to the millisecond. */
import { HOUR, type Instant } from "@earshot/core/instant"
import { createOddSource } from "@earshot/emulators/odd-source"
import type { Oddities } from "@earshot/emulators/oddity"
import { expect, test } from "vitest"
import { START } from "../scenario.ts"
import { NO_ROWS } from "../truth/oddity.ts"
import { type SimulatedCall, isVisible } from "../truth/call.ts"
import { createCallTraffic } from "../truth/traffic.ts"
import { createEmulatedSource } from "./emulated-source.ts"
import { befallAs } from "./emulated-truth.ts"

const NEVER = Number.POSITIVE_INFINITY

const oddities: Omit<Oddities, "seed">[] = [
  {},
  { rows: { nulls: 1 } },
  { rows: { unknownValues: 1 } },
  { rows: { equalTimestamps: 1 } },
  { rows: { lateVisibility: 1 } },
  { rows: { deletions: 1 } },
  { rows: { revisedScores: 1 } },
  { rows: { typesetTexts: 1 } },
  { values: { impossibleEnds: 1 } },
  { values: { emptyFirst: 1 } },
  { times: { stampsMs: -7 * HOUR } },
  {
    rows: { nulls: 0.5, revisedScores: 1, unknownValues: 0.5, equalTimestamps: 0.5, lateVisibility: 0.5 },
    values: { impossibleEnds: 0.5, emptyFirst: 0.5 },
    times: { stampsMs: 5.5 * HOUR },
  },
]

function truthOf(call: SimulatedCall, now: Instant) {
  if (!isVisible(call, now)) return null
  const hasEnded = call.endedAt <= now
  return {
    createdAt: call.texts.createdAt,
    endedAt: hasEnded && !call.look.hidesEnd ? (call.look.values.end ?? call.texts.endedAt) : null,
    status: call.look.status ?? (hasEnded ? "completed" : "in_progress"),
    duration: hasEnded ? call.seconds : null,
    score: call.revisedAt <= now ? call.revisedScore : call.scoreAt <= now ? call.score : null,
    flagged: call.flaggedAt <= now,
    angry: call.sentimentAt <= now ? call.angry : null,
    isTransferred: call.transferredAt <= now,
  }
}

test.each(oddities)("the truth is what is shown, with %j", (odd) => {
  const settings = { seed: 3, perHour: 60, from: START, to: START + 24 * HOUR, hasCrowds: true }
  const plain = createCallTraffic({ ...settings, oddities: NO_ROWS })
  const befall = (call: SimulatedCall) => befallAs({ seed: 5, ...odd }, call)
  const { stampsMs = 0 } = odd.times ?? {}
  const truth = createCallTraffic({ ...settings, oddities: NO_ROWS, stampsMs, befall })
  const source = createOddSource(createEmulatedSource(plain), { seed: 5, ...odd })
  const begins = new Map(plain.callsAt(settings.to).map(({ id, createdAt }) => [id, createdAt]))

  for (const call of truth.callsAt(settings.to)) {
    const { visibleAt, endedAt, transferredAt, summaryAt, scoreAt, revisedAt, sentimentAt } = call
    const turns = [visibleAt, endedAt, transferredAt, summaryAt, scoreAt, revisedAt, sentimentAt]
    const instants = [...turns, call.flaggedAt, call.deletedAt, endedAt + 4 * HOUR]
      .flatMap((at) => [Math.ceil(at) - 1, Math.ceil(at)])
      .filter((at) => at < NEVER && at >= (begins.get(call.id) ?? NEVER))
    for (const now of instants.sort((one, other) => one - other)) {
      const shown = source.callAt(now, call.id)
      const { createdAt, endedAt: end, status, duration, score, flagged } = shown ?? {}
      const angry = shown?.metadata?.sentiment?.angry ?? null
      const timeline = now < (shown?.emptyUntil ?? 0) ? [] : shown?.activityTimeline
      const isTransferred = timeline?.some(({ type }) => type === "TRANSFER")
      const facts = { createdAt, endedAt: end, status, duration, score, flagged, angry, isTransferred }
      expect(shown ? facts : null).toEqual(truthOf(call, now))
    }
  }
})
