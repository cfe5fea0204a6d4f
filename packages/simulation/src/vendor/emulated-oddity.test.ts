/** Every oddity of the emulator is met in a simulation, but for what it makes of a limit above a hundred. */
import { DAY, HOUR, type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import { everyOddity } from "@earshot/emulators/oddity"
import { expect, test } from "vitest"
import * as z from "zod"
import { START } from "../scenario.ts"
import { CALLS_END, openEmulator } from "../test-emulator.ts"

const Row = z.record(z.string(), z.unknown())

const Page = z.object({ data: z.array(Row), pagination: z.object({ totalCount: z.number() }) })

const TURNS = 4

const ADDED = 1e-8

/** A time without a zone is in UTC. */
const momentOf = (time: unknown): Instant => Date.parse(String(time).replace(/Z?$/, "Z"))

/** What is odd about a page of the list; `scores` are those seen before. */
function oddIn(rows: readonly z.infer<typeof Row>[], scores: Map<unknown, unknown>): string[] {
  return rows.flatMap((row) => {
    const said = z.array(z.object({ speaker: z.string() })).parse(row.transcript)
    const before = scores.get(row.id)
    if (row.score !== null) scores.set(row.id, row.score)
    const [created, ended] = [momentOf(row.createdAt), momentOf(row.endedAt)]
    const isUnknown =
      !["completed", "in_progress", "COMPLETED"].includes(String(row.status)) ||
      !["INCOMING", "OUTGOING", "inbound", "Outbound"].includes(String(row.type)) ||
      said.some(({ speaker }) => !["agent", "caller", "Assistant", "CUSTOMER"].includes(speaker))
    const isSaidByOne = said.length === TURNS && said.every(({ speaker }) => speaker === "agent")
    return [
      row.agent === null ? "rows.nulls" : "",
      row.status === "in_progress" && !("endedAt" in row) ? "rows.missing" : "",
      isUnknown ? "rows.unknownValues" : "",
      created % MINUTE === 0 ? "rows.equalTimestamps" : "",
      row.status === "completed" && said.length < TURNS ? "rows.shortTranscripts" : "",
      row.status === "in_progress" && Number(row.duration ?? 1) === 0 ? "rows.zeroDuration" : "",
      [row.from, row.to].every((number) => String(number).startsWith("+1555")) ? "" : "rows.strangeNumbers",
      String(row.summary).includes("\u00a0") ? "rows.typesetTexts" : "",
      row.score && before && row.score !== before ? "rows.revisedScores" : "",
      ended < created || ended > created + DAY ? "values.impossibleEnds" : "",
      row.summary === "" ? "values.emptyFirst" : "",
      isSaidByOne ? "values.oneSpeaker" : "",
      row.status === "COMPLETED" ? "values.otherWords" : "",
      typeof row.score === "string" ? "values.numbersAsText" : "",
      /\d$/.test(String(row.createdAt)) ? "values.timesWithoutZone" : "",
    ]
  })
}

const Detail = z.object({
  data: z.object({
    metadata: z.object({ sentiment: z.record(z.string(), z.number()).nullish() }).nullish(),
  }),
})

/** What is odd about the mood in a detail. */
function oddInMood(detail: z.infer<typeof Detail>): string {
  const sum = Object.values(detail.data.metadata?.sentiment ?? {}).reduce((sum, part) => sum + part, 0)
  if (sum > 2) return "values.percentages"
  return sum > 1 + ADDED ? "values.roundedMoods" : ""
}

/** How a vendor answers each question that its documentation leaves open. */
async function answersOf({ vendor, ask }: ReturnType<typeof openEmulator>, now: Instant) {
  const { stampsMs } = vendor.oddities
  const list = async (query: string) => Page.parse(await (await ask(query)).json()).data
  const times = new Map<Instant, number>()
  for (const { createdAt } of vendor.traffic.callsAt(now))
    times.set(createdAt, (times.get(createdAt) ?? 0) + 1)
  const [crowd = [START]] = [...times].sort((one, other) => other[1] - one[1])
  const crowdedAt = crowd[0] + stampsMs
  const inOrder = (at: Instant) => `?sortBy=createdAt&sortOrder=asc&limit=100&dateFrom=${isoOf(at - 1)}`
  const byEnd = (at: Instant) => `?sortBy=endedAt&sortOrder=desc&limit=100&dateFrom=${isoOf(at + stampsMs)}`
  const ids = (rows: readonly z.infer<typeof Row>[]) => rows.map(({ id }) => id).join()

  const crowded = await list(inOrder(crowdedAt))
  const first = momentOf(crowded[0]?.createdAt)
  const bound = await list(inOrder(first + 1))
  const ends = (await list(byEnd(now - 20 * MINUTE))).map(({ endedAt }) => typeof endedAt === "string")
  const { headers } = await ask(inOrder(now))
  const refused = await ask(inOrder(now), "ew_other")
  const one = Page.parse(await (await ask(byEnd(START).replace("limit=100", "limit=1"))).json())
  const newest = await list("?sortBy=createdAt&sortOrder=desc&limit=1")
  const isNow = (time: unknown) => Math.abs(momentOf(time) - now) < HOUR
  return {
    "reading.dateField": ends.every((hasEnd) => hasEnd) ? "endedAt" : "createdAt",
    "reading.dateBounds": momentOf(bound[0]?.createdAt) === first ? "inclusive" : "exclusive",
    "reading.nulls": ends[0] ? "last" : "first",
    "reading.shuffledTies": ids(crowded) !== ids(await list(inOrder(crowdedAt))),
    "answer.unauthorized": "code" in Row.parse(await refused.json()) ? "coded" : "specific",
    "answer.limitHeaders": headers.has("x-ratelimit-limit") ? "always" : "on429",
    "answer.resetHeader": /^\d+$/.test(headers.get("x-ratelimit-reset") ?? "") ? "unix" : "iso",
    "answer.limitShown": headers.get("x-ratelimit-limit") === "30" ? "tightest" : "hour",
    "answer.totals": one.pagination.totalCount === one.data.length ? "page" : "list",
    "times.stampsMs": isNow(newest[0]?.createdAt) ? "right" : "off",
    "times.serverMs": Math.abs(Date.parse(headers.get("date") ?? "") - now) < HOUR ? "right" : "off",
  }
}

test("every oddity of the emulator but that of limit=500 is met in one of a dozen seeds", async () => {
  const seen = new Set<string>()
  /** The answers to each question. */
  const answers: Record<string, Set<unknown>> = {}
  for (let seed = 1; seed <= 12; seed++) {
    const opened = openEmulator(seed)
    const { vendor, goTo, ask } = opened
    const scores = new Map<unknown, unknown>()
    const statuses = new Map<string, number>()
    for (let now = START + MINUTE; now < CALLS_END; now += 9 * MINUTE) {
      goTo(now)
      const from = isoOf(now - 2 * HOUR + vendor.oddities.stampsMs)
      const ends = `?sortBy=endedAt&sortOrder=desc&limit=100&dateFrom=${from}`
      const { data } = Page.parse(await (await ask(ends)).json())
      for (const odd of oddIn(data, scores)) seen.add(odd)
      // It has ended some minutes ago.
      for (const { id } of vendor.traffic.callsAt(now).slice(-9, -8)) {
        const detail = await ask(`/${id}`)
        if (detail.status === 200) seen.add(oddInMood(Detail.parse(await detail.json())))
      }
      for (const { id, visibleAt, createdAt, deletedAt } of vendor.traffic.callsAt(now)) {
        if (visibleAt <= createdAt + MINUTE && deletedAt === Infinity) continue
        const { status } = await ask(`/${id}`)
        const before = statuses.get(id)
        if (before === 404 && status === 200) seen.add("rows.lateVisibility")
        if (before === 200 && status === 404) seen.add("rows.deletions")
        statuses.set(id, status)
      }
    }
    for (const [question, answer] of Object.entries(await answersOf(opened, CALLS_END)))
      (answers[question] ??= new Set()).add(answer)
  }
  for (const [question, given] of Object.entries(answers))
    // The order of equal calls is another one at every seed.
    if (given.size === 2 || given.has(true)) seen.add(question)
  seen.delete("")
  const { seed: _, ...kinds } = everyOddity(1)
  const all = Object.entries(kinds).flatMap(([kind, names]) =>
    Object.keys(names).map((name) => `${kind}.${name}`),
  )
  expect(all).toHaveLength(31)
  expect([...seen].sort()).toEqual(all.filter((name) => name !== "answer.limitAboveMax").sort())
})
