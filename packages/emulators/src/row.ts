/**
 * A planned call as the API shows it at an instant, with the facts that have arrived by then.
 *
 * A poller asks for the same few rows thousands of times and reads few of their facts, so a row computes each fact when
 * it is read. That makes it a class: getters on a prototype cost nothing until then.
 */
import type { Activity, CallMetadata, EmulatedCall, SpokenTurn } from "./call.ts"
import type { CallPlan } from "./plan.ts"
import { hash, share } from "./random.ts"
import type { Script } from "./script.ts"

/** The words of a call, written when they are read. */
export type Words = {
  readonly scriptOf: (plan: CallPlan) => Script
  /** The text that a search looks through. */
  readonly searchTextOf: (plan: CallPlan) => string
}

/** `now` is in epoch milliseconds and not before the call began. */
export function showCall(plan: CallPlan, now: number, words: Words): EmulatedCall {
  return new Row(plan, now, words)
}

class Row implements EmulatedCall {
  private readonly plan: CallPlan
  private readonly now: number
  private readonly words: Words

  constructor(plan: CallPlan, now: number, words: Words) {
    this.plan = plan
    this.now = now
    this.words = words
  }

  get id(): string {
    return this.plan.id
  }

  get from(): string {
    return this.isOutgoing ? this.plan.company.phone : this.plan.person.phone
  }

  get to(): string {
    return this.isOutgoing ? this.plan.person.phone : this.plan.company.phone
  }

  get type(): string {
    return this.isOutgoing ? "OUTGOING" : "INCOMING"
  }

  get status(): string {
    return this.hasEnded ? "completed" : "in_progress"
  }

  get duration(): number | null {
    return this.hasEnded ? durationOf(this.plan) : null
  }

  get createdAt(): string {
    return this.plan.createdAtText
  }

  get endedAt(): string | null {
    return this.hasEnded ? this.plan.endedAtText : null
  }

  get summary(): string | null {
    return this.hasSummary ? this.words.scriptOf(this.plan).summary : null
  }

  get score(): number | null {
    return this.now >= this.plan.scoreAt ? this.plan.score : null
  }

  get flagged(): boolean {
    return this.now >= this.plan.flaggedAt
  }

  get favorite(): boolean {
    return this.now >= this.plan.favoriteAt
  }

  get spam(): boolean {
    return this.now >= this.plan.spamAt
  }

  get memory(): string | null {
    return this.hasSummary ? this.words.scriptOf(this.plan).memory : null
  }

  get agent(): EmulatedCall["agent"] {
    return this.plan.company.agent
  }

  get transcript(): readonly SpokenTurn[] {
    return this.untilNow(this.words.scriptOf(this.plan).turns)
  }

  get activityTimeline(): readonly Activity[] {
    return this.untilNow(this.words.scriptOf(this.plan).writeTimeline())
  }

  get recordingUrl(): string | null {
    return this.hasSummary ? recordingOf(this.plan) : null
  }

  /** Only once it is final: until then, a search looks through the parts that have arrived. */
  get searchText(): string | undefined {
    return this.hasSummary ? this.words.searchTextOf(this.plan) : undefined
  }

  get metadata(): CallMetadata | null {
    return this.hasEnded ? describeMetadata(this.plan, this.now) : null
  }

  private get isOutgoing(): boolean {
    return this.plan.story.direction === "outgoing"
  }

  private get hasEnded(): boolean {
    return this.now >= this.plan.endedAt
  }

  private get hasSummary(): boolean {
    return this.now >= this.plan.summaryAt
  }

  private untilNow<T extends { readonly timestamp: string }>(items: readonly T[]): readonly T[] {
    if (this.hasEnded) return items
    const now = new Date(this.now).toISOString()
    return items.filter((item) => item.timestamp <= now)
  }
}

/** When the row next changes, in epoch milliseconds: at every instant while the call lasts, Infinity if never. */
export function nextChangeAt(plan: CallPlan, now: number): number {
  if (now < plan.endedAt) return now
  let next = Infinity
  for (const at of [
    plan.summaryAt,
    plan.scoreAt,
    plan.sentimentAt,
    plan.flaggedAt,
    plan.favoriteAt,
    plan.spamAt,
  ]) {
    if (at > now && at < next) next = at
  }
  return next
}

function durationOf(plan: CallPlan): number {
  return Math.round((plan.endedAt - plan.createdAt) / 1000)
}

/** The documented host, and a key that nobody can mistake for a real recording's. */
function recordingOf(plan: CallPlan): string {
  return `https://cr.files.echo.win/emulated-${hash(plan.id, "recording").toString(36)}`
}

const TROUBLES = [
  "Audio dropped for 4 seconds",
  "Responses took 3.1 s on average",
  "Echo on the caller's line",
]

function describeMetadata(plan: CallPlan, now: number): CallMetadata {
  const duration = durationOf(plan)
  const die = share(plan.id, "quality")
  const inputTokens = 600 + duration * 9 + Math.floor(die * 400)
  const outputTokens = 80 + duration * 3
  return {
    sentiment: now >= plan.sentimentAt ? plan.sentiment : null,
    callQuality: die < 0.04 ? "poor" : die < 0.12 ? "fair" : die < 0.6 ? "good" : "excellent",
    technicalIssues: die < 0.06 ? (TROUBLES[hash(plan.id) % TROUBLES.length] ?? null) : null,
    usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
    callCost: Math.round((0.02 + duration * 0.0012) * 100) / 100,
  }
}
