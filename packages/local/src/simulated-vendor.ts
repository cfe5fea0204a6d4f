/**
 * The Calls API in as few instructions as possible: the two endpoints as documented, on simulated traffic, with
 * the documented limits counted to the millisecond. The full emulator does more than a simulation needs.
 */
import { HOUR, type Instant, isoOf, MINUTE } from "@earshot/core/instant"
import { isVisible, type SimulatedCall, type Traffic } from "./simulated-traffic.ts"

/** A call in an answer; `isMatch`: what is shown of it makes a rule match. */
export type Shown = { call: SimulatedCall; isMatch: boolean }

export type VendorAnswer = { status: number; body: string; shown: readonly Shown[] }

export type Vendor = {
  answer: (url: URL, now: Instant) => VendorAnswer
  requests: { list: number; detail: number; refused: number }
  /** From where lists were asked from their beginning, in order of time. */
  scans: { at: Instant; dateFrom: Instant }[]
}

/** `exceeded` is told which of the documented limits a request went over. */
export function createVendor(traffic: Traffic, exceeded: (limit: string) => void): Vendor {
  const windows = {
    list: [createWindow("200 lists an hour", 200, HOUR), createWindow("30 lists a minute", 30, MINUTE)],
    detail: [createWindow("500 details an hour", 500, HOUR)],
    all: [createWindow("100 requests a minute", 100, MINUTE)],
  }
  const requests = { list: 0, detail: 0, refused: 0 }
  const scans: Vendor["scans"] = []

  return {
    requests,
    scans,
    answer(url, now) {
      const id = /\/calls\/([^/]+)$/.exec(url.pathname)?.[1]
      const kind = id === undefined ? "list" : "detail"
      requests[kind]++
      for (const window of [...windows[kind], ...windows.all]) {
        if (window.count(now)) continue
        exceeded(window.name)
        requests.refused++
        return { status: 429, body: '{"error":"Too many requests","retryAfter":60}', shown: [] }
      }
      const calls = traffic.callsAt(now)
      if (id !== undefined) return detailOf(traffic.call(decodeURIComponent(id)), now)
      const dateFrom = Date.parse(url.searchParams.get("dateFrom") ?? "")
      const page = Number(url.searchParams.get("page") ?? "1")
      if (page === 1) scans.push({ at: now, dateFrom })
      return listFrom(calls, { dateFrom, page, limit: Number(url.searchParams.get("limit") ?? "20") }, now)
    },
  }
}

function createWindow(name: string, max: number, lengthMs: number) {
  // A ring of the last `max` requests: the one to be overwritten must have left the window.
  const times: Instant[] = []
  let next = 0
  return {
    name,
    count(now: Instant): boolean {
      if ((times[next] ?? Number.NEGATIVE_INFINITY) > now - lengthMs) return false
      times[next] = now
      next = (next + 1) % max
      return true
    },
  }
}

function listFrom(
  calls: readonly SimulatedCall[],
  { dateFrom, page, limit }: { dateFrom: Instant; page: number; limit: number },
  now: Instant,
): VendorAnswer {
  let low = 0
  let high = calls.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((calls[middle]?.createdAt ?? 0) < dateFrom) low = middle + 1
    else high = middle
  }
  const rows: string[] = []
  const shown: Shown[] = []
  const skipped = (page - 1) * limit
  let total = 0
  for (let index = low; index < calls.length; index++) {
    const call = calls[index]
    if (!call || !isVisible(call, now)) continue
    if (total >= skipped && rows.length < limit) {
      rows.push(rowOf(call, now))
      shown.push({ call, isMatch: hasListMatch(call, now) })
    }
    total++
  }
  const pages = Math.ceil(total / limit)
  const pagination = `{"page":${page},"limit":${limit},"totalCount":${total},"totalPages":${pages}}`
  return { status: 200, body: `{"data":[${rows.join(",")}],"pagination":${pagination}}`, shown }
}

function hasListMatch(call: SimulatedCall, now: Instant): boolean {
  return call.flaggedAt <= now || (call.score <= 2 && call.scoreAt <= now)
}

function rowOf(call: SimulatedCall, now: Instant): string {
  const key =
    (call.endedAt <= now ? 1 : 0) +
    (call.summaryAt <= now ? 2 : 0) +
    (call.scoreAt <= now ? 4 : 0) +
    (call.flaggedAt <= now ? 8 : 0)
  if (call.row.key !== key) call.row = { key, json: `{${fieldsOf(call, now)}}` }
  return call.row.json
}

function fieldsOf(call: SimulatedCall, now: Instant): string {
  const hasEnded = call.endedAt <= now
  const fields = {
    id: call.id,
    from: "+15550100001",
    to: "+15550100002",
    type: "INCOMING",
    status: hasEnded ? "completed" : "in_progress",
    duration: hasEnded ? Math.round((call.endedAt - call.createdAt) / 1000) : null,
    createdAt: isoOf(call.createdAt),
    endedAt: hasEnded ? isoOf(call.endedAt) : null,
    summary: call.summaryAt <= now ? "About an order." : null,
    score: call.scoreAt <= now ? call.score : null,
    flagged: call.flaggedAt <= now,
    favorite: false,
    spam: false,
    agent: null,
    transcript: [],
    recordingUrl: null,
  }
  return JSON.stringify(fields).slice(1, -1)
}

function detailOf(call: SimulatedCall | undefined, now: Instant): VendorAnswer {
  if (!call || !isVisible(call, now)) return { status: 404, body: '{"error":"Call not found"}', shown: [] }
  const types = ["CALL_ANSWERED", ...(call.transferredAt <= now ? ["TRANSFER"] : [])]
  const calm = 1 - call.angry
  const more = {
    memory: null,
    activityTimeline: types.map((type) => ({ id: type, type, sender: null, data: null, toolData: null })),
    metadata:
      call.sentimentAt <= now
        ? { sentiment: { happy: 0, sad: 0, angry: call.angry, neutral: calm }, callQuality: null }
        : null,
  }
  const body = `{"data":{${fieldsOf(call, now)},${JSON.stringify(more).slice(1, -1)}}}`
  // Who loses a detail in a crash may not be able to afford it again: that is accounted for apart.
  return { status: 200, body, shown: [{ call, isMatch: false }] }
}
