/**
 * What must hold of a channel as a whole in a simulation: its pace, whoever sends; which calls a digest is about; and that a channel
 * which refuses is said to do so in another one, once.
 */
import type { ChannelId } from "@earshot/core/channel/channel"
import { HOUR, type Instant, MINUTE, SECOND, isoOf } from "@earshot/core/instant"
import type { Listener } from "../process/listener.ts"
import type { Refusal } from "../time/refusal.ts"
import { accountOf } from "./account.ts"
import { noteArrival, noteSent } from "./alerting.ts"
import type { Books } from "./books.ts"

type ChannelLedger = Pick<Listener, "digestSent" | "digestArrived" | "toldOf" | "posted"> & {
  /** Each refusal that messages met was told of. */
  checkTold: () => void
}

const PACE_MS = SECOND

/** Where clocks differ and processes freeze: so many more within ten seconds than the pace allows. */
const EXTRA_MAX = 4

/** The same trouble is said this often at most, by clocks that differ. */
const TOLD_EVERY_MS = 59 * MINUTE

/** Polls, of which some die, and another channel that may be failing for a while. */
const TOLD_WITHIN_MS = 15 * MINUTE

type InDigest = { callId: string; reasons: readonly string[]; mayRepeat: boolean }

export function createChannelLedger(books: Books): ChannelLedger {
  const digests = new Map<string, InDigest[]>()
  const posts = new Map<ChannelId, Instant[]>()
  const toldAt = new Map<string, Instant>()
  const met = new Map<Refusal, { firstAt: Instant; isTold: boolean }>()
  const { now, findings, refusals } = books

  return {
    digestSent(digest, channel, process) {
      const calls: InDigest[] = []
      for (const { callId, deliveries } of books.owing.values()) {
        const claimed = deliveries.find((one) => {
          return one.channel === channel && one.state === "claimed" && one.digest === digest
        })
        const call = books.traffic.call(callId)
        if (!claimed || !call) continue
        const reasons = accountOf(call, channel).claim.reasons.split(" ")
        calls.push({ callId, reasons, mayRepeat: claimed.mayRepeat })
        noteSent(books, { callId, channel, reasons, isUnknown: false }, process)
      }
      if (calls.length === 0) findings.violated(`a digest is sent to ${channel} of no calls that are claimed`)
      digests.set(digest, calls)
    },
    digestArrived(digest, channel, mayRepeat) {
      const calls = digests.get(digest) ?? []
      if (calls.some((call) => call.mayRepeat) && !mayRepeat)
        findings.violated(`a digest that may repeat something arrived in ${channel} without saying so`)
      for (const call of calls) noteArrival(books, { ...call, channel })
    },
    toldOf({ about, isOver }, channel, mayRepeat) {
      books.trace?.(`${isoOf(now())} ${channel} hears of ${about}: ${isOver ? "over" : "in trouble"}`)
      if (about === channel) findings.violated(`${channel} is told of itself`)
      if (isOver) return
      const toldLast = toldAt.get(about) ?? 0
      const sinceMs = books.incidentsLostAt > toldLast ? HOUR : now() - toldLast
      if (!mayRepeat && sinceMs < TOLD_EVERY_MS && !books.mayBeMistimed(now(), now()))
        findings.violated(`${channel} is told of ${about} again after ${Math.round(sinceMs / SECOND)} s`)
      toldAt.set(about, now())
      for (const [refusal, known] of met) if (refusal.channel === about) known.isTold = true
    },
    posted(channel) {
      const refusal = refusals.find((one) => one.channel === channel && one.from <= now() && now() < one.to)
      if (refusal && !met.has(refusal)) {
        const told = toldAt.get(channel) ?? 0
        met.set(refusal, { firstAt: now(), isTold: now() - told < HOUR })
      }
      const times = posts.get(channel) ?? []
      posts.set(channel, [...times.slice(-30), now()])
      const last = times.at(-1) ?? 0
      const recent = times.filter((at) => now() - at < 10 * PACE_MS).length + 1
      const isTooFast = books.promising.isCalm ? now() - last < PACE_MS : recent > 10 + EXTRA_MAX
      if (isTooFast && !books.mayBeMistimed(now(), now()))
        findings.violated(`${channel} is sent a message ${now() - last} ms after another, ${recent} in 10 s`)
    },
    checkTold() {
      for (const [{ channel, kind, to }, { firstAt, isTold }] of met) {
        const by = firstAt + TOLD_WITHIN_MS + books.promising.downtime(firstAt, firstAt + 6 * HOUR)
        const hadOther = books.routing.ids.some((id) => id !== channel && books.hadChannel(id, firstAt, by))
        if (kind !== "refused" || isTold || by > to || !hadOther || books.mayBeMistimed(firstAt, by)) continue
        findings.violated(`nobody was told that ${channel} refuses since ${isoOf(firstAt)}`)
      }
    },
  }
}
