/**
 * Whether an answer of the emulator says what the simulated vendor would: the same calls in the same order, and for each
 * the same facts that a rule can read, in whatever words. If they disagree one of them is wrong, and the ledger cannot be
 * trusted.
 */
import * as z from "zod"
import type { Row } from "../truth/call.ts"
import type { VendorAnswer } from "./vendor.ts"

/** A time without a zone is in UTC. */
const Time = z.string().transform((text) => (text.endsWith("Z") ? text : `${text}Z`))

const Amount = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number),
])

/** Words of other services for the same. */
const SAME_WORDS: Record<string, string> = { COMPLETED: "completed", "Call Transferred": "TRANSFER" }

const Word = z.string().transform((word) => SAME_WORDS[word] ?? word)

/** Shares of 1 or of a hundred, rounded to four digits; nobody has any if none has. */
const Mood = z.record(z.string(), z.number()).transform((parts) => {
  const sum = Object.values(parts).reduce((sum, part) => sum + part, 0)
  return sum === 0 ? null : { angry: ((parts["angry"] ?? Number.NaN) / (sum > 50 ? 100 : 1)).toFixed(4) }
})

const Shown = z.object({
  id: z.string(),
  createdAt: Time,
  endedAt: Time.nullish(),
  status: Word,
  score: Amount.nullish(),
  flagged: z.union([z.boolean(), z.literal([0, 1]).transform(Boolean)]),
  metadata: z.object({ sentiment: Mood.nullish() }).nullish(),
  activityTimeline: z.array(z.object({ type: Word })).nullish(),
})

type Shown = z.infer<typeof Shown>

const Pagination = z.object({
  page: z.number(),
  limit: z.number(),
  totalCount: z.number(),
  totalPages: z.number(),
})

const Page = z.object({ data: z.array(Shown), pagination: Pagination })

const Detail = z.object({ data: Shown })

export type SortBy = "createdAt" | "endedAt"

/** In one sentence; null if they agree. `rowOf` gives the true row of a visible call by its id. */
export function disagreement(
  { status, text }: { status: number; text: string },
  expected: VendorAnswer,
  { sortBy, rowOf }: { sortBy: SortBy; rowOf: (id: string) => Row | null },
): string | null {
  if (status !== expected.status) return `the emulator answers ${status} instead of ${expected.status}`
  if (status !== 200) return null
  const json: unknown = JSON.parse(text)
  const wanted = z.object({ pagination: Pagination }).safeParse(expected.json)
  if (!wanted.success) return differenceOfDetail(Detail.parse(json).data, Detail.parse(expected.json).data)

  const { data, pagination } = Page.parse(json)
  const counts = JSON.stringify(wanted.data.pagination)
  if (JSON.stringify(pagination) !== counts)
    return `the emulator counts ${JSON.stringify(pagination)} instead of ${counts}`
  const ids = new Set<string>()
  for (const [index, shown] of data.entries()) {
    // Calls that the sort leaves equal may come in another order, and a page may show others of them.
    if ((shown[sortBy] ?? null) !== (expected.rows[index]?.[sortBy] ?? null))
      return `the emulator lists call ${shown.id} where another should be`
    const row = rowOf(shown.id)
    if (!row || ids.has(shown.id)) return `the emulator should not list call ${shown.id}`
    ids.add(shown.id)
    const difference = differenceOf(shown, row)
    if (difference) return difference
  }
  return data.length === expected.rows.length ? null : "the emulator lists too few calls"
}

const FACTS = ["createdAt", "endedAt", "status", "score", "flagged"] as const

function differenceOf(shown: Shown, row: Row): string | null {
  for (const name of FACTS)
    if ((shown[name] ?? null) !== (row[name] ?? null))
      return `the emulator shows ${name} ${String(shown[name])} of call ${shown.id} instead of ${String(row[name])}`
  return null
}

function differenceOfDetail(shown: Shown, row: Shown): string | null {
  const [is, shouldBe] = [deeperFacts(shown), deeperFacts(row)]
  return is === shouldBe ? differenceOf(shown, row) : `the emulator shows ${is} instead of ${shouldBe}`
}

function deeperFacts({ id, metadata, activityTimeline }: Shown): string {
  const angry = metadata?.sentiment?.angry ?? null
  const isTransferred = activityTimeline?.some(({ type }) => type === "TRANSFER") ?? false
  return JSON.stringify({ id, angry, isTransferred })
}
