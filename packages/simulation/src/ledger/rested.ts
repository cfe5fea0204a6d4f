/** That what quiet hours or a snooze have held comes afterwards as one digest, and not one by one. */
import type { ChannelId } from "@earshot/core/channel/channel"
import { type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import type { SimulatedCall } from "../truth/call.ts"
import { accountOf, reasonName } from "./account.ts"
import type { Books } from "./books.ts"

export type RestedLedger = {
  /** A message has arrived that tells of these calls. */
  rested: (channel: ChannelId, calls: readonly Told[]) => void
  checkRested: () => void
}

type Told = { callId: string; reasons: readonly string[] }

/** Near its ends a time of rest may not be known to everybody, and what is due may not show yet. */
const EDGE_MS = 5 * MINUTE

/** Fewer than that may have come by ones. */
const MANY = 4

const SINGLES_MAX = 2

/** What was held is told so soon after that: where nothing fails, with one of the next polls. */
const CALM_MS = 5 * MINUTE

const USUAL_MS = 45 * MINUTE

type Span = { from: Instant; to: Instant }

type Count = { channel: ChannelId; what: string; all: number; singly: number }

export function createRestedLedger(books: Books): RestedLedger {
  const { rests, snoozes, traffic, now, findings, promising, routing } = books
  /** For each time of rest, what came of it in each channel. */
  const counts = new Map<Span, Map<ChannelId, Count>>()

  /** When the first of the reasons was found that go there: others may have been given elsewhere, long before. */
  function raisedAt(channel: ChannelId, call: SimulatedCall, reasons: readonly string[]): Instant {
    const times = promising.versions.flatMap((version) => {
      const at = call.account.reasons?.get(reasonName(version))
      if (at === undefined || !reasons.includes(reasonName(version))) return []
      return routing.reach(version, call, channel, { from: at, to: at }) === "always" ? [at] : []
    })
    return Math.min(...times)
  }

  const isCritical = (reasons: readonly string[]) =>
    promising.versions.some((one) => one.severity === "critical" && reasons.includes(reasonName(one)))

  /** The rest in which the call's alert was raised, if that has kept it from the channel. */
  function spanOf(channel: ChannelId, { callId, reasons }: Told): { span: Span; what: string } | undefined {
    const call = traffic.call(callId)
    if (!call || accountOf(call, channel).arrivals !== 1) return undefined
    const at = raisedAt(channel, call, reasons)
    const isHeld = ({ from, to }: Span) => from + EDGE_MS < at && at < to - EDGE_MS && to - EDGE_MS < now()
    const spans = rests.flatMap((rest) => (rest.channel === channel ? rest.spans : []))
    const span = spans.find(isHeld)
    if (span) return { span, what: `the ${span.kind} of ${channel}` }
    // What is critical is told by itself first.
    if (isCritical(reasons)) return undefined
    const ruleIds = reasons.map((name) => name.slice(0, name.indexOf("@")))
    const snooze = snoozes.find((one) => ruleIds.every((id) => id === one.ruleId) && isHeld(one))
    return snooze && { span: snooze, what: `the snooze of ${snooze.ruleId}` }
  }

  function checkSoon(channel: ChannelId, { span, what }: { span: Span; what: string }, callId: string): void {
    const { to } = span
    const lateMs = now() - to - (promising.isCalm ? CALM_MS : USUAL_MS) - promising.downtime(to, now())
    const isFree = books.hadChannel(channel, to, now()) && books.tookMessages(channel, to, now())
    if (lateMs > 0 && isFree && snoozes.some((one) => one === span) && !books.mayBeMistimed(to, now()))
      findings.violated(
        `call ${callId}, which ${what} held, came to ${channel} ${Math.round(lateMs / 1000)} s late`,
      )
  }

  return {
    rested(channel, calls) {
      for (const told of calls) {
        const held = spanOf(channel, told)
        if (!held) continue
        checkSoon(channel, held, told.callId)
        const mine = counts.get(held.span) ?? new Map<ChannelId, Count>()
        counts.set(held.span, mine)
        const count = mine.get(channel) ?? { channel, what: held.what, all: 0, singly: 0 }
        mine.set(channel, count)
        count.all++
        if (calls.length === 1) count.singly++
      }
    },
    checkRested() {
      for (const [{ to }, mine] of counts)
        for (const { channel, what, all, singly } of mine.values())
          if (all >= MANY && singly > SINGLES_MAX && !books.mayBeMistimed(to, to))
            findings.violated(
              `of ${all} calls that ${what} held until ${isoOf(to)}, ${singly} came singly to ${channel}`,
            )
    },
  }
}
