/** The documented call, compared with the JSON of the vendor's page in both endpoints. */
import { expect, test } from "vitest"
import { createCallBook, plainCall } from "./call-book.ts"
import { createCallsApi } from "./calls-api.ts"
import documentedDetail from "./documented-detail.json" with { type: "json" }
import documentedList from "./documented-list.json" with { type: "json" }
import { EXAMPLE_CALL, EXAMPLE_SOURCE } from "./example.ts"
import type { CallSource } from "./source.ts"

const headers = { "X-API-Key": "ew_test" }

async function ask(source: CallSource, path: string): Promise<string> {
  const app = createCallsApi({ source, keys: ["ew_test"], now: () => Date.parse("2024-01-16T00:00:00.000Z") })
  const response = await app.request(`/api/v1${path}`, { headers })
  expect(response.status).toBe(200)
  return response.text()
}

test("the detail of the documented call is the page's JSON, to the order of its fields", async () => {
  expect(await ask(EXAMPLE_SOURCE, "/calls/call-uuid-1234")).toBe(JSON.stringify(documentedDetail))
})

test("the list of the documented call is the page's JSON, to the order of its fields", async () => {
  // The page shows one row and says that it is the first of 150; so here it is the newest of 150.
  const older = Array.from({ length: 149 }, (_, index) =>
    plainCall({
      id: `older-${index}`,
      createdAt: new Date(Date.UTC(2024, 0, 14) - index * 60_000).toISOString(),
    }),
  )
  const answer: typeof documentedList = JSON.parse(
    await ask(createCallBook([...older, EXAMPLE_CALL]), "/calls"),
  )
  expect(answer.data).toHaveLength(20)
  expect(JSON.stringify({ ...answer, data: answer.data.slice(0, 1) })).toBe(JSON.stringify(documentedList))
})

test("alone, the documented call is a page of one", async () => {
  const answer: typeof documentedList = JSON.parse(await ask(EXAMPLE_SOURCE, "/calls"))
  expect(answer).toEqual({
    data: documentedList.data,
    pagination: { page: 1, limit: 20, totalCount: 1, totalPages: 1 },
  })
})
