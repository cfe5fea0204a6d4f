/** Results of a costly function, kept as long as there is room: the oldest make way for new ones. */

/** `recall` returns the kept result for the key, or makes and keeps it. At most `entriesMax` are kept. */
export type Cache<K, V> = { recall(key: K, make: () => V): V }

/** Keeps results in the order they were made until newer ones need the room; recalling one does not keep it longer. */
export function createCache<K, V>(entriesMax: number): Cache<K, V> {
  const entries = new Map<K, { readonly value: V }>()
  return {
    recall(key, make) {
      const found = entries.get(key)
      if (found) return found.value
      const value = make()
      entries.set(key, { value })
      if (entries.size > entriesMax) {
        for (const oldest of entries.keys()) {
          entries.delete(oldest)
          break
        }
      }
      return value
    },
  }
}
