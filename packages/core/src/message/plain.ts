/**
 * A message in its plainest form: a few lines of text, for a channel that calls the full one malformed. It says what happened and
 * which call it was, so that nobody waits for a mended format.
 */
import { shorten } from "../text.ts"
import { cleanLine } from "./clean.ts"

/** Far below the limit of every channel. */
const LINE_MAX = 600

export function plainLines({
  sentence,
  next,
  small,
}: {
  sentence: string
  next: string
  small: readonly string[]
}): string[] {
  return [sentence, next, small.join(" · ")].map((line) => shorten(cleanLine(line), LINE_MAX))
}
