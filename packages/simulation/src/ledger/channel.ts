/** What must hold of a channel as a whole in a simulation: its pace, whoever sends, and which calls a digest is about. */
import type { ChannelId } from "@earshot/core/channel/channel"
import { type Instant, SECOND } from "@earshot/core/instant"
import type { Listener } from "../process/listener.ts"
import { accountOf } from "./account.ts"
import { noteArrival, noteSent } from "./alerting.ts"
import type { Books } from "./books.ts"
import { type BriefLedger, createBriefLedger } from "./brief.ts"
import { createRestedLedger } from "./rested.ts"
import { createStormLedger } from "./storm.ts"
import { type ToldLedger, createToldLedger } from "./told.ts"

type ChannelLedger = Pick<Listener, "arrived" | "digestSent" | "digestArrived" | "toldOf" | "posted"> &
  BriefLedger &
  Pick<ToldLedger, "pollEnded"> & {
    /** What came of a storm, and of what was held. */
    checkMany: () => void
  }

const PACE_MS = SECOND

/** Where clocks differ and processes freeze: so many more within ten seconds than the pace allows. */
const EXTRA_MAX = 4

type InDigest = { callId: string; reasons: readonly string[]; mayRepeat: boolean }

export function createChannelLedger(books: Books): ChannelLedger {
  const digests = new Map<string, InDigest[]>()
  const posts = new Map<ChannelId, Instant[]>()
  const { now, findings } = books
  const { took, posted, toldOf, pollEnded } = createToldLedger(books)
  const { told, checkStorm } = createStormLedger(books)
  const { rested, checkRested } = createRestedLedger(books)
  const briefs = createBriefLedger(books)

  return {
    ...briefs,
    briefArrived(channel, brief, mayRepeat) {
      took(channel)
      briefs.briefArrived(channel, brief, mayRepeat)
    },
    pollEnded,
    checkMany() {
      checkStorm()
      checkRested()
    },
    arrived(arrival) {
      took(arrival.channel)
      noteArrival(books, arrival)
      told(arrival.channel, [arrival])
      rested(arrival.channel, [arrival])
    },
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
      took(channel)
      const calls = digests.get(digest) ?? []
      if (calls.some((call) => call.mayRepeat) && !mayRepeat)
        findings.violated(`a digest that may repeat something arrived in ${channel} without saying so`)
      for (const call of calls) noteArrival(books, { ...call, channel })
      told(channel, calls)
      rested(channel, calls)
    },
    toldOf(trouble, channel, mayRepeat) {
      took(channel)
      toldOf(trouble, channel, mayRepeat)
    },
    posted(channel, process) {
      posted(channel, process)
      const times = posts.get(channel) ?? []
      posts.set(channel, [...times.slice(-30), now()])
      const last = times.at(-1) ?? 0
      const recent = times.filter((at) => now() - at < 10 * PACE_MS).length + 1
      const isTooFast = books.promising.isCalm ? now() - last < PACE_MS : recent > 10 + EXTRA_MAX
      if (isTooFast && !books.mayBeMistimed(now(), now()))
        findings.violated(`${channel} is sent a message ${now() - last} ms after another, ${recent} in 10 s`)
    },
  }
}
