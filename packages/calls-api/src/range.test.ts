/**
 * The iterator finds every call in its range, once, whatever the list does meanwhile, and says when it could not.
 *
 * The worlds below are small and nasty: a page holds 3 to 9 calls, so that paging by time, crowded instants and page
 * numbers all occur within a few dozen calls.
 */
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { createCallsApi, type EmulatedCall } from "@earshot/emulators/calls-api"
import { DOCUMENTED_LIMITS } from "@earshot/emulators/limit"
import { faultyFetch, type FaultShares } from "@earshot/emulators/network"
import { createOddSource } from "@earshot/emulators/odd-source"
import { everyOddity, type Oddities } from "@earshot/emulators/oddity"
import { chance, createRandom, integer, pick, type Random } from "@earshot/emulators/random"
import { describe, expect, test } from "vitest"
import type { CallsApi, ClientWorld } from "./client.ts"
import { callsBetween, type CallsRange, type RangeStep } from "./range.ts"
import { createVirtualClock } from "./virtual-clock.ts"

const API: CallsApi = { baseUrl: "https://echo.win/api/v1", apiKey: "ew_local", timeoutMs: 10_000 }
const BEGIN = Date.parse("2026-01-05T09:00:00.000Z")
const MINUTE = 60_000
const RANGE: CallsRange = { from: iso(BEGIN), to: iso(BEGIN + 30 * MINUTE) }
const SEEDS = Array.from({ length: 1000 }, (_, index) => index + 1)

type Setting = {
  calls: readonly EmulatedCall[]
  range?: Partial<CallsRange>
  oddities?: Oddities
  limits?: typeof DOCUMENTED_LIMITS
  faults?: FaultShares
  /** What happens to the list just before each request. */
  before?: (book: ReturnType<typeof createCallBook>, now: number) => void
  fetch?: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch
}

async function read({ calls, range, oddities = {}, limits, faults = {}, before, fetch }: Setting) {
  const clock = createVirtualClock(BEGIN + 24 * 60 * MINUTE)
  const { now, sleep } = clock
  const source = createCallBook(calls)
  const app = createCallsApi({ source, keys: ["ew_local"], now, limits: limits ?? "none", oddities })
  const urls: string[] = []
  const direct: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    urls.push(request.url)
    before?.(source, now())
    return app.fetch(request)
  }
  const faulty = faultyFetch(direct, faults, { random: createRandom("faults"), sleep })
  const world: ClientWorld = { fetch: fetch ? fetch(faulty) : faulty, now, sleep }
  const steps = await clock.run(collect(callsBetween(world, API, { ...RANGE, ...range })))
  const given = steps.flatMap((step) => (step.kind === "call" ? [step.call] : []))
  const end = steps.at(-1)
  if (!end || end.kind === "call") throw new Error("The reading has no end.")
  return { ids: given.map(({ id }) => id), given, end, urls, tookMs: now() - (BEGIN + 24 * 60 * MINUTE) }
}

async function collect(steps: AsyncIterable<RangeStep>): Promise<RangeStep[]> {
  const all: RangeStep[] = []
  for await (const step of steps) all.push(step)
  return all
}

