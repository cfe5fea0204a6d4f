/**
 * The few turns of a transcript that decided the call, to be read first: around the transfer and the tool that failed, the
 * words that a rule looked for, where the caller was most upset, and how the call ended.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import type { Because } from "../alert/alert.ts"
import { areSpeakersKnown } from "../call/speaker.ts"
import { speakerMeant } from "../call/word.ts"
import { foldWithin } from "../fold.ts"
import { shorten } from "../text.ts"
import { failureOf, offsetIn, transferOf } from "./deed.ts"
import { offsetText } from "./time-text.ts"

/** `at`: how far into the call, such as `1:12`; null if nobody knows. `isAfterGap`: turns before it are left out. */
export type Quote = { speaker: string; text: string; at: string | null; isAfterGap: boolean }

type Entry = NonNullable<CallDetail["transcript"]>[number]

const TURNS_MAX = 4

const TURN_CHARACTERS_MAX = 240

/** Words that callers use when a call goes wrong. They only guide the eye: no alert depends on them. */
const HEAT =
  /\b(human|person|manager|supervisor|complain\w*|cancel\w*|refund\w*|ridiculous|unacceptable|terrible|awful|useless|wrong|never|already|again|waiting|angry|upset|frustrat\w*|lawyer|speak to|talk to|listening|stupid|worst)\b|!/gi

/** How much a turn tells of what went wrong: what a rule looked for most, and the last turn least. */
const WEIGHT = { matched: 6, heated: 5, asked: 4, answered: 4, failed: 3, beside: 2, last: 1 }

/** Two to four turns in order, each at most 240 characters; fewer if the call has no more. */
export function highlights(call: CallDetail, because: readonly Because[]): Quote[] {
  const transcript = call.transcript ?? []
  // Where nobody knows who spoke, any turn may be the caller's, and none is attributed.
  const isKnown = areSpeakersKnown(transcript)
  const said = transcript.flatMap((turn, index) => (isSaid(turn) ? [index] : []))
  const weights = weightsOf(call, because, said, isKnown)
  const best = [...said]
    .filter((index) => weights.has(index))
    .sort((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0) || a - b)
    .slice(0, TURNS_MAX)
  const chosen = best.length > 1 ? best.sort((a, b) => a - b) : said.slice(-2)
  return chosen.map((index, place) => {
    const { speaker, text, timestamp } = transcript[index] ?? { speaker: null, text: null, timestamp: null }
    const at = offsetIn(call, timestamp)
    const before = chosen[place - 1]
    return {
      speaker: isKnown ? (speaker ?? "unknown") : "unknown",
      text: shorten((text ?? "").trim(), TURN_CHARACTERS_MAX),
      at: at === null ? null : offsetText(at),
      isAfterGap: before !== undefined && said.indexOf(index) - said.indexOf(before) > 1,
    }
  })
}

/** The turns that hold what a rule looked for, by a comparison that came true. */
export function turnsWith(
  transcript: readonly Entry[],
  { field, operator, operand, isNegated }: Because,
): number[] {
  if (!field.startsWith("transcript") || (operator !== "contains" && operator !== "containsAny") || isNegated)
    return []
  const side = field === "transcript.caller" ? "caller" : field === "transcript.agent" ? "agent" : null
  const isAnywhere = side === null || !areSpeakersKnown(transcript)
  const sought = (typeof operand === "object" ? operand : [operand])
    .map((one) => foldWithin(String(one)))
    .filter((text) => text.trim() !== "")
  return transcript.flatMap(({ speaker, text }, index) =>
    (isAnywhere || speakerMeant(speaker) === side) &&
    sought.some((phrase) => ` ${foldWithin(text ?? "")} `.includes(phrase))
      ? [index]
      : [],
  )
}

function isSaid({ text }: Entry): boolean {
  return text !== null && text.trim() !== ""
}

function weightsOf(
  call: CallDetail,
  because: readonly Because[],
  said: readonly number[],
  isKnown: boolean,
): ReadonlyMap<number, number> {
  const transcript = call.transcript ?? []
  const weights = new Map<number, number>()
  const add = (index: number | undefined, weight: number) => {
    if (index !== undefined && said.includes(index)) weights.set(index, (weights.get(index) ?? 0) + weight)
  }
  const beside = (index: number, step: number) => said[said.indexOf(index) + step]
  for (const comparison of because) add(turnsWith(transcript, comparison)[0], WEIGHT.matched)
  const isCaller = (index: number) =>
    !isKnown || speakerMeant(transcript[index]?.speaker ?? null) === "caller"
  const hottest = hottestOf(transcript, said.filter(isCaller))
  if (hottest !== null) {
    add(hottest, WEIGHT.heated)
    add(beside(hottest, -1), WEIGHT.beside)
    add(beside(hottest, 1), WEIGHT.beside)
  }
  const transfer = transferOf(call)
  if (transfer && transfer.turn >= 0) {
    add(
      said.findLast((index) => index <= transfer.turn && isCaller(index)),
      WEIGHT.asked,
    )
    add(
      said.find((index) => index > transfer.turn),
      WEIGHT.answered,
    )
  }
  const failure = failureOf(call, null)
  if (failure && failure.turn >= 0) {
    add(
      said.find((index) => index > failure.turn),
      WEIGHT.failed,
    )
  }
  if (weights.size > 0) add(said.at(-1), WEIGHT.last)
  return weights
}

/** The first of the turns with the most words of heat; null if none has any. */
function hottestOf(transcript: readonly Entry[], turns: readonly number[]): number | null {
  let hottest: number | null = null
  let most = 0
  for (const index of turns) {
    const heat = transcript[index]?.text?.match(HEAT)?.length ?? 0
    if (heat > most) {
      hottest = index
      most = heat
    }
  }
  return hottest
}
