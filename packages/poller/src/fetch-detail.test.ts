/** Fetching details: what the vendor says of them, and when it is enough. */
import { HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { type Inquiry, fetchDetail } from "./fetch-detail.ts"
import { START, callAt, createTestWorld } from "./test-world.ts"

const FRESH: Inquiry = { requests: 0, blockedUntil: 0, isKeyRejected: false }

const inSeconds = (seconds: number) => `${START / 1000 + seconds}`

const nothingLeft = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": inSeconds(60) }

/** A call is asked for, and the vendor answers so; then another one. */
async function askTwice(answer: (found: Response) => Response, known: Partial<Inquiry> = {}) {
  const test = createTestWorld()
  for (const id of ["first", "second"]) test.book.add(callAt(id, 2 * MINUTE))
  const { fetch } = test.world
  test.world.fetch = async (input, init) => answer(await fetch(input, init))
  const inquiry: Inquiry = { ...FRESH, ...known }
  const ask = (id: string) => test.run(fetchDetail(test.world, test.setup.api, inquiry, id, () => true))
  const kinds = [(await ask("first")).kind, (await ask("second")).kind]
  return { kinds, asked: test.requests.length, inquiry, logs: test.logs }
}

test("each is asked for once, and counted", async () => {
  const { kinds, asked, inquiry } = await askTwice((found) => found)
  expect({ kinds, asked, inquiry }).toEqual({
    kinds: ["found", "found"],
    asked: 2,
    inquiry: { ...FRESH, requests: 2 },
  })
})

test.each([
  ["a detail that says that nothing is left", 200, nothingLeft, "found", 60 * SECOND],
  ["a refusal that names a time", 429, { "retry-after": "300" }, "failed", 5 * MINUTE],
  [
    "a refusal that names a time, and headers a later one",
    429,
    { "retry-after": "30", ...nothingLeft },
    "failed",
    60 * SECOND,
  ],
  ["a refusal for longer than an hour", 429, { "retry-after": "90000" }, "failed", HOUR],
  ["a failure that says that nothing is left", 503, nothingLeft, "failed", 60 * SECOND],
])("nothing more is asked for after %s", async (_, status, headers, kind, waitMs) => {
  const answer = (found: Response) => new Response(found.body, { status, headers })
  const { kinds, asked, inquiry } = await askTwice(answer)
  expect({ kinds, asked }).toEqual({ kinds: [kind, "not-asked"], asked: 1 })
  expect(inquiry.blockedUntil - START).toBe(waitMs)
})

test("nothing more is asked for with a key that was rejected", async () => {
  const { kinds, asked, inquiry } = await askTwice(() => Response.json({ error: "Invalid" }, { status: 401 }))
  expect({ kinds, asked, inquiry }).toEqual({
    kinds: ["failed", "not-asked"],
    asked: 1,
    inquiry: { requests: 1, blockedUntil: 0, isKeyRejected: true },
  })
})

test("a call that is not found is gone, and a failure is logged without what the vendor wrote", async () => {
  const gone = await askTwice(() => Response.json({ error: "Call not found" }, { status: 404 }))
  expect([gone.kinds, gone.logs]).toEqual([["gone", "gone"], []])
  const failed = await askTwice(() => new Response("+15550100001 is secret", { status: 500 }))
  expect(failed.kinds).toEqual(["failed", "failed"])
  expect(failed.logs).toHaveLength(2)
  expect(JSON.stringify(failed.logs)).not.toContain("secret")
})
