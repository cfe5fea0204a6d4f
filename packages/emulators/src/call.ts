/**
 * A call as the emulated API shows it: the shapes of the vendor's page, and what each endpoint shows of them.
 *
 * Values that the page leaves open (status, type, speaker, kind of activity) are plain strings, because the emulator
 * must be able to say things nobody expects.
 */

export type EmulatedCall = {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly type: string
  readonly status: string
  /** Seconds; null while the call lasts. */
  readonly duration: number | null
  /** ISO 8601 in UTC with milliseconds, as `toISOString` writes it; the emulator compares these as text. */
  readonly createdAt: string
  /** Likewise, but for an end that cannot be. */
  readonly endedAt: string | null
  readonly summary: string | null
  /** From 0 to 5; null until the call has been scored. */
  readonly score: number | null
  readonly flagged: boolean
  readonly favorite: boolean
  readonly spam: boolean
  readonly memory: string | null
  readonly agent: CallAgent | null
  readonly transcript: readonly SpokenTurn[]
  readonly activityTimeline: readonly Activity[]
  readonly recordingUrl: string | null
  readonly metadata: CallMetadata | null
  /** How many turns of the transcript the list shows; all if absent. Never served itself. */
  readonly listedTurns?: number
  /** The detail has no timeline and nothing that was said before then, in epoch milliseconds. Never served itself. */
  readonly emptyUntil?: number
  /** What was said and the summary, in lower case, for searching, if available. Never served. */
  readonly searchText?: string | undefined
}

export type CallAgent = { readonly id: string; readonly name: string }

export type SpokenTurn = { readonly speaker: string; readonly text: string; readonly timestamp: string }

export type Activity = {
  readonly id: string
  readonly type: string
  readonly sender: string | null
  readonly data: string | null
  readonly toolData: ToolData | null
  readonly timestamp: string
}

export type ToolData = { readonly tool: string; readonly result: Readonly<Record<string, unknown>> }

export type CallMetadata = {
  readonly sentiment: Sentiment | null
  readonly callQuality: string | null
  readonly technicalIssues: string | null
  readonly usage: Usage | null
  /** In dollars, judging by the documented example; the page does not name a currency. */
  readonly callCost: number | null
}

export type Sentiment = {
  readonly happy: number
  readonly sad: number
  readonly angry: number
  readonly neutral: number
}

export type Usage = {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
}

/**
 * The call with some facts replaced. Use this instead of a spread: a source may compute facts only when they are read,
 * and a spread would lose them.
 */
export function withFacts(call: EmulatedCall, facts: Partial<EmulatedCall>): EmulatedCall {
  return Object.create(call, Object.getOwnPropertyDescriptors(facts))
}

/** What the list shows of a call, its fields in the order of the vendor's page. */
export function listedFields(call: EmulatedCall): object {
  return {
    id: call.id,
    from: call.from,
    to: call.to,
    type: call.type,
    status: call.status,
    duration: call.duration,
    createdAt: call.createdAt,
    endedAt: call.endedAt,
    summary: call.summary,
    score: call.score,
    flagged: call.flagged,
    favorite: call.favorite,
    spam: call.spam,
    agent: call.agent,
    transcript: call.listedTurns === undefined ? call.transcript : call.transcript.slice(0, call.listedTurns),
    recordingUrl: call.recordingUrl,
  }
}

/** What the detail endpoint shows of a call, its fields in the order of the vendor's page. */
export function detailedFields(call: EmulatedCall): object {
  return {
    id: call.id,
    from: call.from,
    to: call.to,
    type: call.type,
    status: call.status,
    duration: call.duration,
    createdAt: call.createdAt,
    endedAt: call.endedAt,
    summary: call.summary,
    score: call.score,
    flagged: call.flagged,
    favorite: call.favorite,
    spam: call.spam,
    memory: call.memory,
    agent: call.agent,
    transcript: call.transcript,
    activityTimeline: call.activityTimeline,
    recordingUrl: call.recordingUrl,
    metadata: call.metadata,
  }
}
