/**
 * What must hold of daily briefs: one a day from its time on by the channel's clock, never again without a mark and an outcome that nobody
 * could know, none in a channel that is snoozed, each from where the last one ended; and in the end, that none was left out.
 */
import type { ChannelId } from "@earshot/core/channel/channel"
import type { BriefState } from "@earshot/core/receipt/brief-state"
import { DAY, HOUR, type Instant, MINUTE, SECOND, isoOf } from "@earshot/core/instant"
import type { BriefText } from "../process/brief-text.ts"
import type { Process, Send } from "../process/process.ts"
import type { BriefWish } from "../time/brief.ts"
import { shownAt } from "../truth/wall-clock.ts"
import type { Books } from "./books.ts"
import { createBriefNumbers } from "./brief-number.ts"

export type BriefLedger = {
  /** A brief has left a process, or has arrived. */
  briefSent: (channel: ChannelId, process: Process) => void
  briefArrived: (channel: ChannelId, brief: BriefText, mayRepeat: boolean) => void
  /** It was written down how far a channel's brief is. */
  briefNoted: (channel: ChannelId, state: BriefState, process: Process) => void
  checkBriefs: (until: Instant) => void
}

/** What is claimed is nobody else's for so long. */
const CLAIMED_MS = MINUTE

/** Clocks differ. */
const SKEW_MS = 2 * SECOND

/** From when a brief was put together until it is there, whatever delays it. */
const ON_ITS_WAY_MS = 3 * MINUTE

/** Where nothing fails it is there by the second poll after its time; otherwise tried every five minutes. */
const CALM_MS = 2 * MINUTE

const USUAL_MS = 45 * MINUTE

const STEP_MS = 15 * MINUTE

/** Of more than this, nobody is told in one brief. */
const TOLD_MAX_MS = 3 * DAY

const NEVER = 0

type Course = {
  sends: { send: Send; at: Instant; process: Process }[]
  /** How often it arrived, by day, and whether once without a mark. */
  days: Map<string, { arrivals: number; isUnmarked: boolean }>
  /** How far the channel may have been told by what is stored, and how far by what arrived last. */
  toldTo: Set<Instant>
  last: Instant
}

export function createBriefLedger(books: Books): BriefLedger {
  const { now, findings, briefs } = books
  const numbers = createBriefNumbers(books)
  const courses = new Map<ChannelId, Course>()
  const isMistimed = () => books.mayBeMistimed(now() - DAY, now())

  function courseOf(channel: ChannelId): Course {
    const course = courses.get(channel) ?? {
      sends: [],
      days: new Map(),
      toldTo: new Set([NEVER]),
      last: NEVER,
    }
    courses.set(channel, course)
    return course
  }

  return {
    briefSent(channel, process) {
      const send: Send = { callId: `brief ${channel}`, channel, reasons: [], isUnknown: process.isDead }
      process.sends.add(send)
      courseOf(channel).sends.push({ send, at: now(), process })
      numbers.noteSent(channel)
    },
    briefNoted(channel, { isClaimed, isSent, mayRepeat, day }, process) {
      const course = courseOf(channel)
      for (const { send, at, process: sender } of course.sends) {
        if (!sender.sends.has(send) || (!isClaimed && sender !== process)) continue
        // Whoever claims it once more believes that nobody is at it.
        if (isClaimed && now() - at < CLAIMED_MS) continue
        if (isClaimed || (!isSent && mayRepeat)) send.isUnknown = true
        sender.sends.delete(send)
      }
      if (!isSent) return
      if (!course.days.has(day) && !isMistimed())
        findings.violated(`the brief of ${day} is noted as sent to ${channel}, and has not arrived`)
      course.toldTo = new Set([course.last])
    },
    briefArrived(channel, brief, mayRepeat) {
      books.trace?.(`${isoOf(now())} ${channel} is told ${JSON.stringify(brief)}`)
      const wish = briefs.find((one) => one.channel === channel)
      if (!wish) return findings.violated(`${channel} is sent a brief that nobody asked for`)
      const { date, time } = shownAt(wish.timeZone, now() + SKEW_MS)
      // What was sent just before midnight is yesterday's.
      const before = shownAt(wish.timeZone, now() - ON_ITS_WAY_MS)
      const isToday = time >= wish.at
      checkRepeat(books, courseOf(channel), { channel, day: isToday ? date : before.date, mayRepeat })
      const span = spanOf(now(), courseOf(channel), wish, brief)
      if (span) {
        courseOf(channel).last = span.to
        courseOf(channel).toldTo.add(span.to)
      }
      if (isMistimed()) return
      if (!isToday && before.date === date)
        findings.violated(`${channel} is sent a brief at ${time}, and wants it at ${wish.at}`)
      if (books.isSnoozed(channel)) findings.violated(`${channel} is snoozed, and is sent a brief`)
      if (!span) findings.violated(`a brief in ${channel} tells of ${brief.from} to ${brief.to}`)
      else numbers.check(channel, brief, span)
    },
    checkBriefs(until) {
      for (const wish of briefs)
        for (const day of untoldDays(books, wish, until, courseOf(wish.channel).days))
          findings.violated(`${wish.channel} was sent no brief on ${day}`)
    },
  }
}

