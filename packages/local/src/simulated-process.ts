/**
 * A process of the poller in a simulation: what reaches it and when, and how it dies. Everything that it asks of
 * the outside goes through `reach`, so that each of its awaits is a place where something may go wrong.
 */
import type { Instant } from "@earshot/core/instant"
import { integer, type Random } from "@earshot/emulators/random"
import { createMemory, type Memory } from "@earshot/functions/memory"
import type { Fault, Faults, Party } from "./fault.ts"
import type { Timeline } from "./simulated-time.ts"

/** A message on its way to a channel, until what came of it is kept. */
export type Send = { callId: string; channel: string; isUnknown: boolean }

export type Process = {
  id: number
  memory: Memory
  /** How far its clock is ahead of the vendor's. */
  skewMs: number
  isDead: boolean
  isBusy: boolean
  frozenUntil: Instant
  /** Sends of which it is not yet kept what came of them. */
  sends: Set<Send>
}

export function createProcess(id: number, skewMs: number): Process {
  const memory = createMemory()
  return { id, memory, skewMs, isDead: false, isBusy: false, frozenUntil: 0, sends: new Set() }
}

/** Nobody will know what came of its sends. */
export function kill(process: Process): void {
  process.isDead = true
  doubt(process)
}

/** What happens now may keep the process from noting what came of its sends. */
export function doubt(process: Process): void {
  for (const send of process.sends) send.isUnknown = true
}

/** Gives the process an answer, unless it is dead; one that stands still gets it when it goes on. */
export function deliver(timeline: Timeline, process: Process, wake: () => void): boolean {
  if (process.isDead) return false
  if (process.frozenUntil > timeline.now()) {
    timeline.at(process.frozenUntil, () => deliver(timeline, process, wake))
    return false
  }
  wake()
  return true
}

export type Network = {
  timeline: Timeline
  faults: Faults
  random: Random
  /** Each request and what went wrong with it, for the trace. */
  trace: ((line: string) => void) | undefined
  note: (party: Party, process: Process, fault: Fault | null) => void
}

/** How long a request takes when nothing is wrong. */
const LATENCY_MS: Record<Party, readonly [number, number]> = {
  store: [2, 12],
  calls: [60, 700],
  slack: [50, 400],
  email: [20, 150],
}

/**
 * The answer of `effect`, which takes place when the request arrives. `troubled` is the answer when the party
 * itself reports trouble; undefined: a connection that breaks.
 */
export function reach<T>(
  { timeline, faults, random, note }: Network,
  { party, process }: { party: Party; process: Process },
  effect: () => Promise<T>,
  troubled: (fault: Fault) => T | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const now = timeline.now()
    const fault = faults.fault(party, now)
    note(party, process, fault)
    const [min, max] = LATENCY_MS[party]
    const arrival = now + integer(random, min, max)

    const run = () => {
      void effect().catch(reject)
      return true
    }
    const fail = (kind: Fault) => {
      const answer = troubled(kind)
      if (answer === undefined) reject(new Error(`simulated: ${kind.kind}`))
      else resolve(answer)
    }
    const answered = () => {
      effect().then(resolve, reject)
    }
    const exchange = (at: Instant) =>
      timeline.at(at, () => {
        // The effect takes place even if nobody is left to hear of it.
        if (process.isDead) return run()
        if (process.frozenUntil <= timeline.now()) {
          answered()
          return true
        }
        const settled = effect()
        timeline.at(process.frozenUntil, () =>
          deliver(timeline, process, () => void settled.then(resolve, reject)),
        )
        settled.catch(() => {})
        return true
      })

    if (!fault) return exchange(arrival)
    switch (fault.kind) {
      case "crash":
        kill(process)
        if (fault.hasEffect) timeline.at(arrival, run)
        return
      case "freeze":
        process.frozenUntil = Math.max(process.frozenUntil, now + fault.forMs)
        if (!fault.isEffectAfter) return exchange(arrival)
        timeline.at(process.frozenUntil, () => {
          if (!process.isDead) exchange(timeline.now())
          return false
        })
        return
      case "lost":
        doubt(process)
        timeline.at(arrival, () => {
          void effect().catch(() => {})
          return deliver(timeline, process, () => fail(fault)) || true
        })
        return
      case "hang":
        doubt(process)
        if (fault.hasEffect) timeline.at(arrival, run)
        return
      case "late":
        return exchange(arrival + fault.byMs)
      case "failed":
      case "busy":
      case "broken":
        doubt(process)
        timeline.at(arrival, () => deliver(timeline, process, () => fail(fault)))
    }
  })
}