describe("a list that holds still", () => {
  const calls = Array.from({ length: 250 }, (_, index) => callAt(BEGIN + (index - 10) * 7_919, `c${index}`))
  const inside = calls.filter(isInside).map(({ id }) => id)

  test("is given whole, in order, by full pages and without page numbers", async () => {
    const { ids, end, urls } = await read({ calls })
    expect(ids).toEqual(inside)
    expect(end).toMatchObject({
      kind: "complete",
      tally: { requests: 3, unreadable: 0, odd: {}, unsettled: 0 },
    })
    for (const url of urls) expect(new URL(url).searchParams.get("page")).toBe("1")
  })

  test("both bounds belong to the range, whether the vendor includes them or not", async () => {
    const times = [-1, 0, 1, 30 * MINUTE - 1, 30 * MINUTE, 30 * MINUTE + 1]
    const calls = times.map((time) => callAt(BEGIN + time, `at ${time}`))
    for (const dateBounds of ["inclusive", "exclusive"] as const) {
      const { ids } = await read({ calls, oddities: { reading: { dateBounds } } })
      expect(ids).toEqual(["at 0", "at 1", "at 1799999", "at 1800000"])
    }
  })

  test("that is empty is complete after one request", async () => {
    expect(await read({ calls: [] })).toMatchObject({
      ids: [],
      end: { kind: "complete", tally: { requests: 1 } },
    })
  })

  test("is not read past the end of the range", async () => {
    const { ids, end } = await read({ calls, range: { to: iso(BEGIN + 5 * MINUTE), limit: 50 } })
    expect(ids).toEqual(calls.slice(10, 48).map(({ id }) => id))
    expect(end).toMatchObject({ kind: "complete", tally: { requests: 1 } })
  })

  test("can be narrowed by the other parameters", async () => {
    const agent = { id: "agent-7", name: "Seven" }
    const some = calls.map((call, index) => (index % 3 === 0 ? { ...call, agent } : call))
    const { ids } = await read({ calls: some, range: { filter: { agentId: "agent-7" } } })
    expect(ids).toEqual(some.filter((call) => call.agent === agent && isInside(call)).map(({ id }) => id))
  })
})

describe("more calls at one instant than a page holds", () => {
  const crowd = Array.from({ length: 333 }, (_, index) => callAt(BEGIN + 5 * MINUTE, `crowd${index}`))
  const others = Array.from({ length: 60 }, (_, index) => callAt(BEGIN + index * 11_000, `other${index}`))

  test.each([false, true])("are all found (in another order at each request: %s)", async (shuffledTies) => {
    const { ids, end } = await read({
      calls: [...crowd, ...others],
      oddities: { seed: 7, reading: { shuffledTies } },
    })
    expect(ids.toSorted()).toEqual([...crowd, ...others].map(({ id }) => id).toSorted())
    expect(end).toMatchObject({ kind: "complete", tally: { unsettled: 0 } })
    // A request before the crowd, then its four pages twice; the last of them has the rest.
    if (!shuffledTies) expect(end.tally.requests).toBe(9)
  })

  test("are all found at neighbouring milliseconds, too", async () => {
    const calls = Array.from({ length: 700 }, (_, index) =>
      callAt(BEGIN + Math.floor(index / 140), `c${index}`),
    )
    const { ids } = await read({
      calls,
      oddities: { seed: 8, reading: { shuffledTies: true, dateBounds: "exclusive" } },
    })
    expect(ids.toSorted()).toEqual(calls.map(({ id }) => id).toSorted())
  })

  test("are given up on in the end if they never hold still, and that is said", async () => {
    let request = 0
    const visitors = () => Array.from({ length: 300 }, (_, index) => `visitor${request} ${index}`)
    const { ids, end } = await read({
      calls: crowd,
      before(book) {
        // Three pages of calls that are gone before anyone can have seen all of them.
        if (request > 0) for (const id of visitors()) book.remove(id)
        request += 1
        for (const id of visitors()) book.add(callAt(BEGIN + 5 * MINUTE, id))
      },
    })
    expect(end).toMatchObject({ kind: "complete", tally: { unsettled: 1 } })
    expect(crowd.filter(({ id }) => !ids.includes(id))).toEqual([])
  })
})

