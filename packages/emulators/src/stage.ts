/**
 * Where a story is performed: who is in it, and notes of what has been said and done so far.
 *
 * A stage only writes down; it decides nothing.
 */
import type { ToolData } from "./call.ts"
import * as phrase from "./phrase.ts"
import type { PhrasePair, Phrase } from "./phrase.ts"
import type { CallPlan } from "./plan.ts"
import { integer, pick, shuffle, type Random } from "./random.ts"
import type { Cast } from "./story.ts"

/** What happens in a call, in order; the times are decided elsewhere. */
export type Beat =
  | { readonly kind: "said"; readonly speaker: Speaker; readonly text: string }
  | {
      readonly kind: "done"
      readonly type: DeedType
      readonly data: string
      readonly toolData: ToolData
    }

export type Speaker = "agent" | "caller"

export type DeedType = "TOOL_CALL" | "TRANSFER" | "SEND_EMAIL" | "SEND_TEXT"

export type Stage = {
  readonly plan: CallPlan
  readonly cast: Cast
  readonly random: Random
  readonly beats: readonly Beat[]
  readonly isAngry: boolean
  say(speaker: Speaker, text: string): void
  /** One of these phrases. */
  sayOne(speaker: Speaker, phrases: readonly Phrase[]): void
  /** One of these, said first by `first`. */
  exchange(first: Speaker, exchanges: readonly PhrasePair[]): void
  act(type: DeedType, data: string, tool: string, result: ToolData["result"]): void
  /** Says one more of these, none twice, if the call lasts longer than the rest of its story. False if it does not. */
  fillTime(filler: keyof typeof FILLERS): boolean
}

/** What is said when there is time: by the agent first or, for tempers, by the caller. */
const FILLERS = {
  verifying: { first: "agent", exchanges: phrase.VERIFYING },
  waiting: { first: "agent", exchanges: phrase.WAITING },
  pushingBack: { first: "caller", exchanges: phrase.PUSHING_BACK },
} as const

/** How long a story takes by itself, and a question with its answer, approximately. */
const STORY_MS = 85_000
const EXCHANGE_MS = 11_000

/** An empty stage for this plan; its cast draws from `random`. */
export function createStage(plan: CallPlan, random: Random): Stage {
  const beats: Beat[] = []
  const cast = createCast(plan, random)
  const unused = {
    verifying: shuffle(random, phrase.VERIFYING),
    waiting: shuffle(random, phrase.WAITING),
    pushingBack: shuffle(random, phrase.PUSHING_BACK),
  }
  let spareMs = plan.endedAt - plan.createdAt - STORY_MS

  const stage: Stage = {
    plan,
    cast,
    random,
    beats,
    isAngry: plan.mood === "angry",
    say: (speaker, text) => void beats.push({ kind: "said", speaker, text }),
    sayOne: (speaker, phrases) => stage.say(speaker, pick(random, phrases)(cast)),
    exchange: (first, exchanges) => exchangeOn(stage, first, pick(random, exchanges)),
    act: (type, data, tool, result) =>
      void beats.push({ kind: "done", type, data, toolData: { tool, result } }),
    fillTime(filler) {
      const next = spareMs >= EXCHANGE_MS ? unused[filler].pop() : undefined
      if (!next) return false
      spareMs -= EXCHANGE_MS
      exchangeOn(stage, FILLERS[filler].first, next)
      return true
    },
  }
  return stage
}

function exchangeOn(stage: Stage, first: Speaker, [one, two]: PhrasePair): void {
  stage.say(first, one(stage.cast))
  stage.say(first === "agent" ? "caller" : "agent", two(stage.cast))
}

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
const DAY_MS = 86_400_000

function createCast(plan: CallPlan, random: Random): Cast {
  return {
    person: plan.person,
    company: plan.company,
    pick: (...items) => pick(random, items),
    number: (min, max) => integer(random, min, max),
    day(inDaysMin, inDaysMax) {
      const day = new Date(plan.createdAt + integer(random, inDaysMin, inDaysMax) * DAY_MS).getUTCDay()
      return WEEKDAYS[day === 0 ? 1 : day] ?? "Monday"
    },
  }
}
