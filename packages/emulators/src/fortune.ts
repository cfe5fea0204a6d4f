/** How a call turns out: moods, fates and their consequences, as often as in a real business. */
import type { Sentiment } from "./call.ts"
import { type Random, between, chance, pickWeighted } from "./random.ts"
import type { Company, Story } from "./story.ts"
import { BRIEF_STORIES } from "./story/brief.ts"
import { SPAM_STORIES } from "./story/spam.ts"

export type Mood = "calm" | "cheerful" | "worried" | "angry"

/** How a call goes. "transferDead" is a transfer that nobody answers, "abandoned" a caller who gives up. */
export type Fate = "resolved" | "toolFailed" | "transferred" | "transferDead" | "abandoned"

export type Kind = "ordinary" | "brief" | "spam"

/** Less time than this is too little for a story. */
const STORY_MIN_MS = 55_000

/** One call in 25 is spam; of the others, those without time for a story are brief. */
export function drawKind(random: Random, lengthMs: number): Kind {
  if (chance(random, 0.04)) return "spam"
  return lengthMs < STORY_MIN_MS ? "brief" : "ordinary"
}

/** One call in twelve is angry: a little more of the ordinary ones, because the others never are. */
export function drawMood(random: Random): Mood {
  const die = random()
  if (die < 0.092) return "angry"
  if (die < 0.25) return "worried"
  return die < 0.5 ? "cheerful" : "calm"
}

/** Six calls in seven go well, but only a third of the angry ones. */
export function drawFate(random: Random, mood: Mood): Fate {
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

/** About one call in seven is made by the agent. */
export function drawStory(random: Random, kind: Kind, company: Company): Story {
  const stories = { ordinary: company.stories, brief: BRIEF_STORIES, spam: SPAM_STORIES }[kind]
  const direction = kind !== "spam" && chance(random, OUTGOING_SHARE) ? "outgoing" : "incoming"
  const fitting = stories.filter((story) => story.direction === direction)
  return pickWeighted(random, fitting)
}

const SCORES: Readonly<Record<Fate, readonly [number, number]>> = {
  resolved: [3.5, 5],
  toolFailed: [1.5, 3],
  transferred: [2.5, 4.5],
  transferDead: [1, 2.5],
  abandoned: [1, 3],
}

/** From 0 to 5 in halves: low for what went wrong, and lower if the caller was angry about it. */
export function drawScore(random: Random, kind: Kind, mood: Mood, fate: Fate): number {
  if (kind !== "ordinary") return half(between(random, 2.5, 4.5))
  const [min, max] = SCORES[fate]
  return half(between(random, min, max) - (mood === "angry" ? 1.5 : 0) + (mood === "cheerful" ? 0.5 : 0))
}

/** A score in steps of a half, from 0 to 5. */
function half(score: number): number {
  return Math.min(5, Math.max(0, Math.round(score * 2) / 2))
}

/** About one call in twelve in all. */
export function flagProbability(kind: Kind, mood: Mood, fate: Fate): number {
  if (kind !== "ordinary") return 0.01
  if (mood === "angry") return 0.4
  return fate === "resolved" ? 0.04 : 0.15
}

/** Four shares that add up to 1; the angry one is above a half for angry callers and far below for all others. */
export function drawSentiment(random: Random, mood: Mood): Sentiment {
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