describe("over 1,000 seeds, while calls are added, deleted and delayed", () => {
  const batches = Array.from({ length: 10 }, (_, index) => SEEDS.slice(index * 100, index * 100 + 100))

  test.each(batches)(
    "every call that was there all along is given once (from seed %i on)",
    async (...seeds) => {
      for (const seed of seeds) {
        const random = createRandom(seed, "range")
        const calls = Array.from({ length: integer(random, 0, 36) }, (_, index) =>
          someCall(random, `first${index}`),
        )
        const listed = new Map(calls.map((call) => [call.id, call]))
        const [stayed, ever] = [new Map(listed), new Map(listed)]
        const dateField = pick(random, ["createdAt", "createdAt", "endedAt"] as const)
        const dateBounds = pick(random, ["inclusive", "exclusive"] as const)
        const shuffledTies = chance(random, 0.5)
        const churn = pick(random, [0, 0.2, 0.6])
        const isCapped = chance(random, 0.2)

        const { ids, given, end } = await read({
          calls,
          range: { limit: isCapped ? 100 : integer(random, 3, 9), requestsMax: 5000 },
          oddities: { seed, reading: { dateField, dateBounds, shuffledTies } },
          faults: chance(random, 0.3) ? { status: 0.05, truncated: 0.05, hang: 0.02, resetAfter: 0.05 } : {},
          ...(isCapped && { fetch: capped(6) }),
          before(book) {
            // A call added with an old time is one that became visible late.
            if (chance(random, churn) && ever.size < 80) {
              const call = someCall(random, `later${ever.size}`)
              ever.set(call.id, call)
              listed.set(call.id, call)
              book.add(call)
            }
            const victim = chance(random, churn / 2) ? pickKey(random, listed) : undefined
            if (victim !== undefined) {
              listed.delete(victim)
              stayed.delete(victim)
              book.remove(victim)
            }
          },
        })

        const seen = `seed ${seed}`
        expect(end, seen).toMatchObject({ kind: "complete", tally: { unsettled: 0 } })
        expect(new Set(ids).size, seen).toBe(ids.length)
        expect(
          given.every(
            (call) => isInside(ever.get(call.id)) && call.createdAt === ever.get(call.id)?.createdAt,
          ),
          seen,
        ).toBe(true)
        const owed = [...stayed.values()].filter(isInside).map(({ id }) => id)
        const missed = owed.filter((id) => !ids.includes(id))
        expect(missed, seen).toEqual([])
      }
    },
  )

  test("and with every oddity that the emulator knows", async () => {
    for (const seed of SEEDS.slice(0, 100)) {
      const random = createRandom(seed, "odd range")
      const calls = Array.from({ length: 60 }, (_, index) => someCall(random, `call${index}`))
      const oddities = everyOddity(seed)
      // As the vendor dates it, which may be hours off.
      const begin = BEGIN + oddities.times.stampsMs
      const [from, to] = [iso(begin), iso(begin + 30 * MINUTE)]
      const { ids, end } = await read({ calls, range: { from, to, limit: 6 }, oddities })
      expect(end, `seed ${seed}`).toMatchObject({ kind: "complete", tally: { unsettled: 0, unreadable: 0 } })
      // The clock is a day after the calls: late ones have appeared and deleted ones are gone.
      const all = createOddSource(createCallBook(calls), oddities).callsAt(BEGIN + 24 * 60 * MINUTE)
      const isListed = (call: EmulatedCall) => oddities.reading?.dateField === "createdAt" || call.endedAt
      const isShownInside = ({ createdAt }: EmulatedCall) => createdAt >= from && createdAt <= to
      const owed = all.filter((call) => isShownInside(call) && isListed(call)).map(({ id }) => id)
      expect(owed.length, `seed ${seed}`).toBeGreaterThan(30)
      expect(ids.toSorted(), `seed ${seed}`).toEqual(owed.toSorted())
    }
  })
})

