/** A workflow sends for each call that ends, once it has ended, and again if it is refused. */
import { expect, test } from "vitest"
import { createCallBook, plainCall } from "./call-book.ts"
import { createPostCallWorkflow } from "./workflow.ts"

const START = Date.parse("2026-01-05T09:00:00.000Z")

const SURE = { lost: 0, doubled: 0, early: 0, unfilled: 0 }

function createTestWorkflow(answers: number[] = []) {
  const book = createCallBook()
  const sent: { url: string; body: unknown; at: number }[] = []
  const waiting: { at: number; work: () => void }[] = []
  let now = START
  const workflow = createPostCallWorkflow(
    {
      source: book,
      seed: 1,
      habits: SURE,
      url: "http://earshot.example/nudge",
      headers: { "x-earshot-nudge": "secret" },
      fetch: async (url, init) => {
        expect(new Headers(init.headers).get("x-earshot-nudge")).toBe("secret")
        sent.push({ url, body: JSON.parse(typeof init.body === "string" ? init.body : "null"), at: now })
        return new Response(null, { status: answers.shift() ?? 202 })
      },
      later: (milliseconds, work) => void waiting.push({ at: now + milliseconds, work }),
    },
    START,
  )
  const run = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      now += 1000
      workflow.look(now)
      for (const due of waiting.filter(({ at }) => at <= now)) {
        waiting.splice(waiting.indexOf(due), 1)
        due.work()
      }
      // What has been answered may be sent again.
      for (let turn = 0; turn < 5; turn++) await Promise.resolve()
    }
  }
  return { book, sent, run }
}

const endAt = (seconds: number) => ({ endedAt: new Date(START + seconds * 1000).toISOString() })

test("it sends once for a call that ends, some time after the end, and nothing for one that goes on", async () => {
  const { book, sent, run } = createTestWorkflow()
  book.add(plainCall({ id: "before", ...endAt(-5) }))
  book.add(plainCall({ id: "ends", ...endAt(10) }))
  book.add(plainCall({ id: "goes-on", endedAt: null }))
  await run(60)
  expect(sent).toMatchObject([{ body: { call_id: "ends", from: "+15550100001" } }])
  expect(sent[0]?.at).toBeGreaterThan(START + 10_000)
  expect(sent[0]?.at).toBeLessThan(START + 22_000)
})

test("what is refused it sends again, twice", async () => {
  const { book, sent, run } = createTestWorkflow([500, 401, 503])
  book.add(plainCall({ id: "ends", ...endAt(3) }))
  await run(60)
  expect(sent).toHaveLength(3)
})
