/** What a field is: its name and type, where it comes from, and how it is read from a call. */
import type { CallDetail } from "@earshot/calls-api/call"
import type { PartyCalls } from "../call/party-calls.ts"
import type { CallEvent } from "./pattern.ts"

/** `texts` is a list of strings, such as the types of a call's activities; `time` a moment, by the clock of a zone. */
export type FieldType = "string" | "number" | "boolean" | "texts" | "time"

export type FieldValue = string | number | boolean | readonly string[]

export type Field = {
  name: string
  type: FieldType
  source: "list" | "detail"
  about: string
  /** Holds what a caller said or something that identifies a person: shown only where a channel's privacy is full. */
  isPersonal: boolean
  /**
   * The call's value; null until the vendor says. What is empty may still be filled, and says nothing. `counted`: how often its
   * caller has called, if that was counted.
   */
  read: (call: CallDetail, counted?: PartyCalls) => FieldValue | null
  /** The value of what is still empty, or still unclear, once nothing more is waited for. */
  readSettled?: (call: CallDetail) => FieldValue | null
  /** More of the detail may say that what was asked for is there after all, though the call is over. */
  isPartial?: (call: CallDetail) => boolean
  /** Of a list: what happened, and when, for the order and the times of it. */
  events?: (call: CallDetail) => readonly CallEvent[]
  /** Only the whole call shows it: more of the call may turn it around. */
  isOfWhole?: boolean
  /** More of the call may leave it unknown again, so only the whole call shows that it is there. */
  isKnownByWhole?: boolean
  /** The field with which it comes, by which its presence is counted. */
  presentWith?: string
  /** The documented word for one that means the same, in the call as in a rule. */
  meant?: (word: string) => string
}

const PERSONAL = new Set([
  "from",
  "to",
  "summary",
  "recordingUrl",
  "transcript",
  "transcript.agent",
  "transcript.caller",
  "memory",
  "agent.name",
  "technicalIssues",
])

const fieldOf =
  (source: Field["source"]) =>
  (name: string, type: FieldType, about: string, read: Field["read"], more: Partial<Field> = {}): Field => ({
    name,
    type,
    source,
    about,
    isPersonal: PERSONAL.has(name),
    read,
    ...more,
  })

export const list = fieldOf("list")

export const detail = fieldOf("detail")