describe("trouble", () => {
  const calls = Array.from({ length: 400 }, (_, index) => callAt(BEGIN + index * 1000, `c${index}`))
  const all = calls.map(({ id }) => id)

  test("the documented limits are obeyed: no request comes before its time, and the reading goes on", async () => {
    const { ids, end, tookMs } = await read({ calls, range: { limit: 5 }, limits: DOCUMENTED_LIMITS })
    expect(ids).toEqual(all)
    // 5 rows a page, 2 of them for the overlap: 133 requests, and 30 filtered ones a minute.
    expect(end).toMatchObject({ kind: "complete" })
    const { requests } = end.tally
    const minutes = Math.floor(tookMs / MINUTE)
    expect(requests).toBeLessThanOrEqual(30 * (minutes + 1) + minutes)
  })

  test("after a 429 it waits for as long as it was told, and no longer", async () => {
    const limited = () => new Response("{}", { status: 429, headers: { "Retry-After": "17" } })
    const { ids, tookMs } = await read({ calls, fetch: failAt(2, 1, limited) })
    expect(ids).toEqual(all)
    expect(tookMs).toBe(17_000)
  })

  test("passing troubles are waited out, three times each", async () => {
    for (const failing of [1, 2, 3]) {
      const { ids, end, tookMs } = await read({ calls, fetch: failAt(2, failing) })
      expect(ids).toEqual(all)
      expect(end).toMatchObject({ kind: "complete" })
      expect(tookMs).toBe([0, 1000, 3000, 7000][failing])
    }
  })

  test("a lasting one is the last step, and what was read before it stands; one can go on from there", async () => {
    const { ids, end } = await read({ calls, fetch: failAt(2, 99) })
    expect(ids).toEqual(all.slice(0, 100))
    if (end.kind !== "failed") throw new Error("It did not fail.")
    expect(end).toMatchObject({ kind: "failed", trouble: { kind: "server" }, tally: { requests: 5 } })
    const rest = await read({ calls, range: { from: end.resumeFrom } })
    expect([...new Set([...ids, ...rest.ids])]).toEqual(all)
  })

  test("one that trying again cannot help is not tried again", async () => {
    const unauthorized = () => async () => Response.json({ error: "Invalid API key" }, { status: 401 })
    const { end, tookMs } = await read({ calls, fetch: unauthorized })
    expect(end).toMatchObject({ kind: "failed", trouble: { kind: "unauthorized" }, tally: { requests: 1 } })
    expect(tookMs).toBe(0)
  })

  test("what goes wrong with the last request is said, and not waited for", async () => {
    const { end, tookMs } = await read({ calls, fetch: failAt(2, 1), range: { requestsMax: 2 } })
    expect(end).toMatchObject({ kind: "failed", trouble: { kind: "server" }, tally: { requests: 2 } })
    expect(tookMs).toBe(0)
  })

  test("with one attempt nothing is waited for", async () => {
    const { end, tookMs } = await read({ calls, fetch: failAt(1, 1), range: { attemptsMax: 1 } })
    expect(end).toMatchObject({ kind: "failed", trouble: { kind: "server" } })
    expect(tookMs).toBe(0)
  })

  test("it stops at its number of requests and says from where to go on", async () => {
    const { ids, end } = await read({ calls, range: { requestsMax: 2 } })
    if (end.kind !== "stopped") throw new Error("It did not stop.")
    const rest = await read({ calls, range: { from: end.resumeFrom } })
    expect([...new Set([...ids, ...rest.ids])]).toEqual(all)
  })

  test("pages that are too large are asked for again with fewer rows", async () => {
    const tooLarge: Setting["fetch"] = (fetch) => async (input, init) => {
      const limit = Number(new URL(new Request(input).url).searchParams.get("limit"))
      return limit > 30 ? huge() : fetch(input, init)
    }
    const { ids, end } = await read({ calls, fetch: tooLarge })
    expect(ids).toEqual(all)
    expect(end.kind).toBe("complete")
    const crowded = await read({ calls: calls.map(({ id }) => callAt(BEGIN, id)), fetch: tooLarge })
    expect(crowded.ids.toSorted()).toEqual(all.toSorted())
    const { end: failed } = await read({ calls, fetch: () => async () => huge() })
    expect(failed).toMatchObject({
      kind: "failed",
      trouble: { reason: "too-large" },
      tally: { requests: 10 },
    })
    const alsoFailing: Setting["fetch"] = (fetch) => failAt(3, 3)(tooLarge(fetch))
    expect(await read({ calls, fetch: alsoFailing })).toMatchObject({ ids: all, end: { kind: "complete" } })
  })

  test("what was too large once makes only its own page narrower", async () => {
    const { ids, urls } = await read({ calls, fetch: failAt(2, 2, huge) })
    expect(ids).toEqual(all)
    const limits = urls.map((url) => new URL(url).searchParams.get("limit"))
    expect(limits).toEqual(["100", "25", "50", "100", "100", "100"])
  })

  test("a list in another order than asked for is not read past", async () => {
    const body = {
      data: [
        { id: "b", createdAt: iso(BEGIN + 2) },
        { id: "a", createdAt: iso(BEGIN + 1) },
      ],
    }
    const { end } = await read({ calls, fetch: () => async () => Response.json(body) })
    expect(end).toMatchObject({ kind: "failed", trouble: { kind: "unreadable", reason: "wrong-shape" } })
  })

  test("a list without pagination is read until nothing more comes", async () => {
    const { ids, end } = await read({
      calls,
      range: { limit: 7 },
      fetch: (fetch) => capped(4)(withoutPagination(fetch)),
    })
    expect(ids).toEqual(all)
    expect(end.kind).toBe("complete")
  })

  test("rows that cannot be read are counted and the rest is found", async () => {
    const spoil: Setting["fetch"] = (fetch) => async (input, init) => {
      const text = await (await fetch(input, init)).text()
      return new Response(
        text.replaceAll('"id":"c7"', '"id":null').replaceAll('"score":4.5', '"score":"4.5"'),
      )
    }
    const { ids, end } = await read({ calls, fetch: spoil })
    expect(ids).toEqual(all.filter((id) => id !== "c7"))
    expect(end.tally.unreadable).toBe(1)
    expect(end.tally.odd["score"]).toBeGreaterThanOrEqual(399)
  })

  test("a bound that is no date is the caller's mistake", async () => {
    await expect(read({ calls, range: { from: "yesterday" } })).rejects.toThrow(RangeError)
  })
})

