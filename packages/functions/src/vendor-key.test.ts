/** The API's function has the echowin key, and whatever the vendor answers, neither an answer nor the log has it. */
import { createApi } from "@earshot/api/app"
import { createMemoryStore } from "@earshot/io/store/memory-store"
import type { World } from "@earshot/io/world"
import { expect, test } from "vitest"
import { previewSetup } from "./recent-call.ts"

const START = Date.UTC(2026, 0, 5, 9)

const TOKEN = "a-token-of-the-tests"

const KEY = "ew_0123456789_secret"

/** `answer`: the vendor's; null: there is no key. */
async function preview(answer: ((request: Request) => Response | Promise<Response>) | null) {
  const lines: string[] = []
  const keys: (string | null)[] = []
  let now = START
  const world: World = {
    fetch: async (input, init) => {
      const request = new Request(input, init)
      keys.push(request.headers.get("x-api-key"))
      if (answer === null) throw new Error("Nobody may ask.")
      return answer(request)
    },
    now: () => now,
    // What waits for an answer waits in vain: the vendor answers at once.
    sleep: async (milliseconds) => {
      if (milliseconds === 3000) return new Promise<void>(() => {})
      now += milliseconds
    },
    random: () => 0.5,
    log: (entry) => void lines.push(JSON.stringify(entry)),
  }
  const store = createMemoryStore()
  await store.acquire({ now: START, gateMs: 19_000, since: START })
  const limits = { intervalMs: 19_000, listPerHour: 200, detailPerHour: 500 }
  const vendor = answer && { baseUrl: "https://echo.win/api/v1", apiKey: KEY }
  const setup = previewSetup(world, store, { vendor, ...limits })
  const api = createApi(world, store, { token: TOKEN, ...limits, preview: setup })
  const response = await api.request("/rules/preview", {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ rule: { name: "Low", when: { score: { lte: 2 } } } }),
  })
  const head = JSON.stringify([...response.headers])
  return { status: response.status, text: await response.text(), head, log: lines.join("\n"), keys }
}

const row = {
  id: "call-1",
  status: "completed",
  createdAt: "2026-01-05T08:00:00.000Z",
  endedAt: "2026-01-05T08:01:00.000Z",
  score: 1,
}

test("with the key, a preview of a new deployment is of the vendor's recent calls", async () => {
  const made = await preview(() => Response.json({ data: [row], pagination: { page: 1, totalCount: 1 } }))
  expect(JSON.parse(made.text)).toMatchObject({ source: "vendor", calls: 1, matches: 1 })
  expect(made.keys).toEqual([KEY])
})

test("without the key it asks nobody, and says that it cannot", async () => {
  const made = await preview(null)
  expect(made.status).toBe(200)
  expect(JSON.parse(made.text)).toMatchObject({ source: "stored", calls: 0 })
  expect(made.text).toContain("This API has no key to ask the vendor for its recent calls.")
  expect(made.keys).toEqual([])
})

test.each([
  ["refuses the key and repeats it", () => Response.json({ error: `Bad key ${KEY}` }, { status: 401 })],
  ["wants no more requests", () => new Response(KEY, { status: 429, headers: { "retry-after": "60" } })],
  ["fails", () => new Response(`<p>${KEY}</p>`, { status: 500 })],
  ["answers what is no list", () => Response.json({ data: KEY })],
  ["leads elsewhere", () => Response.redirect(`https://elsewhere.example/?key=${KEY}`, 302)],
  [
    "cannot be reached",
    () => {
      throw new TypeError(`fetch failed: x-api-key: ${KEY}`)
    },
  ],
])("a vendor that %s gets the key into neither the answer nor the log", async (_, answer) => {
  const made = await preview(answer)
  expect(made.status).toBe(200)
  expect(made.keys.length).toBeGreaterThan(0)
  expect(made.text).toContain("The vendor was asked for its recent calls, and its answer could not be used.")
  for (const text of [made.text, made.head, made.log]) expect(text).not.toContain(KEY)
})
