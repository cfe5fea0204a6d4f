/** That what quiet hours or a snooze have held comes afterwards as one digest, and not one by one. */
import type { ChannelId } from "@earshot/core/channel/channel"
import { type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import type { Rest } from "../time/rest.ts"
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

type Span = Rest["spans"][number]

export function createRestedLedger(books: Books): RestedLedger {
  const { rests, traffic, now, findings, promising, routing } = books
  const counts = new Map<Span, { channel: ChannelId; all: number; singly: number }>()

  /** When the first of the reasons was found that go there: others may have been given elsewhere, long before. */
  function raisedAt(channel: ChannelId, call: SimulatedCall, reasons: readonly string[]): Instant {
    const times = promising.versions.flatMap((version) => {
      const at = call.account.reasons?.get(reasonName(version))
      if (at === undefined || !reasons.includes(reasonName(version))) return []
      return routing.reach(version, call, channel, { from: at, to: at }) === "always" ? [at] : []
    })
    return Math.min(...times)
  }

  /** The rest in which the call's alert was raised, if that has kept it from the channel. */
  function spanOf(channel: ChannelId, { callId, reasons }: Told): Span | undefined {
    const call = traffic.call(callId)
    if (!call || accountOf(call, channel).arrivals !== 1) return undefined
    const at = raisedAt(channel, call, reasons)
    const spans = rests.flatMap((rest) => (rest.channel === channel ? rest.spans : []))
    return spans.find(({ from, to }) => from + EDGE_MS < at && at < to - EDGE_MS && to - EDGE_MS < now())
  }

  return {
    rested(channel, calls) {
      for (const told of calls) {
        const span = spanOf(channel, told)
        if (!span) continue
        const count = counts.get(span) ?? { channel, all: 0, singly: 0 }
        count.all++
        if (calls.length === 1) count.singly++
        counts.set(span, count)
      }
    },
    checkRested() {
      for (const [{ kind, to }, { channel, all, singly }] of counts)
        if (all >= MANY && singly > SINGLES_MAX && !books.mayBeMistimed(to, to))
          findings.violated(
            `of ${all} calls that the ${kind} of ${channel} held until ${isoOf(to)}, ${singly} came singly`,
          )
    },
  }
}
