/**
 * Does `work` for every item, `lanes` of them at a time. What came of it is in the items' order. Rejects with the first that
 * rejects; nothing new is started then.
 */

export async function inParallel<T, R>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = Array.from({ length: items.length })
  const waiting = items.entries()
  let hasFailed = false
  const lane = async () => {
    for (const [index, item] of waiting) {
      if (hasFailed) return
      results[index] = await work(item).catch((error: unknown) => {
        hasFailed = true
        throw error
      })
    }
  }
  const busy: Promise<void>[] = []
  while (busy.length < Math.min(lanes, items.length)) busy.push(lane())
  await Promise.all(busy)
  return results
}
