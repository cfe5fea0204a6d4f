/**
 * What will happen to a call, decided when it begins: numbers and instants, no words yet.
 *
 * Plans are small and are kept; the words are worked out from them when somebody asks, and forgotten again.
 */
import type { Sentiment } from "./call.ts"
import type { Company } from "./company.ts"
import { createPerson, type Person } from "./person.ts"
import { between, chance, pick, type Random, uuid } from "./random.ts"
import type { Story } from "./story.ts"
import { BRIEF_STORIES } from "./story/brief.ts"
import { SPAM_STORIES } from "./story/spam.ts"
import type { Tempo } from "./tempo.ts"

export type Mood = "calm" | "cheerful" | "worried" | "angry"

/** How a call goes. "transferDead" is a transfer that nobody answers, "abandoned" a caller who gives up. */
export type Fate = "resolved" | "toolFailed" | "transferred" | "transferDead" | "abandoned"

export type Kind = "ordinary" | "brief" | "spam"

/** Instants are epoch milliseconds; what never happens happens at Infinity. */
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
  /** The same instant as the API writes it, because every look at the list compares it. */
  readonly createdAtText: string
  readonly endedAt: number
  readonly summaryAt: number
  readonly score: number
  readonly scoreAt: number
  readonly sentiment: Sentiment
  readonly sentimentAt: number
  readonly flaggedAt: number
  readonly favoriteAt: number
  readonly spamAt: number
}

/** What a caller of `planCall` has already decided; everything else is drawn. */
export type PlanChoice = {
  readonly kind?: Kind
  readonly mood?: Mood
  readonly fate?: Fate
  readonly lengthMs?: number
  readonly score?: number
  readonly scoreDelayMs?: number
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

/** There is too little time for a story in less. */
const STORY_MIN_MS = 55_000

export function planCall(random: Random, setting: PlanSetting, choice: PlanChoice = {}): CallPlan {
  const { company, createdAt, tempo } = setting
  const length = choice.lengthMs ?? tempo.lengthMs(random)
  const kind = choice.kind ?? drawKind(random, length)
  const lengthMs = Math.round(kind === "spam" ? Math.min(length, between(random, 14_000, 50_000)) : length)
  const mood = choice.mood ?? (kind === "ordinary" ? drawMood(random) : "calm")
  const fate = choice.fate ?? (kind === "ordinary" ? drawFate(random, mood) : "resolved")
  const story = drawStory(random, kind, company)
  const endedAt = createdAt + lengthMs
  const summaryAt = Math.round(endedAt + tempo.summaryDelayMs(random))
  const isScored = kind === "ordinary" || chance(random, 0.6)
  const scoreDelay = choice.scoreDelayMs ?? tempo.scoreDelayMs(random)
  const scoreAt = isScored ? Math.round(endedAt + scoreDelay) : Infinity
  const sentimentAt = isScored ? Math.round(scoreAt + tempo.sentimentDelayMs(random)) : Infinity
  const score = choice.score ?? drawScore(random, kind, mood, fate)
  const flagDelay = choice.flagDelayMs ?? tempo.flagDelayMs(random)
  const isFlagged = choice.flagDelayMs !== undefined || chance(random, flagProbability(kind, mood, fate))
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
    createdAtText: new Date(createdAt).toISOString(),
    endedAt,
    summaryAt,
    score,
    scoreAt,
    sentiment: drawSentiment(random, mood),
    sentimentAt,
    flaggedAt: isFlagged ? Math.round(endedAt + flagDelay) : Infinity,
    favoriteAt: isFavorite ? Math.round(endedAt + tempo.flagDelayMs(random)) : Infinity,
    spamAt: kind === "spam" ? summaryAt : Infinity,
  }
}

function drawKind(random: Random, lengthMs: number): Kind {
  if (chance(random, 0.04)) return "spam"
  return lengthMs < STORY_MIN_MS ? "brief" : "ordinary"
}

/** One call in twelve is angry: a little more of the ordinary ones, because the others never are. */
function drawMood(random: Random): Mood {
  const die = random()
  if (die < 0.092) return "angry"
  if (die < 0.25) return "worried"
  return die < 0.5 ? "cheerful" : "calm"
}

function drawFate(random: Random, mood: Mood): Fate {
  const die = random()
  if (mood === "angry") {
    if (die < 0.2) return "transferred"
    if (die < 0.32) return "transferDead"
    if (die < 0.5) return "abandoned"
    return die < 0.65 ? "toolFailed" : "resolved"
  }
  if (die < 0.05) return "transferred"
  if (die < 0.065) return "transferDead"
  if (die < 0.1) return "abandoned"
  return die < 0.15 ? "toolFailed" : "resolved"
}

const OUTGOING_SHARE = 0.15

function drawStory(random: Random, kind: Kind, company: Company): Story {
  const stories = { ordinary: company.stories, brief: BRIEF_STORIES, spam: SPAM_STORIES }[kind]
  const direction = kind !== "spam" && chance(random, OUTGOING_SHARE) ? "outgoing" : "incoming"
  const fitting = stories.filter((story) => story.direction === direction)
  return pickWeighted(random, fitting)
}

/** One of the items, each as likely as its weight. */
export function pickWeighted<T extends { readonly weight: number }>(random: Random, items: readonly T[]): T {
  let rest = random() * items.reduce((sum, item) => sum + item.weight, 0)
  for (const item of items) {
    rest -= item.weight
    if (rest < 0) return item
  }
  return pick(random, items)
}

const SCORES: Readonly<Record<Fate, readonly [number, number]>> = {
  resolved: [3.5, 5],
  toolFailed: [1.5, 3],
  transferred: [2.5, 4.5],
  transferDead: [1, 2.5],
  abandoned: [1, 3],
}

function drawScore(random: Random, kind: Kind, mood: Mood, fate: Fate): number {
  if (kind !== "ordinary") return half(between(random, 2.5, 4.5))
  const [min, max] = SCORES[fate]
  return half(between(random, min, max) - (mood === "angry" ? 1.5 : 0) + (mood === "cheerful" ? 0.5 : 0))
}

/** A score in steps of a half, from 0 to 5. */
function half(score: number): number {
  return Math.min(5, Math.max(0, Math.round(score * 2) / 2))
}

/** About one call in twelve in all. */
function flagProbability(kind: Kind, mood: Mood, fate: Fate): number {
  if (kind !== "ordinary") return 0.01
  if (mood === "angry") return 0.4
  return fate === "resolved" ? 0.04 : 0.15
}

function drawSentiment(random: Random, mood: Mood): Sentiment {
  const strong = round(between(random, 0.55, 0.9))
  const rest = 1 - strong
  const split = random()
  const less = rest * split
  const least = rest * (1 - split)
  if (mood === "angry") return balance(0, less, strong)
  if (mood === "cheerful") return balance(strong, 0, 0)
  if (mood === "worried") return balance(less, strong * 0.7, least * 0.5)
  return balance(less, least * 0.4, least * 0.3)
}

/** The rest is neutral, so that the four add up to 1 as in the documented example. */
function balance(happy: number, sad: number, angry: number): Sentiment {
  const [h, s, a] = [round(happy), round(sad), round(angry)]
  return { happy: h, sad: s, angry: a, neutral: round(1 - h - s - a) }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
