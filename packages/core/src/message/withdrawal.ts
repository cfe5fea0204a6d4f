/**
 * The message that takes back what was said of a call: what is not true any more, in a line, and which call it is. Nothing is left
 * to do, and nothing else is said.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import type { Reason } from "../alert/alert.ts"
import { secondsOf } from "../call/end.ts"
import { type MoodName, shareOf } from "../call/sentiment.ts"
import { lengthText } from "./time-text.ts"

/** The parts of a message that differ. */
type Parts = {
  kind: string
  headline: string
  sentence: string
  why: readonly { name: string; because: string }[]
  summary: string | null
  turns: readonly unknown[]
  recordingUrl: string | null
  next: string
  small: readonly string[]
}

/** `reasons`: those that are withdrawn, the worst first; `about`: which call it is, in a few words. */
export function withdrawalOf<T extends Parts>(
  message: T,
  reasons: readonly Reason[],
  call: CallDetail,
  about: string,
): T & { kind: "withdrawal" } {
  const said = reasons.map((reason) => ({ name: reason.name, because: withdrawnText(reason, call) }))
  const headline = said
    .slice(0, HEADLINE_REASONS_MAX)
    .map(({ because }) => because)
    .join(". ")
  const names = reasons.map(({ ruleId, version }) => `${ruleId}@${version}`).join(" ")
  return {
    ...message,
    kind: "withdrawal",
    headline,
    sentence: `Withdrawn: ${headline}${about === "" ? "" : ` (${about})`}.`,
    why: said,
    summary: null,
    turns: [],
    recordingUrl: null,
    next: NOTHING_TO_DO,
    small: [message.small[0] ?? "", `no longer true: ${names}`, ...message.small.slice(2).filter(isRepeat)],
  }
}

export const NOTHING_TO_DO = "Nothing: an alert of this call is not true any more."

/** How late the alert was says nothing here. */
function isRepeat(text: string): boolean {
  return text.startsWith("may be a repeat")
}

/** Every one of them is given below the headline. */
const HEADLINE_REASONS_MAX = 2

const MARKS: Record<string, string> = {
  flagged: "No longer flagged",
  spam: "No longer marked as spam",
  favorite: "No longer marked as a favorite",
}

const MOODS: Record<string, readonly [string, MoodName]> = {
  "sentiment.angry": ["Anger", "angry"],
  "sentiment.sad": ["Sadness", "sad"],
  "sentiment.happy": ["Happiness", "happy"],
  "sentiment.neutral": ["Neutral mood", "neutral"],
}

/** Of a reason that is one comparison with a value that the vendor has corrected: from what to what. */
function withdrawnText({ because, name }: Reason, call: CallDetail): string {
  const [only, ...others] = because
  const otherwise = `No longer true: ${name}`
  if (!only || others.length > 0 || only.operator === "exists") return otherwise
  const mark = MARKS[only.field]
  if (mark !== undefined && only.seen === true) return mark
  if (typeof only.seen !== "number") return otherwise
  const mood = MOODS[only.field]
  if (mood) {
    const share = shareOf(call.metadata?.sentiment ?? null, mood[1])
    return share === null
      ? otherwise
      : `${mood[0]} corrected from ${Math.round(only.seen * 100)}% to ${Math.round(share * 100)}%`
  }
  const seconds = secondsOf(call)
  if (only.field === "score" && call.score !== null)
    return `Score corrected from ${only.seen} to ${call.score}`
  if (only.field === "duration" && seconds !== null)
    return `Length corrected from ${lengthText(only.seen)} to ${lengthText(seconds)}`
  return otherwise
}
