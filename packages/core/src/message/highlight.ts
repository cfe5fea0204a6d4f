/**
 * The few turns of a transcript to read first: where the caller was most upset, what led to it, and how the call ended.
 */
import { areSpeakersKnown } from "../call/speaker.ts"
import { speakerMeant } from "../call/word.ts"
import { shorten } from "../text.ts"

export type Quote = { speaker: string; text: string }

type Entry = { speaker: string | null; text: string | null }

const TURNS_MAX = 4

const TURN_CHARACTERS_MAX = 240

/** Words that callers use when a call goes wrong. They only guide the eye: no alert depends on them. */
const HEAT =
  /\b(human|person|manager|supervisor|complain\w*|cancel\w*|refund\w*|ridiculous|unacceptable|terrible|awful|useless|wrong|never|already|again|waiting|angry|upset|frustrat\w*|lawyer|speak to|talk to|listening|stupid|worst)\b|!/gi

/** At most four turns in order, among them the caller's most heated one, each at most 240 characters. */
export function highlights(transcript: readonly Entry[]): Quote[] {
  const turns = transcript.flatMap(({ speaker, text }) =>
    text === null || text.trim() === "" ? [] : [{ speaker: speaker ?? "unknown", text: text.trim() }],
  )
  // Where nobody knows who spoke, any turn may be the caller's, and none is attributed.
  const isKnown = areSpeakersKnown(transcript)
  let hottest = -1
  let heat = 0
  for (const [index, turn] of turns.entries()) {
    const turnHeat =
      !isKnown || speakerMeant(turn.speaker) === "caller" ? (turn.text.match(HEAT)?.length ?? 0) : 0
    if (turnHeat > heat) {
      hottest = index
      heat = turnHeat
    }
  }
  const chosen =
    hottest === -1
      ? turns.slice(-2)
      : turns.filter((_, index) => Math.abs(index - hottest) <= 1 || index === turns.length - 1)
  return chosen.slice(-TURNS_MAX).map(({ speaker, text }) => ({
    speaker: isKnown ? speaker : "unknown",
    text: shorten(text, TURN_CHARACTERS_MAX),
  }))
}
