/** The limits of the simulation against the plainest count of the requests that were taken. */
import { HOUR, MINUTE } from "@earshot/core/instant"
import fc from "fast-check"
import { expect, test } from "vitest"
import { START } from "../scenario.ts"
import { createRateLimits } from "./limit.ts"

test("a request is taken while its windows have room, and the headers say how many the hour has left", () => {
  const anyWaits = fc.array(
    fc.tuple(
      fc.constantFrom("list" as const, "detail" as const),
      fc.oneof(fc.nat(2000), fc.nat(MINUTE), fc.nat(2 * HOUR)),
      fc.integer({ min: 1, max: 120 }),
    ),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(anyWaits, (waits) => {
      const limits = createRateLimits({ resetHeader: "iso" })
      const taken: { kind: string; at: number }[] = []
      const within = (now: number, spanMs: number, kind?: string) =>
        taken.filter((one) => one.at > now - spanMs && (kind === undefined || one.kind === kind))
      let now = START
      for (const [kind, waitMs, times] of waits) {
        now += waitMs
        for (let time = 0; time < times; time++) {
          const perHour = kind === "list" ? 200 : 500
          const inHour = within(now, HOUR, kind)
          const isFull =
            inHour.length >= perHour ||
            within(now, MINUTE).length >= 100 ||
            (kind === "list" && within(now, MINUTE, "list").length >= 30)
          expect(limits.headers(kind, now)).toEqual({
            "x-ratelimit-limit": String(perHour),
            "x-ratelimit-remaining": String(perHour - inHour.length),
            "x-ratelimit-reset": new Date((inHour[0]?.at ?? now - HOUR) + HOUR).toISOString(),
          })
          expect(limits.take(kind, now) !== null).toBe(isFull)
          if (!isFull) taken.push({ kind, at: now })
        }
      }
    }),
    { numRuns: 30 },
  )
})
