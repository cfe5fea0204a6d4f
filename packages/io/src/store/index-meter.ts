/**
 * What writes of items cost in the table's two indexes, by the rules on AWS's page on global secondary indexes: stand-ins report what the
 * table itself consumes, and nothing of its indexes. For benchmarks.
 */
import * as z from "zod"
import { ALERT_INDEX, DUE_INDEX } from "./table.ts"

const Text = z.object({ S: z.string() })

const Amount = z.object({ N: z.string() })

const Put = z.object({
  Item: z.object({
    pk: Text,
    sk: Text,
    duePk: Text.optional(),
    dueAt: Amount.optional(),
    pending: Amount.optional(),
    raisedAt: Amount.optional(),
  }),
})

/** Where an item stands in an index, and what that shows of it; null: it is not in it. */
type Entry = { key: string; shown: string } | null

/** Told of each write that succeeded; answers how many units it cost in both indexes. An entry of ours is far below a kilobyte. */
export function createIndexMeter(): (body: unknown) => number {
  const known = new Map<string, Entry>()
  return (body) => {
    const put = Put.safeParse(body)
    if (!put.success) return 0
    const { pk, sk, duePk, dueAt, pending, raisedAt } = put.data.Item
    const due = duePk && dueAt ? { key: `${duePk.S} ${dueAt.N}`, shown: pending?.N ?? "" } : null
    const alerted = raisedAt ? { key: `${pk.S} ${raisedAt.N}`, shown: "" } : null
    const change = (index: string, entry: Entry) => {
      const place = `${index} ${pk.S} ${sk.S}`
      const units = unitsOf(known.get(place) ?? null, entry)
      known.set(place, entry)
      return units
    }
    return change(DUE_INDEX, due) + change(ALERT_INDEX, alerted)
  }
}

/** A new key is a deletion and a put. */
function unitsOf(before: Entry, after: Entry): number {
  if (!before || !after) return before === after ? 0 : 1
  if (before.key !== after.key) return 2
  return before.shown === after.shown ? 0 : 1
}
