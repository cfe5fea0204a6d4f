/**
 * What is said in one channel about another: that it takes no messages, or not everybody gets them, and that this is over. Each is a small message of its
 * own with an outbox of its own: it stands among the incidents until it is sent, is claimed before that, and so is said once
 * whatever dies and however many processes there are.
 */
import * as z from "zod"
import { CLAIM_MS } from "./delivery.ts"
import { believable } from "../clock.ts"
import { DAY, type Instant, MINUTE } from "../instant.ts"

export const TroubleNotice = z.object({
  /** Unlike any other. */
  id: z.string(),
  kind: z.enum(["trouble", "over"]),
  /** messages: whether it takes any. unconfirmed, unsubscribed: whether those get them who are meant to. */
  subject: z.enum(["messages", "unconfirmed", "unsubscribed"]).default("messages"),
  /** The channel that it is about. */
  about: z.string(),
  since: z.number(),
  at: z.number(),
  /** Our own sentence; empty if it is over. */
  why: z.string(),
  /** Alerts that waited for the channel at that time. */
  waiting: z.number(),
  /** Nobody sends it before this: somebody else may be at it, or has failed to send it. */
  notBefore: z.number(),
  attempts: z.number(),
  /** Somebody has set out to send it, and has not said what came of it. */
  isClaimed: z.boolean(),
  mayRepeat: z.boolean(),
  /** Where it was tried last; null: nowhere yet. */
  lastTo: z.string().nullable(),
})

export type TroubleNotice = z.infer<typeof TroubleNotice>

/** At most this many wait: what is older is no news. */
const NOTICES_MAX = 20

const STALE_MS = DAY

const RETRY_MS = MINUTE

/** Where there is no other channel, one may come with the next deploy. */
const NOBODY_MS = 10 * MINUTE

export function noticeOf(
  fields: Pick<TroubleNotice, "kind" | "about" | "since" | "at" | "why" | "waiting"> &
    Partial<Pick<TroubleNotice, "subject">>,
): TroubleNotice {
  const { about, kind, at, subject = "messages" } = fields
  const id = [about, kind, at, ...(subject === "messages" ? [] : [subject])].join(":")
  return {
    ...fields,
    subject,
    id,
    notBefore: 0,
    attempts: 0,
    isClaimed: false,
    mayRepeat: false,
    lastTo: null,
  }
}

/** With another one that is to be sent. One that was never sent is no news any more once its end is: neither is sent. */
export function withNotice(notices: readonly TroubleNotice[], added: TroubleNotice): TroubleNotice[] {
  const others = notices.filter(({ at }) => added.at - at < STALE_MS)
  const unsaid = others.find((other) => {
    return isSameTrouble(other, added) && other.kind === "trouble" && other.attempts === 0
  })
  if (added.kind === "over" && unsaid) return others.filter((other) => other !== unsaid)
  return [...others, added].slice(-NOTICES_MAX)
}

/** Whether a channel takes messages, and whether they reach anybody, go wrong and are over each by itself. */
function isSameTrouble(a: TroubleNotice, b: TroubleNotice): boolean {
  return a.about === b.about && (a.subject === "messages") === (b.subject === "messages")
}

/** The next one to send; null if none is to be sent now. */
export function dueNotice(notices: readonly TroubleNotice[], now: Instant): TroubleNotice | null {
  const isDue = ({ notBefore }: TroubleNotice) => believable(notBefore, { waitMaxMs: NOBODY_MS, now }) <= now
  return notices.find(isDue) ?? null
}

/** The notice as claimed, to be sent to that channel. Whoever let an earlier claim run out may have sent it. */
export function claimedNotice(notice: TroubleNotice, to: string, now: Instant): TroubleNotice {
  return {
    ...notice,
    attempts: notice.attempts + 1,
    isClaimed: true,
    mayRepeat: notice.mayRepeat || notice.isClaimed,
    notBefore: now + CLAIM_MS,
    lastTo: to,
  }
}

/** The notice, to be looked at again later: there is no other channel. */
export function unheardNotice(notice: TroubleNotice, now: Instant): TroubleNotice {
  return { ...notice, notBefore: now + NOBODY_MS }
}

/** The notices after an attempt that failed: it is tried again in a minute, and in another channel if there is one. */
export function failedNotice(notice: TroubleNotice, mayHaveArrived: boolean, now: Instant): TroubleNotice {
  const mayRepeat = notice.mayRepeat || mayHaveArrived
  return { ...notice, isClaimed: false, mayRepeat, notBefore: now + RETRY_MS }
}