function checkRepeat(
  { findings }: Books,
  { days, sends }: Course,
  { channel, day, mayRepeat }: { channel: ChannelId; day: string; mayRepeat: boolean },
): void {
  const known = days.get(day) ?? { arrivals: 0, isUnmarked: false }
  const unknown = sends.filter(({ send }) => send.isUnknown).length
  const repeats = [...days.values()].reduce((sum, { arrivals }) => sum + Math.max(0, arrivals - 1), 0)
  if (known.arrivals > 0 && repeats + 1 > unknown)
    findings.violated(`the brief of ${day} arrived ${known.arrivals + 1} times in ${channel}`)
  if (known.isUnmarked && !mayRepeat)
    findings.violated(`the brief of ${day} arrived again in ${channel} without saying so`)
  days.set(day, { arrivals: known.arrivals + 1, isUnmarked: known.isUnmarked || !mayRepeat })
}

/** The hours that it tells of; null if they are not those that it should tell of. */
function spanOf(
  now: Instant,
  course: Course,
  { timeZone }: BriefWish,
  { from, to }: BriefText,
): { from: Instant; to: Instant } | null {
  const isShown = (at: Instant, text: string) => {
    const { date, time } = shownAt(timeZone, at)
    return `${date} ${time}` === text
  }
  const ends = [now + SKEW_MS, now - ON_ITS_WAY_MS].map((at) => hourOf(at - 30 * MINUTE))
  const end = ends.find((at) => isShown(at, to))
  if (end === undefined) return null
  const starts = [...course.toldTo].map((at) => (at < end && end - at <= TOLD_MAX_MS ? at : end - DAY))
  const start = starts.find((at) => isShown(at, from))
  return start === undefined ? null : { from: start, to: end }
}

/** The days on which the channel could have been told for long enough, and was not. */
function untoldDays(
  books: Books,
  wish: BriefWish,
  until: Instant,
  told: ReadonlyMap<string, unknown>,
): Set<string> {
  const { channel, timeZone } = wish
  const withinMs = books.promising.isCalm ? CALM_MS : USUAL_MS
  const untold = new Set<string>()
  const first = Math.ceil((wish.from + 10 * MINUTE) / STEP_MS) * STEP_MS
  for (let at = first; at + withinMs < until; at += STEP_MS) {
    const { date, time } = shownAt(timeZone, at)
    const isOver = shownAt(timeZone, at + withinMs + 2 * MINUTE).date !== date
    if (time < wish.at || isOver || told.has(date) || untold.has(date)) continue
    if (canBeTold(books, wish, at, at + withinMs) && books.hadChannel(channel, at, at + withinMs))
      untold.add(date)
  }
  return untold
}

function canBeTold(books: Books, { channel, unread }: BriefWish, from: Instant, to: Instant): boolean {
  if (books.promising.downtime(from - HOUR, to) > 0 || books.mayBeMistimed(from - DAY, to + DAY)) return false
  if (unread.some((span) => span.from - MINUTE < to && from < span.to + MINUTE)) return false
  return books.tookBriefs(channel, from, to)
}

function hourOf(at: Instant): Instant {
  return Math.floor(at / HOUR) * HOUR
}
