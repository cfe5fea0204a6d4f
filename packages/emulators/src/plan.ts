/**
 * What will happen to a call, decided when it begins: numbers and instants, no words yet.
 *
 * Plans are small and are kept; their words are computed on request, and dropped again.
 */
import type { Sentiment } from "./call.ts"
import * as fortune from "./fortune.ts"
import type { Fate, Kind, Mood } from "./fortune.ts"
import { type Person, createPerson } from "./person.ts"
import { type Random, between, chance, uuid } from "./random.ts"
import type { Company, Story } from "./story.ts"
import type { Tempo } from "./tempo.ts"

/** Instants are epoch milliseconds; what never happens has Infinity. */
export type CallPlan = {
  readonly id: string
  /** The seed of the call's words. */
  readonly wordSeed: number
  readonly company: Company
  readonly person: Person
  /** 1 at this person's first call. */
  readonly visit: number
  readonly kind: Kind
  readonly story: Story
  readonly mood: Mood
  readonly fate: Fate
  readonly createdAt: number
  readonly endedAt: number
  /** The same instants as the API writes them, because every list request compares them. */
  readonly createdAtText: string
  readonly endedAtText: string
  readonly summaryAt: number
  readonly score: number
  readonly scoreAt: number
  readonly sentiment: Sentiment
  readonly sentimentAt: number
  readonly flaggedAt: number
  readonly favoriteAt: number
  readonly spamAt: number
}

/** What the user of `planCall` has already decided; everything else is drawn. */
export type PlanChoice = {
  /** If absent and a mood or a fate is chosen: ordinary, because the other kinds have neither. */
  readonly kind?: Kind
  readonly mood?: Mood
  readonly fate?: Fate
  readonly lengthMs?: number
  readonly summaryDelayMs?: number
  readonly score?: number
  readonly scoreDelayMs?: number
  readonly sentimentDelayMs?: number
  readonly flagDelayMs?: number
}

/** `person` is who would call; spam comes from nobody in particular. */
export type PlanSetting = {
  readonly company: Company
  readonly person: Person
  readonly visit: number
  readonly createdAt: number
  readonly tempo: Tempo
}

/** Draws whatever has not been chosen. The same numbers and choices make the same plan. */
export function planCall(random: Random, setting: PlanSetting, choice: PlanChoice = {}): CallPlan {
  const { company, createdAt, tempo } = setting
  const length = choice.lengthMs ?? tempo.lengthMs(random)
  const isOrdinary = choice.mood !== undefined || choice.fate !== undefined
  const kind = choice.kind ?? (isOrdinary ? "ordinary" : fortune.drawKind(random, length))
  const lengthMs = Math.round(kind === "spam" ? Math.min(length, between(random, 14_000, 50_000)) : length)
  const mood = choice.mood ?? (kind === "ordinary" ? fortune.drawMood(random) : "calm")
  const fate = choice.fate ?? (kind === "ordinary" ? fortune.drawFate(random, mood) : "resolved")
  const story = fortune.drawStory(random, kind, company)
  const endedAt = createdAt + lengthMs
  const summaryAt = Math.round(endedAt + (choice.summaryDelayMs ?? tempo.summaryDelayMs(random)))
  const isScored = kind === "ordinary" || chance(random, 0.6)
  const scoreDelay = choice.scoreDelayMs ?? tempo.scoreDelayMs(random)
  const scoreAt = isScored ? Math.round(endedAt + scoreDelay) : Infinity
  const sentimentAt = isScored
    ? Math.round(scoreAt + (choice.sentimentDelayMs ?? tempo.sentimentDelayMs(random)))
    : Infinity
  const score = choice.score ?? fortune.drawScore(random, kind, mood, fate)
  const flagDelay = choice.flagDelayMs ?? tempo.flagDelayMs(random)
  const isFlagged =
    choice.flagDelayMs !== undefined || chance(random, fortune.flagProbability(kind, mood, fate))
  const isFavorite = score >= 4.5 && chance(random, 0.04)
  return {
    id: uuid(random),
    wordSeed: Math.floor(random() * 2 ** 32),
    company,
    person: kind === "spam" ? createPerson(random) : setting.person,
    visit: kind === "spam" ? 1 : setting.visit,
    kind,
    story,
    mood,
    fate,
    createdAt,
    endedAt,
    createdAtText: new Date(createdAt).toISOString(),
    endedAtText: new Date(endedAt).toISOString(),
    summaryAt,
    score,
    scoreAt,
    sentiment: fortune.drawSentiment(random, mood),
    sentimentAt,
    flaggedAt: isFlagged ? Math.round(endedAt + flagDelay) : Infinity,
    favoriteAt: isFavorite ? Math.round(endedAt + tempo.flagDelayMs(random)) : Infinity,
    spamAt: kind === "spam" ? summaryAt : Infinity,
  }
}
