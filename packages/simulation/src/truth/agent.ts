/** The agents of the simulated business, and which of them took a call: it follows from the call, so that channels can ask for it. */
import type { SimulatedCall } from "./call.ts"

export const AGENTS = [
  Object.freeze({ id: "5f0c8c0e-6a0b-4a53-9d0e-2f2f3f1d7a10", name: "Juniper" }),
  Object.freeze({ id: "0a6c2f51-97c4-4f4e-8f62-6f1c52a4be33", name: "Marigold" }),
] as const

/** Null for a few calls: the vendor does not say. */
export function agentOf({ seconds }: Pick<SimulatedCall, "seconds">): (typeof AGENTS)[number] | null {
  if (seconds % 17 === 0) return null
  return seconds % 4 === 0 ? AGENTS[1] : AGENTS[0]
}
