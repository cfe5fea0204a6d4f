/** Finds the name that somebody who misspelt it probably meant. */
import leven from "leven"

/** Longer words are not compared: no name is nearly that long. */
const WORD_MAX = 40

/** With more slips than this it is another word. */
const SLIPS_MAX = 2

/**
 * The name nearest to a word, by the number of letters to change, add or leave out. The last part of a dotted name is
 * enough. Null if no name is near.
 */
export function nearestName(word: string, names: readonly string[]): string | null {
  const meant = word.toLowerCase()
  if (meant.length < 3 || meant.length > WORD_MAX) return null
  let nearest: string | null = null
  let slipsMin = Math.min(SLIPS_MAX, Math.floor(meant.length / 2)) + 1
  for (const name of names) {
    const whole = name.toLowerCase()
    const lastPart = whole.slice(whole.lastIndexOf(".") + 1)
    // With a maximum, the distance stops there: one that reaches it is not nearer than the nearest so far.
    const slips = Math.min(
      leven(meant, whole, { maxDistance: slipsMin }),
      leven(meant, lastPart, { maxDistance: slipsMin }),
    )
    if (slips >= slipsMin) continue
    nearest = name
    slipsMin = slips
  }
  return nearest ?? names.find((name) => isWithin(meant, name.toLowerCase())) ?? null
}

/** `callDuration` means `duration`, and `sentiment` means one of its parts. */
function isWithin(word: string, name: string): boolean {
  if (name.length < 4 || word.length < 4) return false
  return word.includes(name) || name.includes(word)
}
