/** Does `work` for every item, `lanes` of them at a time. Rejects with the first that rejects; nothing new is started then. */
export async function inParallel<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  if (items.length === 0) return
  const waiting = items.values()
  let hasFailed = false
  const lane = async () => {
    for (const item of waiting) {
      if (hasFailed) return
      await work(item).catch((error: unknown) => {
        hasFailed = true
        throw error
      })
    }
  }
  const busy: Promise<void>[] = []
  while (busy.length < Math.min(lanes, items.length)) busy.push(lane())
  await Promise.all(busy)
}
