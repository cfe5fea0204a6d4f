/**
 * What the client makes of the emulator's key, its limits, and everything that can happen on the way to it.
 */
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { createCallsApi, type CallsApiOptions } from "@earshot/emulators/calls-api"
import { DOCUMENTED_LIMITS } from "@earshot/emulators/limit"
import { faultyFetch, type NetworkFault } from "@earshot/emulators/network"
import { createRandom } from "@earshot/emulators/random"
import { describe, expect, test } from "vitest"
import type { Answer } from "./answer.ts"
import { getCall, listCalls, type CallsApi, type ClientWorld } from "./client.ts"
import { createVirtualClock } from "./virtual-clock.ts"

const START = Date.parse("2026-01-05T09:00:00.500Z")
const API: CallsApi = { baseUrl: "https://echo.win/api/v1", apiKey: "ew_local", timeoutMs: 10_000 }

function start(options: Partial<CallsApiOptions> = {}, faults: readonly (NetworkFault | undefined)[] = []) {
  const clock = createVirtualClock(START)
  const { now } = clock
  const source = createCallBook([plainCall({ id: "a" })])
  const app = createCallsApi({ source, keys: ["ew_local"], now, limits: "none", ...options })
  const fetch = faultyFetch(async (input, init) => app.fetch(new Request(input, init)), faults, {
    random: createRandom("network"),
    sleep: clock.sleep,
  })
  const world: ClientWorld = { fetch, now, sleep: clock.sleep }
  return { clock, world }
}

test.each([
  ["the older page's", "specific"],
  ["the later page's", "coded"],
] as const)("a wrong key is told by %s answer", async (_name, unauthorized) => {
  const { clock, world } = start({ oddities: { answer: { unauthorized } } })
  for (const ask of [
    () => listCalls(world, { ...API, apiKey: "ew_other" }, {}),
    () => getCall(world, { ...API, apiKey: "ew_other" }, "a"),
  ]) {
    const trouble = { kind: "unauthorized", message: "The API key was not accepted (401).", retryable: false }
    expect(await clock.run<unknown>(ask())).toEqual({ ok: false, trouble, allowance: null, servedAt: null })
  }
})

describe("the limits", () => {
  const cases = (["sliding", "fixed"] as const).flatMap((window) =>
    (["iso", "unix"] as const).flatMap((resetHeader) => [
      {
        window,
        resetHeader,
        what: "lists",
        asked: { sortOrder: "asc" },
        perMinute: 100,
        perHour: 200,
      } as const,
      {
        window,
        resetHeader,
        what: "filtered lists",
        asked: { callType: "incoming" },
        perMinute: 30,
        perHour: 200,
      } as const,
      { window, resetHeader, what: "details", asked: "a", perMinute: 100, perHour: 500 } as const,
    ]),
  )

  test.each(cases)(
    "$what, $window window, $resetHeader reset: waiting until the very moment that a 429 names is enough, and needed",
    async ({ window, resetHeader, asked, perMinute, perHour }) => {
      const limits = { ...DOCUMENTED_LIMITS, window }
      const { clock, world } = start({ limits, oddities: { answer: { resetHeader } } })
      const ask = () =>
        clock.run<Answer<unknown>>(
          typeof asked === "string" ? getCall(world, API, asked) : listCalls(world, API, asked),
        )

      let accepted = 0
      const refusals: number[] = []
      while (accepted < perHour + 5) {
        const answer = await ask()
        if (answer.ok) {
          accepted += 1
          await clock.run(clock.sleep(50))
          continue
        }
        if (answer.trouble.kind !== "rate-limited") throw new Error(answer.trouble.message)
        expect(answer.allowance?.remaining).toBe(0)
        refusals.push(accepted)
        const { until } = answer.trouble
        await clock.run(clock.sleep(until - clock.now() - 1000))
        expect(await ask()).toMatchObject({ ok: false, trouble: { kind: "rate-limited" } })
        await clock.run(clock.sleep(until - clock.now()))
        expect((await ask()).ok).toBe(true)
        accepted += 1
      }
      // The first refusal is the minute's; the hour's comes before the next full count.
      expect(refusals[0]).toBe(perMinute)
      expect(refusals.some((count) => count >= perHour)).toBe(true)
    },
  )

  test.each(["always", "on429"] as const)("what is left is told %s", async (limitHeaders) => {
    const { clock, world } = start({ limits: DOCUMENTED_LIMITS, oddities: { answer: { limitHeaders } } })
    const { allowance } = await clock.run(listCalls(world, API, {}))
    const told = { limit: 200, remaining: 199, resetAt: START + 3_600_000 }
    expect(allowance).toEqual(limitHeaders === "always" ? told : null)
  })
})

describe("on the way", () => {
  const faults: [NetworkFault, object][] = [
    [{ kind: "latency", ms: 9_999 }, { ok: true }],
    [
      { kind: "latency", ms: 10_001 },
      { ok: false, trouble: { kind: "timeout" } },
    ],
    [
      { kind: "status", status: 500 },
      { ok: false, trouble: { kind: "server", status: 500, retryable: true } },
    ],
    [
      { kind: "status", status: 502 },
      { ok: false, trouble: { kind: "server", status: 502, retryable: true } },
    ],
    [
      { kind: "status", status: 503 },
      { ok: false, trouble: { kind: "server", status: 503, retryable: true } },
    ],
    [
      { kind: "rateLimited", retryAfterSeconds: 17 },
      { ok: false, trouble: { kind: "rate-limited", until: START + 17_000 } },
    ],
    [{ kind: "hang" }, { ok: false, trouble: { kind: "timeout", retryable: true } }],
    [{ kind: "hangAfter" }, { ok: false, trouble: { kind: "timeout", retryable: true } }],
    [{ kind: "hangInBody" }, { ok: false, trouble: { kind: "timeout", retryable: true } }],
    [{ kind: "resetBefore" }, { ok: false, trouble: { kind: "unreachable", retryable: true } }],
    [{ kind: "resetAfter" }, { ok: false, trouble: { kind: "unreachable", retryable: true } }],
    [
      { kind: "truncated" },
      { ok: false, trouble: { kind: "unreadable", reason: "not-json", retryable: true } },
    ],
    [{ kind: "html" }, { ok: false, trouble: { kind: "unreadable", reason: "not-json", retryable: true } }],
    [{ kind: "wrongType" }, { ok: true }],
    [{ kind: "huge" }, { ok: false, trouble: { kind: "unreadable", reason: "too-large" } }],
  ]

  test.each(faults)("%o is a value, and the next request works", async (fault, expected) => {
    const { clock, world } = start({}, [fault, undefined, fault])
    expect(await clock.run(listCalls(world, API, {}))).toMatchObject(expected)
    expect(await clock.run(listCalls(world, API, {}))).toMatchObject({ ok: true })
    const answer = await clock.run(getCall(world, API, "a"))
    expect(answer.ok).toBe("ok" in expected && expected.ok)
    expect(clock.now()).toBeLessThanOrEqual(START + 20_000)
  })
})
