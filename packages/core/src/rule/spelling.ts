/** Finds the name that a misspelt word probably meant. */

/** Longer words are not compared: no name is nearly that long, and comparing costs the product of both lengths. */
const WORD_MAX = 40

/** With more slips than this, it is a different word. */
const SLIPS_MAX = 2

/**
 * The name nearest to a word, counted in letters to change, add or leave out. For a dotted name, the last part is
 * enough. Null if none is near.
 */
export function nearestName(word: string, names: readonly string[]): string | null {
  const meant = word.toLowerCase()
  if (meant.length < 3 || meant.length > WORD_MAX) return null
  let nearest: string | null = null
  let slipsMin = Math.min(SLIPS_MAX, Math.floor(meant.length / 2)) + 1
  for (const name of names) {
    const whole = name.toLowerCase()
    const lastPart = whole.slice(whole.lastIndexOf(".") + 1)
    const slips = Math.min(countSlips(meant, whole), countSlips(meant, lastPart))
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

/** Levenshtein distance: `row` holds the distance from each beginning of `from` to each beginning of `to`. */
function countSlips(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let place = 0; place < from.length; place++) {
    const next = [place + 1]
    for (let index = 1; index <= to.length; index++) {
      const changed = (row[index - 1] ?? 0) + (to[index - 1] === from[place] ? 0 : 1)
      next.push(Math.min(changed, (row[index] ?? 0) + 1, (next[index - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
