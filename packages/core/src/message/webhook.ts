/**
 * A message as a webhook is sent it: the same things that people are shown elsewhere, as data. `type` has a version: a receiver
 * that knows it can rely on what is here, and new fields may be added.
 */
import { type Instant, isoOf } from "../instant.ts"
import type { Bulletin } from "./bulletin.ts"
import { cleanLine, cleanText } from "./clean.ts"
import type { Message } from "./message.ts"

export type WebhookPayload = {
  type: "earshot.alert.v1" | "earshot.test.v1"
  /** When this was sent. */
  timestamp: string
  data: {
    severity: Message["severity"]
    /** The call's id, or at minimal privacy a reference that stands for it. */
    call: string
    /** When the call ended; null while it lasts. */
    endedAt: string | null
    rules: readonly string[]
    /** `alert`, `follow-up` or `withdrawal`: what was said is not true any more. */
    kind: Message["kind"]
    title: string
    headline: string
    sentence: string
    facts: readonly { label: string; text: string }[]
    why: readonly { name: string; because: string }[]
    summary: string | null
    /** `at`: how far into the call, as `1:12`; null where that is not known. */
    turns: readonly { speaker: string; text: string; at: string | null }[]
    recordingUrl: string | null
    callUrl: string | null
    /** Opens a page on which a person acknowledges the alert; null without API_URL. It expires within eight days. */
    acknowledgeUrl: string | null
    next: string
    small: readonly string[]
  }
}

export function webhookPayload(
  message: Message,
  { ended, now }: { ended: Instant | null; now: Instant },
): WebhookPayload {
  return {
    type: message.isTest ? "earshot.test.v1" : "earshot.alert.v1",
    timestamp: isoOf(now),
    data: {
      severity: message.severity,
      call: message.callId,
      endedAt: ended === null ? null : isoOf(ended),
      rules: message.ruleIds,
      kind: message.kind,
      title: cleanLine(message.title),
      headline: cleanLine(message.headline),
      sentence: cleanLine(message.sentence),
      facts: message.facts.map(({ label, text }) => ({ label, text: cleanLine(text) })),
      why: message.why.map(({ name, because }) => ({ name: cleanLine(name), because: cleanLine(because) })),
      summary: message.summary === null ? null : cleanText(message.summary),
      turns: message.turns.map(({ speaker, text, at }) => ({
        at,
        speaker: cleanLine(speaker),
        text: cleanLine(text),
      })),
      recordingUrl: message.recordingUrl,
      callUrl: message.callUrl,
      acknowledgeUrl: message.acknowledgeUrl,
      next: message.next,
      small: message.small.map(cleanLine),
    },
  }
}

/** A message that is not about one call, as a webhook is sent it. */
export type WebhookBulletin = {
  type: "earshot.bulletin.v1"
  timestamp: string
  data: Pick<Bulletin, "id" | "severity" | "title" | "sentence" | "parts" | "next" | "small"> & {
    rules: readonly string[]
  }
}

export function webhookBulletin(
  { id, severity, ruleIds, title, sentence, parts, next, small }: Bulletin,
  now: Instant,
): WebhookBulletin {
  return {
    type: "earshot.bulletin.v1",
    timestamp: isoOf(now),
    data: {
      id,
      severity,
      rules: ruleIds,
      title: cleanLine(title),
      sentence: cleanLine(sentence),
      parts: parts.map(({ label, lines }) => ({ label, lines: lines.map(cleanLine) })),
      next,
      small: small.map(cleanLine),
    },
  }
}
