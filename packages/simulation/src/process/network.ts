/** The network between the processes of a simulation and the outside: which faults its requests meet. */
import { isoOf } from "@earshot/core/instant"
import type { Random } from "@earshot/emulators/random"
import { type Deployment, isFailingAt } from "../time/deployment.ts"
import type { RequestFault, Faults } from "../time/fault.ts"
import { type Refusal, refusalAt } from "../time/refusal.ts"
import type { Timeline } from "../time/timeline.ts"
import type { Network } from "./process.ts"

/** Requests beside the polls' work that never arrive, in times of faults, and as many whose answer is lost. */
const LOST_SHARE = 0.1

export type Course = {
  /** Processes that died of a fault. */
  crashes: number
  /** Of all requests and faults in their order: equal only if the course of events is. */
  hash: string
}

export function createNetwork(options: {
  timeline: Timeline
  random: Random
  faults: Faults
  deployments: readonly Deployment[]
  refusals: readonly Refusal[]
  /** Decides what fails beside the polls' work. */
  beside: Random
  trace: ((line: string) => void) | undefined
}): { network: Network; course: () => Course } {
  const { timeline, random, faults, deployments, refusals, beside, trace } = options
  let crashes = 0
  let hash = 0x811c9dc5

  function mix(value: number): void {
    hash = Math.imul(hash ^ (value & 0xffffffff), 0x01000193)
  }

  const network: Network = {
    timeline,
    random,
    trace,
    isFaulty: () => faults.isActive(timeline.now()),
    async aside(effect) {
      const roll = beside()
      const isFaulty = faults.isActive(timeline.now())
      if (isFaulty && roll < LOST_SHARE) throw new Error("simulated: failed beside the poll")
      const answer = await effect()
      if (isFaulty && roll < 2 * LOST_SHARE) throw new Error("simulated: unheard beside the poll")
      return answer
    },
    draw({ party, process, channel = party }) {
      const now = timeline.now()
      const isFailing = faults.isActive(now) && isFailingAt(deployments, channel, now)
      const drawn: RequestFault | null = isFailing ? { kind: "failed" } : faults.fault(party, now)
      const fault = refusalOf(refusalAt(refusals, channel, now), now) ?? drawn
      mix(now)
      mix(process.id * 16 + party.length + (fault ? fault.kind.charCodeAt(0) * 1024 : 0))
      if (fault?.kind === "crash") crashes++
      trace?.(`${isoOf(now)} p${process.id} ${channel} ${fault ? JSON.stringify(fault) : ""}`)
      return fault
    },
  }
  return { network, course: () => ({ crashes, hash: (hash >>> 0).toString(16).padStart(8, "0") }) }
}

function refusalOf(refusal: Refusal | null, now: number): RequestFault | null {
  if (!refusal) return null
  return refusal.kind === "refused" ? { kind: "refused" } : { kind: "throttled", forMs: refusal.to - now }
}
