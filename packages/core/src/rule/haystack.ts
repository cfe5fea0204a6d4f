/**
 * A long text that is searched for thousands of phrases. An index says where each group of four or eight characters is, so
 * that a phrase is looked for only where its rarest group is, and mostly nowhere: a hundred times faster than reading the
 * text for each phrase.
 */

/** A short text, or one for a few phrases, is read: an index would cost more than it saves. */
const INDEXED_CHARACTERS_MIN = 1000

const INDEXED_SEARCHES_MIN = 8

/** Groups of eight tell more, and a phrase that is shorter than that still has groups of four. */
const GROUPS = [8, 4] as const

/** More buckets would take longer to make than they save. */
const BUCKETS_LOG_MAX = 16

export type Haystack = { text: string; has: (needle: string) => boolean }

export function createHaystack(text: string): Haystack {
  let searches = 0
  const indexes = new Map<number, Search>()
  const indexOf = (group: number) => {
    const index = indexes.get(group) ?? createIndex(text, group)
    indexes.set(group, index)
    return index
  }
  return {
    text,
    has(needle) {
      searches++
      const isIndexed = text.length >= INDEXED_CHARACTERS_MIN && searches > INDEXED_SEARCHES_MIN
      const group = GROUPS.find((length) => length <= needle.length)
      return isIndexed && group !== undefined ? indexOf(group)(needle) : text.includes(needle)
    },
  }
}

type Search = (needle: string) => boolean

/** An index of the text's groups of so many characters. It finds phrases that are at least as long. */
function createIndex(text: string, length: number): Search {
  const bits = Math.min(BUCKETS_LOG_MAX, Math.ceil(Math.log2(text.length)))
  const counts = new Int32Array(2 ** bits)
  // Where a bucket's last group is, from 1 on; and where the one before it is.
  const last = new Int32Array(2 ** bits)
  const before = new Int32Array(text.length + 1)
  eachGroup(text, length, bits, (bucket, start) => {
    before[start + 1] = last[bucket] ?? 0
    last[bucket] = start + 1
    counts[bucket] = (counts[bucket] ?? 0) + 1
  })
  return (needle) => {
    let fewest = Number.POSITIVE_INFINITY
    let rarest = 0
    let offset = 0
    eachGroup(needle, length, bits, (bucket, start) => {
      const count = counts[bucket] ?? 0
      if (count >= fewest) return
      fewest = count
      rarest = bucket
      offset = start
    })
    if (fewest === 0) return false
    for (let place = last[rarest] ?? 0; place > 0; place = before[place] ?? 0) {
      const start = place - 1 - offset
      if (start >= 0 && text.startsWith(needle, start)) return true
    }
    return false
  }
}

/** The bucket depends on the characters of the group and on nothing else: what is older has been shifted out. */
function eachGroup(
  text: string,
  length: number,
  bits: number,
  visit: (bucket: number, start: number) => void,
): void {
  const step = 32 / length
  let group = 0
  for (let index = 0; index < text.length; index++) {
    group = (group << step) ^ text.charCodeAt(index)
    if (index >= length - 1) visit(Math.imul(group, SPREAD) >>> (32 - bits), index - length + 1)
  }
}

/** 2³² divided by the golden ratio spreads numbers evenly over the buckets. */
const SPREAD = 0x9e3779b1
