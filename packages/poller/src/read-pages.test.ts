/** Reading the list: what is asked, how far it was read, and what a vendor may say of its pages. */
import { MINUTE, isoOf } from "@earshot/core/instant"
import { callKey } from "@earshot/core/watch/call-key"
import { EMPTY_WATCH, type Watch } from "@earshot/core/watch/watch"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { type Listed, readList } from "./read-pages.ts"
import { START, type TestWorld, addressOf, callAt, createTestWorld } from "./test-world.ts"

const FROM = START - 60 * MINUTE

const ALWAYS = async () => true

function read(
  test: TestWorld,
  options: { watch?: Watch | null; mayReadOn?: () => Promise<boolean> } = {},
): Promise<Listed> {
  const { watch = EMPTY_WATCH, mayReadOn = ALWAYS } = options
  const reading = { kind: "scan" as const, from: FROM }
  return test.run(
    readList(test.world, test.setup.api, reading, { memory: test.memory.list, watch }, mayReadOn),
  )
}

/** Calls of the last hour, ten seconds apart. */
function worldWith(count: number): TestWorld {
  const test = createTestWorld()
  for (let call = 0; call < count; call++) test.book.add(callAt(`call-${call}`, 55 * MINUTE - call * 10_000))
  return test
}

const Page = z.object({ data: z.array(z.looseObject({})), pagination: z.looseObject({}) })

type Page = { data: object[]; pagination: object }

/** What the vendor answers instead. */
function answering(test: TestWorld, change: (page: Page, query: URLSearchParams) => Page | Response): void {
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    const answer = await fetch(input, init)
    const page = Page.parse(await answer.json())
    const changed = change(page, new URL(addressOf(input)).searchParams)
    return changed instanceof Response ? changed : Response.json(changed)
  }
}

const tooLarge = () => new Response("x".repeat(5_500_000))

function limitsOf(test: TestWorld): number[] {
  return test.requests.map((request) => Number(/[?&]limit=(\d+)/.exec(request)?.[1]))
}

describe("the list is read to its end", () => {
  test("though pages have fewer rows than were asked for", async () => {
    const test = worldWith(10)
    answering(test, ({ data, pagination }) => {
      const totalPages = Math.ceil(data.length / 3)
      return { data: data.slice(0, 3), pagination: { ...pagination, totalPages } }
    })
    const { rows, readTo } = await read(test)
    expect({ rows: rows.size, readTo }).toEqual({ rows: 10, readTo: null })
  })

  test.each([
    ["of one page in all, and not how many rows", { totalPages: 1, totalCount: undefined }],
    ["of a page's rows in all, and of more pages", { totalPages: 2, totalCount: 100 }],
    ["of nothing", { totalPages: undefined, totalCount: undefined }],
    ["of itself as of all", { totalPages: 1, totalCount: 100 }],
  ])("though a full page speaks %s", async (_, numbers) => {
    const test = worldWith(150)
    answering(test, ({ data, pagination }) => {
      return { data, pagination: data.length < 100 ? pagination : { ...pagination, ...numbers } }
    })
    const { rows, readTo } = await read(test)
    expect({ rows: rows.size, readTo }).toEqual({ rows: 150, readTo: null })
  })

  test("and remembers no crowd where there is none", async () => {
    const test = worldWith(150)
    await read(test)
    expect(test.memory.list.crowds.size).toBe(0)
  })

  test("though a vendor that allows fewer rows says of each page that it is all", async () => {
    const test = worldWith(50)
    answering(test, ({ data }) => {
      return { data: data.slice(0, 20), pagination: { limit: 20, totalPages: 1, totalCount: 20 } }
    })
    const { rows, readTo } = await read(test)
    expect({ rows: rows.size, readTo }).toEqual({ rows: 50, readTo: null })
  })

  test("with one more request after a full page that happens to be the last", async () => {
    const test = worldWith(100)
    expect((await read(test)).readTo).toBeNull()
    expect(test.requests).toHaveLength(2)
  })

  test("or as far as the poll may go: where it stopped is where it goes on", async () => {
    const test = worldWith(150)
    const { rows, readTo } = await read(test, { mayReadOn: async () => false })
    expect({ rows: rows.size, readTo }).toEqual({
      rows: 100,
      readTo: START - 55 * MINUTE + 99 * 10_000 - 999,
    })
  })
})

