/** What every store guarantees of the calls of each caller. */
import { PARTY_CALLS_MAX } from "@earshot/core/call/party-calls"
import { DAY } from "@earshot/core/instant"
import { expect, test } from "vitest"
import type { Store } from "./store.ts"

const NOW = Date.UTC(2026, 0, 1)

export function partyContract(createStore: () => Promise<Store>): void {
  test("the calls of a caller add up, each once, for a week, and of other callers nothing is said", async () => {
    const store = await createStore()
    const call = (key: string, at: number) => ({ key, at })
    expect(await store.notePartyCalls("a", [call("one", NOW)], NOW)).toEqual([call("one", NOW)])
    await Promise.all([1, 2, 3].map((at) => store.notePartyCalls("a", [call(`next-${at}`, NOW + at)], NOW)))
    await store.notePartyCalls("b", [call("other", NOW)], NOW)
    const old = call("old", NOW - 7 * DAY)
    const all = await store.notePartyCalls("a", [call("one", NOW), old, call("~~a key", NOW - 1)], NOW)
    const rest = [call("next-3", NOW + 3), call("next-2", NOW + 2), call("next-1", NOW + 1)]
    expect(all).toEqual([...rest, call("one", NOW), call("~~a key", NOW - 1)])
  })

  test("of somebody who calls all the time, the newest calls are known, however many there were", async () => {
    const store = await createStore()
    const call = (index: number) => ({ key: `call-${index}`, at: NOW + index })
    for (let from = 0; from < 600; from += 100)
      await store.notePartyCalls(
        "a",
        Array.from({ length: 100 }, (_, index) => call(from + index)),
        NOW + from,
      )
    const known = await store.notePartyCalls("a", [call(600)], NOW + 600)
    expect(known).toHaveLength(PARTY_CALLS_MAX)
    expect([known[0], known.at(-1)]).toEqual([call(600), call(601 - PARTY_CALLS_MAX)])
  })
}
