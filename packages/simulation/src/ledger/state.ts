/**
 * What must always hold of the poller's own state in a simulation: the fence rises, polls keep the gate, requests are
 * counted before they are made, what is due is marked, and the watermark passes nothing that is not known.
 */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { CLAIM_MS, earliestAttemptAt } from "@earshot/core/alert/delivery"
import { HOUR, type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import { type Limits, type RequestKind, countPolls, usedInHour } from "@earshot/core/turn/budget"
import type { Control } from "@earshot/core/turn/control"
import type { Acquired } from "@earshot/io/store/store"
import type { Oddities } from "../truth/oddity.ts"
import { type SimulatedCall, type Traffic, firstFrom } from "../truth/traffic.ts"
import { listedAt } from "./promise.ts"

export type StateLedger = {
  acquired: (acquired: Acquired) => void
  moved: (watermark: Instant) => void
}

export type ObservedState = {
  traffic: Traffic
  oddities: Oddities
  now: () => Instant
  /** The shortest time between two polls is by the clocks of those who begin them. */
  limits: Limits
  /** Requests that have come to the vendor within the hour. */
  usedInHour: (kind: RequestKind, now: Instant) => number
  triggerMs: number
  /** How much of a time had no triggers. */
  downtime: (from: Instant, to: Instant) => number
  /** Whether somebody's clock may have been wrong in this time, or have left its mark in it. */
  mayBeMistimed: (from: Instant, to: Instant) => boolean
  /** Records with a delivery that is not over, by the calls' ids. */
  owing: ReadonlyMap<string, CallRecord>
  isWatched: (call: SimulatedCall) => boolean
  violated: (what: string) => void
}

/** The very first watermark comes from our own clock. */
const SKEW_MAX_MS = 1000

/** Whoever polls next has to know by the state alone that something is owed: to look without a reason is for accidents. */
const UNMARKED_MAX_MS = 2 * MINUTE

/** Whatever a process has left when it vanished, or a clock that was wrong. */
const HELD_MAX_MS = 15 * MINUTE

export function createStateLedger(observed: ObservedState): StateLedger {
  const { traffic, oddities, now, limits, owing, violated } = observed
  let mark = 0
  let fence = 0
  let gateAt = 0
  let begunAt = 0

  /** What has been due for long is marked as due, if only from when the claim of another poll will have run out. */
  function checkMark(dueAt: Instant | null): void {
    for (const { callId, deliveries } of owing.values()) {
      const at = earliestAttemptAt(deliveries)
      if (at === null || now() - at <= UNMARKED_MAX_MS) continue
      if (dueAt !== null && dueAt <= Math.max(now(), at + CLAIM_MS + MINUTE)) continue
      const marked = dueAt === null ? "nothing is" : `nothing is before ${isoOf(dueAt)}`
      violated(`call ${callId} is due since ${isoOf(at)}, and the state says that ${marked}`)
    }
  }

  /** A crash may waste requests, but none is made that is not counted before; the poll's own first is still to come. */
  function checkCounts({ ring, fence, polledAt }: Control): void {
    const counted = countPolls(ring, fence, limits, polledAt)
    for (const kind of ["list", "detail"] as const) {
      const known = usedInHour(counted, kind) - (kind === "list" ? 1 : 0)
      const made = observed.usedInHour(kind, now())
      if (known < made) violated(`${made} ${kind} requests were made within the hour, and ${known} counted`)
    }
  }

  /** Why the watermark must not pass the call; null if it may. */
  function wronglyPassed(call: SimulatedCall): string | null {
    if (call.look.isUnreadable || now() >= call.deletedAt) return null
    // A list by ends shows a call whenever it ends, however far the watermark is.
    const isByStart = oddities.dateField === "createdAt"
    if (isByStart && call.visibleAt > now()) return "which is not to be seen yet"
    if (isByStart && call.endedAt > now() && call.createdAt > now() - HOUR) return "which goes on"
    // It may have come into the list since that was read.
    if (listedAt(call, oddities) > now() - (isByStart ? 0 : MINUTE)) return null
    return call.account.isKept || observed.isWatched(call) ? null : "of which nothing is known"
  }

  return {
    acquired(acquired) {
      if (acquired.kind !== "acquired") return
      if (acquired.control.fence <= fence) violated("the fence did not rise")
      fence = acquired.control.fence
      const { polledAt } = acquired.control
      if (now() - begunAt > HELD_MAX_MS && begunAt > 0) {
        const heldMs = now() - begunAt - observed.downtime(begunAt, now())
        if (heldMs > HELD_MAX_MS + 3 * observed.triggerMs)
          violated(`no poll began within ${Math.round(heldMs / 1000)} s`)
      }
      begunAt = now()
      const apartMs = polledAt - gateAt
      gateAt = polledAt
      if (observed.mayBeMistimed(now(), now())) return
      if (apartMs < limits.gateMs) violated(`two polls began within ${apartMs} ms`)
      checkMark(acquired.control.dueAt)
      checkCounts(acquired.control)
    },
    moved(watermark) {
      if (watermark < mark) violated(`the watermark went back by ${mark - watermark} ms`)
      if (watermark > now() + SKEW_MAX_MS) violated("the watermark is ahead of the vendor's clock")
      const calls = traffic.callsAt(now())
      for (let index = firstFrom(calls, mark, (call) => call.createdAt); index < calls.length; index++) {
        const call = calls[index]
        if (!call || call.createdAt >= watermark) break
        const wrong = wronglyPassed(call)
        if (wrong) violated(`the watermark passed call ${call.id}, ${wrong}`)
      }
      mark = watermark
    },
  }
}
