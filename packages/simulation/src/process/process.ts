/**
 * A process of the poller in a simulation: what reaches it and when, and how it dies. Everything that it asks of
 * the outside goes through `reach`, so that each of its awaits is a place where something may go wrong.
 */
import type { Instant } from "@earshot/core/instant"
import { type Random, integer } from "@earshot/emulators/random"
import { type Memory, createMemory } from "@earshot/poller/memory/memory"
import type { Fault, Party } from "../time/fault.ts"
import type { Holder, Timeline } from "../time/timeline.ts"
import { API_KEY, WEBHOOK_URL } from "../truth/secret.ts"

/** A message on its way to a channel, until what came of it is kept. */
export type Send = {
  callId: string
  channel: "slack" | "email"
  /** `rule@version` of each reason that it gives, in its order. */
  reasons: readonly string[]
  isUnknown: boolean
}

/** A message says in small type by which rules it was raised. */
export function reasonsIn(text: string): string[] {
  return text.match(/[a-z0-9][a-z0-9-]*@\d+/g) ?? []
}

export type Process = {
  id: number
  memory: Memory
  /** How far its clock is ahead of the vendor's. */
  skewMs: number
  isDead: boolean
  frozenUntil: Instant
  /** Sends of which it is not yet kept what came of them. */
  sends: Set<Send>
  /** Of the time, for what it does outside of it. */
  holder: Holder | null
}

export function createProcess(id: number, skewMs: number): Process {
  const memory = createMemory()
  return { id, memory, skewMs, isDead: false, frozenUntil: 0, sends: new Set(), holder: null }
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
  random: Random
  /** Each request, for the trace. */
  trace: ((line: string) => void) | undefined
  /** What befalls the next request; null: nothing. */
  draw: (to: { party: Party; process: Process }) => Fault | null
  isFaulty: () => boolean
}

/** How long a request takes when nothing is wrong. */
const LATENCY_MS: Record<Party, readonly [number, number]> = {
  store: [2, 12],
  calls: [60, 700],
  slack: [50, 400],
  email: [20, 150],
}

/** Errors of the network may quote where a request went, and with what. */
const ADDRESS: Record<Party, string> = {
  store: "the table",
  calls: API_KEY,
  slack: WEBHOOK_URL,
  email: "SNS",
}

/**
 * The answer of `effect`, which takes place when the request arrives. `troubled` is the answer when the party
 * itself reports trouble; undefined: a connection that breaks.
 */
export function reach<T>(
  network: Network,
  { party, process }: { party: Party; process: Process },
  fault: Fault | null,
  effect: () => T | Promise<T>,
  troubled: (fault: Fault) => T | undefined,
): Promise<T> {
  const { timeline, random } = network
  const [min, max] = LATENCY_MS[party]
  const arrival = timeline.now() + integer(random, min, max)
  return new Promise((resolve, reject) => {
    // The effect takes place even if nobody is left to hear of it.
    const exchange = () => {
      const answer = effect()
      if (process.isDead) return unheard(answer)
      if (process.frozenUntil <= timeline.now()) {
        resolve(answer)
        return true
      }
      timeline.at(process.frozenUntil, () => deliver(timeline, process, () => resolve(answer)))
      return unheard(answer)
    }
    if (fault === null) return timeline.at(arrival, exchange)

    const fail = () => {
      const answer = troubled(fault)
      if (answer === undefined) reject(new Error(`simulated: ${fault.kind} at ${ADDRESS[party]}`))
      else resolve(answer)
    }
    const run = () => unheard(effect())
    switch (fault.kind) {
      case "crash":
        kill(process)
        if (fault.hasEffect) timeline.at(arrival, run)
        return
      case "freeze":
        process.frozenUntil = Math.max(process.frozenUntil, timeline.now() + fault.forMs)
        if (!fault.isEffectAfter) return timeline.at(arrival, exchange)
        timeline.at(process.frozenUntil, () => {
          if (!process.isDead) timeline.at(timeline.now(), exchange)
          return false
        })
        return
      case "lost":
        doubt(process)
        timeline.at(arrival, () => {
          deliver(timeline, process, fail)
          return unheard(effect())
        })
        return
      case "hang":
        doubt(process)
        if (fault.hasEffect) timeline.at(arrival, run)
        return
      case "late":
        return timeline.at(arrival + fault.byMs, exchange)
      case "failed":
      case "busy":
      case "broken":
        doubt(process)
        timeline.at(arrival, () => deliver(timeline, process, fail))
    }
  })
}

/** Nobody hears, now or later, if the effect fails. */
function unheard(answer: unknown): true {
  if (answer instanceof Promise) answer.catch(() => {})
  return true
}
