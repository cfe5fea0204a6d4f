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
const BUCKETS_LOG_MAX = 15

export type Haystack = { text: string; has: (needle: string) => boolean }

export function createHaystack(text: string): Haystack {
  const [long, short] = GROUPS
  const isLong = text.length >= INDEXED_CHARACTERS_MIN
  // Of a hundred rules many ask the same.
  const found = new Map<string, boolean>()
  let hasLong: Search | null = null
  let hasShort: Search | null = null
  const search = (needle: string) => {
    if (found.size < INDEXED_SEARCHES_MIN || needle.length < short) return text.includes(needle)
    if (needle.length >= long) return (hasLong ??= createIndex(text, long))(needle)
    return (hasShort ??= createIndex(text, short))(needle)
  }
  return {
    text,
    has(needle) {
      if (!isLong) return text.includes(needle)
      const known = found.get(needle)
      if (known !== undefined) return known
      const has = search(needle)
      found.set(needle, has)
      return has
    },
  }
}

type Search = (needle: string) => boolean

/**
 * An index of the text's groups of so many characters. It finds phrases that are at least as long. A group's bucket depends on
 * its characters and on nothing else: what is older has been shifted out.
 */
function createIndex(text: string, length: number): Search {
  const step = 32 / length
  const shift = 32 - Math.min(BUCKETS_LOG_MAX, Math.ceil(Math.log2(text.length)))
  // Of each bucket how many groups it has and where the last one ends, counted from 1; and where the one before each ends.
  const buckets = new Int32Array(2 * 2 ** (32 - shift))
  const before = new Int32Array(text.length + 1)
  let group = 0
  for (let end = 1; end <= text.length; end++) {
    group = (group << step) ^ text.charCodeAt(end - 1)
    if (end < length) continue
    const bucket = 2 * (Math.imul(group, SPREAD) >>> shift)
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
    before[end] = buckets[bucket + 1] ?? 0
    buckets[bucket + 1] = end
  }
  return (needle) => {
    let fewest = text.length + 1
    let rarest = 0
    let offset = 0
    let sought = 0
    for (let end = 1; end <= needle.length; end++) {
      sought = (sought << step) ^ needle.charCodeAt(end - 1)
      if (end < length) continue
      const bucket = 2 * (Math.imul(sought, SPREAD) >>> shift)
      const count = buckets[bucket] ?? 0
      if (count === 0) return false
      if (count >= fewest) continue
      fewest = count
      rarest = bucket
      offset = end
    }
    for (let end = buckets[rarest + 1] ?? 0; end > 0; end = before[end] ?? 0) {
      if (end >= offset && text.startsWith(needle, end - offset)) return true
    }
    return false
  }
}

/** 2³² divided by the golden ratio spreads numbers evenly over the buckets. */
const SPREAD = 0x9e3779b1
