/**
 * Randomness from a seed, so that the same seed always makes the same world.
 *
 * A generator is a plain function that returns numbers in [0, 1), like Math.random; everything else here draws from
 * one. It is for emulation only, and not fit for secrets.
 */

export type Random = () => number

/** A separate generator for these parts: streams with different parts do not disturb one another. */
export function createRandom(...parts: readonly (string | number)[]): Random {
  let state = hash(...parts)
  // The generator is mulberry32: 32 bits of state, a full period, and fast enough to be forgotten.
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** An unsigned 32-bit number that depends on every part and on their order (FNV-1a, then mixed as in murmur3). */
export function hash(...parts: readonly (string | number)[]): number {
  let value = 0x811c9dc5
  for (const part of parts) {
    const text = String(part)
    for (let index = 0; index < text.length; index += 1) {
      value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
    }
    value = Math.imul(value ^ 0x1f, 0x01000193)
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}

/** A number in [0, 1) that belongs to these parts: a die that always falls the same way for the same thing. */
export function share(...parts: readonly (string | number)[]): number {
  return hash(...parts) / 2 ** 32
}

/** One of the items, each as likely as the others. Throws if there are none. */
export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new Error("There is nothing to pick from.")
  return item
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

/** The items in another order. */
export function shuffle<T>(random: Random, items: readonly T[]): T[] {
  const keyed = items.map((item) => ({ item, key: random() }))
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item)
}

/** True with this probability, from 0 to 1. */
export function chance(random: Random, probability: number): boolean {
  return random() < probability
}

/** An integer from `min` to `max`, both included. */
export function integer(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1))
}

/** A number in [min, max). */
export function between(random: Random, min: number, max: number): number {
  return min + random() * (max - min)
}

/** A number in [min, max) whose logarithm is uniform: as many between 1 and 10 as between 10 and 100. */
export function logBetween(random: Random, min: number, max: number): number {
  return Math.exp(between(random, Math.log(min), Math.log(max)))
}

/** The time until the next random event, with this mean time between events. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random())
}

/** A log-normal number with this median; `sigma` is the spread of its logarithm. */
export function logNormal(random: Random, median: number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return median * Math.exp(sigma * normal)
}

/** An identifier in the form of a version 4 UUID. */
export function uuid(random: Random): string {
  const hex = hexWord(random) + hexWord(random) + hexWord(random) + hexWord(random)
  const variant = "89ab"[Math.floor(random() * 4)]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}

function hexWord(random: Random): string {
  return Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0")
}
