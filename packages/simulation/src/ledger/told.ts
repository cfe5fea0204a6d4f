/**
 * That a channel which refuses is said to do so in another one: once, and by the second completed poll that was refused, if not by the
 * first.
 */
import type { ChannelId } from "@earshot/core/channel/channel"
import { HOUR, type Instant, MINUTE, SECOND, isoOf } from "@earshot/core/instant"
import type { Listener } from "../process/listener.ts"
import type { Process } from "../process/process.ts"
import type { Refusal } from "../time/refusal.ts"
import type { Books } from "./books.ts"

export type ToldLedger = Pick<Listener, "toldOf" | "posted"> & {
  /** A message of any kind has arrived. */
  took: (channel: ChannelId) => void
  /** A poll of this process has completed. */
  pollEnded: (process: Process) => void
}

/** The same trouble is said this often at most, by clocks that differ. */
const TOLD_EVERY_MS = 59 * MINUTE

/** Completed polls that were refused themselves: the first says so, or the second where the first could not. */
const TOLD_WITHIN_POLLS = 2

/** A channel that has failed is left alone for so long at most. */
const FAILING_MS = 6 * MINUTE

/** `by`: processes that have been refused since their last poll completed. `polls`: how many have completed. */
type Met = { firstAt: Instant; isTold: boolean; by: Set<Process>; polls: number }

/** When a message last left for a channel and arrived there, and when the one before was found not to have arrived. */
type Course = { postedAt: Instant; arrivedAt: Instant; lostAt: Instant }

export function createToldLedger(books: Books): ToldLedger {
  const { now, findings, refusals, routing } = books
  const toldAt = new Map<string, Instant>()
  /** Channels that are said to be in trouble, and not to be out of it: what else goes wrong there is no news. */
  const inTrouble = new Set<string>()
  const met = new Map<Refusal, Met>()
  const courses = new Map<ChannelId, Course>()

  function courseOf(channel: ChannelId): Course {
    const course = courses.get(channel) ?? { postedAt: 0, arrivedAt: 0, lostAt: 0 }
    courses.set(channel, course)
    return course
  }

  /** Whether every message that was sent to it lately has arrived. */
  function isWell(channel: ChannelId): boolean {
    const { postedAt, arrivedAt, lostAt } = courseOf(channel)
    return postedAt <= arrivedAt && now() - lostAt >= FAILING_MS
  }

  /** Whether there is another channel that is well, and not to be left alone. */
  function canBeTold(about: ChannelId): boolean {
    const since = now() - 2 * MINUTE
    const isOpen = (id: ChannelId) =>
      books.hadChannel(id, since, now()) && books.tookMessages(id, since, now())
    const others = routing.ids.filter((id) => id !== about && isOpen(id))
    return others.length > 0 && others.every(isWell)
  }

  return {
    took(channel) {
      courseOf(channel).arrivedAt = now()
    },
    posted(channel, process) {
      const course = courseOf(channel)
      if (course.postedAt > course.arrivedAt) course.lostAt = now()
      course.postedAt = now()
      const refusal = refusals.find((one) => one.channel === channel && one.from <= now() && now() < one.to)
      if (!refusal) return
      const isTold = now() - (toldAt.get(channel) ?? 0) < HOUR || inTrouble.has(channel)
      const known = met.get(refusal) ?? { firstAt: now(), isTold, by: new Set(), polls: 0 }
      known.by.add(process)
      met.set(refusal, known)
    },
    toldOf({ about, isOver }, channel, mayRepeat) {
      books.trace?.(`${isoOf(now())} ${channel} hears of ${about}: ${isOver ? "over" : "in trouble"}`)
      if (about === channel) findings.violated(`${channel} is told of itself`)
      if (isOver) return void inTrouble.delete(about)
      inTrouble.add(about)
      const toldLast = toldAt.get(about) ?? 0
      const sinceMs = books.incidentsLostAt > toldLast ? HOUR : now() - toldLast
      if (!mayRepeat && sinceMs < TOLD_EVERY_MS && !books.mayBeMistimed(now(), now()))
        findings.violated(`${channel} is told of ${about} again after ${Math.round(sinceMs / SECOND)} s`)
      toldAt.set(about, now())
      for (const [refusal, known] of met) if (refusal.channel === about) known.isTold = true
    },
    pollEnded(process) {
      for (const [{ channel, kind }, known] of met) {
        if (!known.by.delete(process) || kind !== "refused" || known.isTold) continue
        // What keeps the others from being told anything excuses the poll.
        if (!canBeTold(channel) || books.mayBeMistimed(known.firstAt, now())) continue
        known.polls++
        if (known.polls === TOLD_WITHIN_POLLS)
          findings.violated(`nobody was told that ${channel} refuses since ${isoOf(known.firstAt)}`)
      }
    },
  }
}
