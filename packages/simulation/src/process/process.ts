/**
 * A process of the poller in a simulation: what reaches it and when, and how it dies. Every request that it makes
 * goes through `reach`, so that each of its awaits is a place where something may go wrong.
 */
import type { ChannelId } from "@earshot/core/channel/channel"
import type { Instant } from "@earshot/core/instant"
import { type Random, integer } from "@earshot/emulators/random"
import { type Memory, createMemory } from "@earshot/poller/memory/memory"
import type { RequestFault, Party } from "../time/fault.ts"
import type { Holder, Timeline } from "../time/timeline.ts"
import { API_KEY, WEBHOOK_URL } from "../truth/secret.ts"

/** A message on its way to a channel, until its outcome is kept. */
export type Send = {
  callId: string
  channel: ChannelId
  /** `rule@version` of each reason that it gives, in its order. */
  reasons: readonly string[]
  /** Which message it is to this channel about this call; set by the ledger. */
  seq?: number
  /** Nobody will know whether it arrived. */
  isUnknown: boolean
}

/** A message names in small type the rules that raised its alert or, each with a minus, those that it takes back. */
export function reasonsIn(text: string): string[] {
  const names = text.match(/[a-z0-9][a-z0-9-]*@\d+/g) ?? []
  return text.includes("no longer true: ") ? names.map((name) => `${TAKEN_BACK}${name}`) : names
}

/** The digest that a message is. Null: it is about one call. */
export function digestIn(text: string): string | null {
  return /\bdigest ([0-9A-Z]{8})\b/.exec(text)?.[1] ?? null
}

/** Which channel a message is about, if it is about one. */
export function troubleIn(text: string): { about: string; isOver: boolean } | null {
  const [, about, what] = /The channel ([\w-]+) takes (no messages|messages again)/.exec(text) ?? []
  return about === undefined ? null : { about, isOver: what === "messages again" }
}
export const TAKEN_BACK = "-"

/** Whether a message says that it may be a repeat. */
export function isMarked(text: string): boolean {
  return /(?:may be|possibly) a repeat/.test(text)
}

export type Process = {
  id: number
  memory: Memory
  /** How far its clock is ahead of the vendor's. */
  skewMs: number
  isDead: boolean
  frozenUntil: Instant
  /** Sends whose outcome is not yet kept. */
  sends: Set<Send>
  /** Stops the virtual time while the process works outside of it. */
  holder: Holder | null
  /** Requests that it has made to the vendor. */
  asked: { list: number; detail: number }
  /** Polls that it was let in to begin. */
  polls: number
}

export function createProcess(id: number, skewMs: number): Process {
  const memory = createMemory()
  const asked = { list: 0, detail: 0 }
  const idle = { isDead: false, frozenUntil: 0, holder: null, polls: 0 }
  return { id, memory, skewMs, sends: new Set(), asked, ...idle }
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

/** Gives the process an answer, unless it is dead. A frozen one gets it when it goes on. */
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
  /** Called with each request. */
  trace: ((line: string) => void) | undefined
  /** The fault of the next request; null if it has none. */
  draw: (to: { party: Party; process: Process; channel?: ChannelId }) => RequestFault | null
  isFaulty: () => boolean
  /**
   * For writes beside a poll's work, which nothing waits for: they take no time, and have a die of their own, so that they leave the
   * course of events as it is.
   */
  aside: <T>(effect: () => Promise<T>) => Promise<T>
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
 * The answer of `effect`, which takes place when the request arrives, even if nobody is left to hear of it. `troubled`
 * is the answer when the party itself reports trouble; undefined stands for a connection that breaks.
 */
export function reach<T>(
  network: Network,
  { party, process }: { party: Party; process: Process },
  fault: RequestFault | null,
  effect: () => T | Promise<T>,
  troubled: (fault: RequestFault) => T | undefined,
): Promise<T> {
  const { timeline, random } = network
  const [min, max] = LATENCY_MS[party]
  const arrival = timeline.now() + integer(random, min, max)
  return new Promise((resolve, reject) => {
    if (fault === null) return timeline.at(arrival, () => exchange(timeline, process, effect, resolve))
    strike(timeline, process, fault, arrival, {
      exchange: () => exchange(timeline, process, effect, resolve),
      run: () => unheard(effect()),
      fail() {
        const answer = troubled(fault)
        if (answer === undefined) reject(new Error(`simulated: ${fault.kind} at ${ADDRESS[party]}`))
        else resolve(answer)
      },
    })
  })
}

function exchange<T>(
  timeline: Timeline,
  process: Process,
  effect: () => T | Promise<T>,
  resolve: (answer: T | Promise<T>) => void,
): boolean {
  const answer = effect()
  if (process.isDead) return unheard(answer)
  if (process.frozenUntil <= timeline.now()) {
    resolve(answer)
    return true
  }
  timeline.at(process.frozenUntil, () => deliver(timeline, process, () => resolve(answer)))
  return unheard(answer)
}

/** What may become of a request: effect and answer, the effect alone, or an error alone. */
type Endings = { exchange: () => boolean; run: () => boolean; fail: () => void }

function strike(
  timeline: Timeline,
  process: Process,
  fault: RequestFault,
  arrival: Instant,
  endings: Endings,
): void {
  switch (fault.kind) {
    case "crash":
      kill(process)
      if (fault.hasEffect) timeline.at(arrival, endings.run)
      return
    case "freeze":
      process.frozenUntil = Math.max(process.frozenUntil, timeline.now() + fault.forMs)
      if (!fault.isEffectAfter) return timeline.at(arrival, endings.exchange)
      timeline.at(process.frozenUntil, () => {
        if (!process.isDead) timeline.at(timeline.now(), endings.exchange)
        return false
      })
      return
    case "lost":
      doubt(process)
      timeline.at(arrival, () => {
        deliver(timeline, process, endings.fail)
        return endings.run()
      })
      return
    case "hang":
      doubt(process)
      if (fault.hasEffect) timeline.at(arrival, endings.run)
      return
    case "late":
      return timeline.at(arrival + fault.byMs, endings.exchange)
    case "refused":
    case "throttled":
      timeline.at(arrival, () => deliver(timeline, process, endings.fail))
      return
    case "failed":
    case "busy":
    case "broken":
      doubt(process)
      timeline.at(arrival, () => deliver(timeline, process, endings.fail))
  }
}

/** If the effect fails, now or later, nobody hears of it. */
function unheard(answer: unknown): true {
  if (answer instanceof Promise) answer.catch(() => {})
  return true
}
