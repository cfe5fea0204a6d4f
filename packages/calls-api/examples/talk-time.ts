/** Seconds talked on one day. Waits out the vendor's limits, and throws if it could not read everything. */
import type { CallsApi, ClientWorld } from "@earshot/calls-api/client"
import { callsBetween } from "@earshot/calls-api/range"

export async function secondsTalked(world: ClientWorld, api: CallsApi, day: string): Promise<number> {
  const range = { from: `${day}T00:00:00.000Z`, to: `${day}T23:59:59.999Z` }
  let seconds = 0
  for await (const step of callsBetween(world, api, range)) {
    if (step.kind === "call") seconds += step.call.duration ?? 0
    if (step.kind === "failed") throw new Error(step.trouble.message)
    if (step.kind === "stopped") throw new Error(`Calls from ${step.resumeFrom} on were not read.`)
  }
  return seconds
}