describe("more calls of one instant than a poll reads", () => {
  const crowded = () => {
    const test = createTestWorld()
    for (let call = 0; call < 650; call++) test.book.add(callAt(`call-${call}`, 60 * MINUTE))
    return test
  }

  test("are not passed over by the polls", async () => {
    expect((await read(crowded())).readTo).toBe(FROM)
  })

  test("do not keep what only reads again from ever going on", async () => {
    expect((await read(crowded(), { watch: null })).readTo).toBe(FROM + 2)
  })

  test("are read again if one was shown twice, and another not at all, whatever else is known", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 150; call++) test.book.add(callAt(`together-${call}`, 60 * MINUTE))
    let first: object[] = []
    answering(test, (page, query) => {
      if (query.get("page") === "1") first = page.data
      return test.requests.length === 2 ? { ...page, data: first.slice(0, 50) } : page
    })
    const others = Array.from({ length: 100 }, (_, call) => {
      const key = callKey(`other-${call}`)
      return [key, { key, startedAt: FROM + MINUTE, fingerprint: "f", open: null }] as const
    })
    const { rows } = await read(test, { watch: { ...EMPTY_WATCH, calls: new Map(others) } })
    expect(rows.size).toBe(150)
  })

  test("are not counted anew because their last page has none of them", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 100; call++) test.book.add(callAt(`together-${call}`, 60 * MINUTE))
    test.book.add(callAt("behind", 30 * MINUTE))
    expect((await read(test)).rows.size).toBe(101)
    test.requests.length = 0
    await read(test)
    expect(test.requests).toHaveLength(1)
  })

  test("are counted anew when longer pages may be had, and what is behind them is read at once", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 5; call++) test.book.add(callAt(`together-${call}`, 60 * MINUTE))
    test.book.add(callAt("behind", 30 * MINUTE))
    test.memory.list.pageRows = 2
    await read(test)
    expect(test.memory.list.crowds.get(FROM)).toMatchObject({ limit: 2, isRead: true })
    const { rows, readTo } = await read(test)
    expect({ rows: rows.size, readTo }).toEqual({ rows: 6, readTo: null })
  })

  test("are counted anew when their pages have become too large to read", async () => {
    const test = createTestWorld()
    for (let call = 0; call < 110; call++) test.book.add(callAt(`together-${call}`, 60 * MINUTE))
    await read(test)
    expect(test.memory.list.crowds.get(FROM)).toMatchObject({ limit: 100, isRead: true })
    test.requests.length = 0
    answering(test, (page, query) => (Number(query.get("limit")) > 25 ? tooLarge() : page))
    expect((await read(test)).rows.size).toBeGreaterThan(100)
    expect(limitsOf(test)).toEqual([100, 25, 25, 25, 25, 25])
  })
})

test("a row that is too large to be read is passed over, counted, and logged with where it is", async () => {
  const test = worldWith(3)
  answering(test, (page) => {
    const isHuge = page.data.some((row) => "id" in row && row.id === "call-1")
    return isHuge ? tooLarge() : page
  })
  test.memory.list.pageRows = 1
  const { rows, unreadable } = await read(test)
  expect({ rows: [...rows.keys()], unreadable }).toEqual({ rows: ["call-0", "call-2"], unreadable: 1 })
  const after = isoOf(START - 55 * MINUTE)
  expect(test.logs).toEqual([{ level: "warn", event: "list.row-too-large", after }])
})

describe("what is odd about rows", () => {
  test.each([
    ["a row without an id", [{ from: "+15550100001" }], { unreadable: 1, fields: "" }],
    [
      "a value of another type",
      [{ id: "odd", score: "a secret", createdAt: isoOf(START) }],
      { unreadable: 0, fields: "score" },
    ],
  ])("is logged by the names of its fields alone: %s", async (_, odd, logged) => {
    const test = worldWith(2)
    answering(test, ({ data, pagination }) => ({ data: [...data, ...odd], pagination }))
    await read(test)
    expect(test.logs).toEqual([{ level: "warn", event: "list.odd", ...logged }])
  })

  test("is not logged if there is nothing", async () => {
    const test = worldWith(2)
    await read(test)
    expect(test.logs).toEqual([])
  })
})

test("a vendor that sorts by the second loses none of the calls of a second in which a page ends", async () => {
  const test = createTestWorld()
  const starts = Array.from({ length: 250 }, (_, call) => FROM + MINUTE + call * 100)
  // Of each second the newest first.
  const sorted = [...starts].sort((a, b) => Math.floor(a / 1000) - Math.floor(b / 1000) || b - a)
  answering(test, (_, query) => {
    const from = Date.parse(query.get("dateFrom") ?? "")
    const shown = sorted.filter((at) => at >= from)
    const data = shown.slice(0, 100).map((at) => callAt(`at-${at}`, START - at))
    return { data, pagination: { totalCount: shown.length, totalPages: Math.ceil(shown.length / 100) } }
  })
  const { rows, readTo, end } = await read(test)
  expect({ rows: rows.size, readTo, end }).toEqual({ rows: 250, readTo: null, end: { kind: "done" } })
})
