/** What happened in a call, by its timeline: the activities and the uses of tools, each with its time. */
import type { CallDetail } from "@earshot/calls-api/call"
import { hasFailed, isTransfer, toolOf } from "../call/outcome.ts"
import { activityMeant } from "../call/word.ts"
import { instantOf } from "../instant.ts"
import { something } from "../nothing.ts"
import type { CallEvent } from "./pattern.ts"

/** The documented word for what the vendor wrote; null for nothing. */
export function word(text: string | null, meant: (word: string) => string): string | null {
  const said = something(text)
  return said === null ? null : meant(said)
}

/** An empty timeline is one that the vendor has not written yet: a call has a beginning at least. */
export function isFilled({ activityTimeline }: CallDetail): boolean {
  return something(activityTimeline) !== null
}

export function activityEvents({ activityTimeline }: CallDetail): CallEvent[] {
  return (activityTimeline ?? []).flatMap(({ type, timestamp }) => {
    const name = word(type, activityMeant)
    return name === null ? [] : [{ name, at: instantOf(timestamp) }]
  })
}

export function toolEvents({ activityTimeline }: CallDetail): CallEvent[] {
  return (activityTimeline ?? []).flatMap((activity) => {
    const name = toolOf(activity)
    return name === null ? [] : [{ name, at: instantOf(activity.timestamp) }]
  })
}

/** The uses of tools that failed, by what their results say. */
export function failureEvents({ activityTimeline }: CallDetail): CallEvent[] {
  const failed = (activityTimeline ?? []).filter((activity) => !isTransfer(activity) && hasFailed(activity))
  return failed.flatMap((activity) => {
    const name = toolOf(activity)
    return name === null ? [] : [{ name, at: instantOf(activity.timestamp) }]
  })
}

export function tools(call: CallDetail): string[] | null {
  return call.activityTimeline && toolEvents(call).map(({ name }) => name)
}

export function failedTools(call: CallDetail): string[] | null {
  return call.activityTimeline && failureEvents(call).map(({ name }) => name)
}
