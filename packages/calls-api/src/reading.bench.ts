/**
 * What reading costs, compared with parsing the JSON, and what the same tolerance would cost in zod: the reason the
 * reader is written by hand. Each turn reads a page of 100 rows, so operations per second times 100 are rows per
 * second.
 */
import { bench, describe } from "vitest"
import * as z from "zod"
import { listCalls, type ClientWorld } from "./client.ts"
import documentedList from "./documented-list.json" with { type: "json" }
import { readListing } from "./reading.ts"

const ROWS = 100
const API = { baseUrl: "https://echo.win/api/v1", apiKey: "ew_local", timeoutMs: 10_000 }

const text = z.string().nullish().catch(null)
const amount = z.number().nullish().catch(null)
const flag = z.boolean().nullish().catch(null)
const moment = z
  .string()
  .refine((sent) => !Number.isNaN(Date.parse(sent)))
  .nullish()
  .catch(null)
const entry = z.object({ speaker: text, text, timestamp: text }).nullish().catch(null)
const TolerantCall = z.object({
  id: z.string().min(1).max(200),
  from: text,
  to: text,
  type: text,
  status: text,
  duration: amount,
  createdAt: moment,
  endedAt: moment,
  summary: text,
  score: amount,
  flagged: flag,
  favorite: flag,
  spam: flag,
  agent: z.object({ id: text, name: text }).nullish().catch(null),
  transcript: z.array(entry).nullish().catch(null),
  recordingUrl: text,
})

describe.each([0, 2, 20])("100 rows with %i turns of transcript each", (turns) => {
  const [row] = documentedList.data
  const transcript = Array.from({ length: turns }, (_, index) => row?.transcript[index % 2])
  const sent = JSON.stringify({ data: Array.from({ length: ROWS }, () => ({ ...row, transcript })) })
  const parsed: { data: unknown[] } = JSON.parse(sent)
  const oddRows = parsed.data.map((one) => Object.assign({}, one, { score: "4.5", summary: 7, agent: [] }))
  const world: ClientWorld = {
    fetch: async () => new Response(sent),
    now: () => 0,
    sleep: () => new Promise(() => {}),
  }

  bench("JSON.parse", () => void JSON.parse(sent))
  bench("the reader", () => void readListing(parsed))
  bench("zod with catch", () => parsed.data.forEach((one) => TolerantCall.safeParse(one)))
  bench("the reader, three odd values a row", () => void readListing({ data: oddRows }))
  bench("zod with catch, three odd values a row", () => oddRows.forEach((one) => TolerantCall.safeParse(one)))
  bench("listCalls, all of it", async () => void (await listCalls(world, API, { limit: 100 })))
})
