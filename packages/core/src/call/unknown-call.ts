/** A call of which nothing is known, for calls that are made up: a test message, samples and examples. */
import type { CallDetail } from "@earshot/calls-api/call"

export const UNKNOWN_CALL: Omit<CallDetail, "id"> = {
  from: null,
  to: null,
  type: null,
  status: null,
  duration: null,
  createdAt: null,
  endedAt: null,
  summary: null,
  score: null,
  flagged: null,
  favorite: null,
  spam: null,
  agent: null,
  transcript: null,
  recordingUrl: null,
  memory: null,
  activityTimeline: null,
  metadata: null,
}
