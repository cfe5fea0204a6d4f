/** Whether a flood of requests to the public URL leaves the poller room to run. */
import { expect, test } from "vitest"
import { chosenReservations } from "../../stacks/concurrency.ts"
import { PRODUCTION, resource, synthesize } from "./synthesis.ts"

const reservedOf = async (environment: Record<string, string>) => {
  const synthesis = await synthesize({
    ...PRODUCTION,
    environment: { ...PRODUCTION.environment, ...environment },
  })
  return ["PollerFunction", "ApiFunction"].map(
    (name) => resource(synthesis, name).inputs["reservedConcurrentExecutions"],
  )
}

test("with RESERVED_CONCURRENCY the poller has room of its own, and the API can take no more than its part", async () => {
  expect(await reservedOf({ RESERVED_CONCURRENCY: "on" })).toEqual([4, 10])
})

test("without it nothing is reserved, which an account of a small quota would refuse", async () => {
  expect(await reservedOf({})).toEqual([undefined, undefined])
})

test("a choice that is none is named, with what an account needs", () => {
  const chosen = (value: string) =>
    chosenReservations({ RESERVED_CONCURRENCY: value }, "RESERVED_CONCURRENCY")
  expect(chosen(" ")).toEqual({})
  expect(chosen("off")).toEqual({})
  expect(() => chosen("yes")).toThrow(
    /^RESERVED_CONCURRENCY: it is "yes", and must be on or off\. .+ at least 114\.$/,
  )
})
