/** The real world: everything the client needs from outside. */
import { setTimeout } from "node:timers/promises"
import type { CallsApi, ClientWorld } from "@earshot/calls-api/client"

export const world: ClientWorld = {
  fetch,
  now: () => Date.now(),
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
}

export function callsApi(apiKey: string, baseUrl = "https://echo.win/api/v1"): CallsApi {
  return { baseUrl, apiKey, timeoutMs: 10_000 }
}