function iso(time: number): string {
  return new Date(time).toISOString()
}

function callAt(time: number, id: string): EmulatedCall {
  return plainCall({ id, createdAt: iso(time), endedAt: iso(time + MINUTE) })
}

/** Within the range or just outside it; half of the calls crowd at four instants. */
function someCall(random: Random, id: string): EmulatedCall {
  const crowded = pick(random, [0, 10 * MINUTE, 10 * MINUTE + 1, 30 * MINUTE])
  return callAt(BEGIN + (chance(random, 0.5) ? crowded : integer(random, -2 * MINUTE, 32 * MINUTE)), id)
}

function isInside(call: EmulatedCall | undefined): boolean {
  return call !== undefined && call.createdAt >= RANGE.from && call.createdAt <= RANGE.to
}

function pickKey(random: Random, map: ReadonlyMap<string, unknown>): string | undefined {
  return map.size === 0 ? undefined : pick(random, [...map.keys()])
}

/** A vendor that allows fewer rows than requested, and says so. */
function capped(max: number): NonNullable<Setting["fetch"]> {
  return (fetch) => async (input, init) => {
    const url = new URL(new Request(input).url)
    url.searchParams.set("limit", String(Math.min(max, Number(url.searchParams.get("limit")))))
    return fetch(url, init)
  }
}

function withoutPagination(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const text = await (await fetch(input, init)).text()
    return new Response(text.replace(/,"pagination":\{.*\}\}$/, "}"))
  }
}

/** More than the client reads. */
const huge = () => new Response(new Uint8Array(5_000_001).fill(0x20))

/** From the given request on, this many fail. */
function failAt(
  first: number,
  times: number,
  failure = () => new Response("", { status: 503 }),
): NonNullable<Setting["fetch"]> {
  let requests = 0
  return (fetch) => async (input, init) => {
    requests += 1
    const isFailing = requests >= first && requests < first + times
    return isFailing ? failure() : fetch(input, init)
  }
}
