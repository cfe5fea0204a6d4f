/** How long after a call's end its score appears, and its flag. */
import { DAY, HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import { type Random, between, chance, exponential, logBetween } from "@earshot/emulators/random"

/** From a call's end until its score is there: mostly a minute or two, now and then hours. */
export function scoreDelay(random: Random): number {
  if (chance(random, 0.01)) return between(random, 30 * MINUTE, 3 * HOUR)
  if (chance(random, 0.1)) return between(random, 10 * MINUTE, 30 * MINUTE)
  return 5 * SECOND + exponential(random, 90 * SECOND)
}

/** The vendor flags most of them at once. People flag the others in the course of the day, and a few days later. */
export function flagDelay(random: Random): number {
  if (chance(random, 0.6)) return between(random, 0, 5 * SECOND)
  if (chance(random, 0.2)) return logBetween(random, 8 * HOUR, 6 * DAY)
  return logBetween(random, 2 * MINUTE, 8 * HOUR)
}
