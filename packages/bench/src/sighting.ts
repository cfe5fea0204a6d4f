/**
 * When a poller first had an answer that shows what there is to know of a call: its end, its score, its flag, its mood. This needs nothing
 * of the poller but the requests that it makes, so that builds of different ages can be compared, and every call counts, not only bad
 * ones. To Slack it takes as long as a request and a message more.
 */
import { type Instant, MINUTE } from "@earshot/core/instant"
import { type SimulatedCall, firstFrom, isVisible } from "@earshot/simulation/truth/call"

/** How long after the vendor could show it, in milliseconds; `never`: facts that no answer has shown. */
export type Sights = { end: number[]; analysis: number[]; never: number }

/** Facts that come later than this after a call's end are not waited for. */
const SOON_MS = 30 * MINUTE

const PAGE_ROWS = 100

const FACTS = ["end", "score", "flag", "mood"] as const

type Fact = (typeof FACTS)[number]

/** `calls` by start: all that there will be. Called with each request; `sights` are those of what was shown until `until`. */
export function createSightings(calls: readonly SimulatedCall[], until: Instant) {
  const byId = new Map(calls.map((call) => [call.id, call]))
  const seen = new Map<string, Partial<Record<Fact, number>>>()

  function note(call: SimulatedCall, at: Instant, isDetail: boolean): void {
    const known = seen.get(call.id) ?? {}
    const times = timesOf(call)
    for (const fact of FACTS) {
      // Moods are not in the list.
      if (times[fact] <= at && (isDetail || fact !== "mood")) known[fact] ??= at - times[fact]
    }
    seen.set(call.id, known)
  }

  return {
    asked: (url: URL, at: Instant): void => {
      const id = /\/calls\/([^/]+)$/.exec(url.pathname)?.[1]
      if (id === undefined) {
        for (const call of listed(calls, url.searchParams, at)) note(call, at, false)
        return
      }
      const call = byId.get(decodeURIComponent(id))
      if (!call) throw new Error(`The traffic of the benchmark has no call ${id}.`)
      if (isVisible(call, at)) note(call, at, true)
    },
    sights: (): Sights => {
      const sights: Sights = { end: [], analysis: [], never: 0 }
      for (const call of calls) {
        const times = timesOf(call)
        for (const fact of FACTS) {
          const isSoon = times[fact] - call.endedAt <= SOON_MS
          // An analysis without a score says only in details that it is there, and nobody knows when to look.
          const isTold = fact !== "mood" || times.score < Number.POSITIVE_INFINITY
          if (!isSoon || !isTold || times[fact] > until - MINUTE || call.deletedAt < Number.POSITIVE_INFINITY)
            continue
          const after = seen.get(call.id)?.[fact]
          if (after === undefined) sights.never++
          else sights[fact === "end" ? "end" : "analysis"].push(after)
        }
      }
      return sights
    },
  }
}

function timesOf({
  visibleAt,
  endedAt,
  scoreAt,
  flaggedAt,
  sentimentAt,
}: SimulatedCall): Record<Fact, Instant> {
  const shown = (at: Instant) => Math.max(visibleAt, at)
  return { end: shown(endedAt), score: shown(scoreAt), flag: shown(flaggedAt), mood: shown(sentimentAt) }
}

/** What a page of the list shows: by start, or those that ended last. */
function listed(
  calls: readonly SimulatedCall[],
  query: URLSearchParams,
  at: Instant,
): readonly SimulatedCall[] {
  const from = firstFrom(calls, Date.parse(query.get("dateFrom") ?? ""), ({ createdAt }) => createdAt)
  const shown = calls.slice(from).filter((call) => call.createdAt <= at && isVisible(call, at))
  const page = Number(query.get("page") ?? "1") - 1
  const endOf = ({ endedAt }: SimulatedCall) => (endedAt <= at ? endedAt : Number.NEGATIVE_INFINITY)
  if (query.get("sortBy") === "endedAt") shown.sort((a, b) => Math.sign(endOf(b) - endOf(a)) || 0)
  return shown.slice(page * PAGE_ROWS, (page + 1) * PAGE_ROWS)
}
