/**
 * What must always hold of the poller's own state in a simulation: the fence rises, polls keep the gate, requests are
 * counted before they are made, what is due is marked, and the watermark passes only calls that are known.
 */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { CLAIM_MS, earliestAttemptAt } from "@earshot/core/alert/delivery"
import type { ChannelId } from "@earshot/core/channel/channel"
import { HOUR, type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import { countPolls, usedInHour } from "@earshot/core/turn/budget"
import type { Control } from "@earshot/core/turn/control"
import { callKey } from "@earshot/core/watch/call-key"
import type { StoreWatcher } from "../process/store.ts"
import type { SimulatedCall } from "../truth/call.ts"
import { firstFrom } from "../truth/call.ts"
import type { Books } from "./books.ts"
import { listedAt } from "./promise.ts"

/** The very first watermark comes from the poller's own clock. */
const SKEW_MAX_MS = 1000

/** The state alone must tell the next poll that something is due: looking without a reason is for accidents. */
const UNMARKED_MAX_MS = 2 * MINUTE

/** What is gathered for a digest, or waits for a channel that has failed, is held back for so long. */
const HELD_BACK_MS = 6 * MINUTE

/** After a digest, even one that was never sent, the next waits for so long. */
const NEXT_DIGEST_MS = MINUTE

/** Nothing keeps polls from beginning for longer: not what a vanished process has left, nor a wrong clock. */
const HELD_MAX_MS = 15 * MINUTE

export function createStateLedger(books: Books): Pick<StoreWatcher, "acquired" | "moved"> {
  const { traffic, promising, now, limits } = books
  const { violated } = books.findings
  let mark = 0
  let fence = 0
  let gateAt = 0
  let begunAt = 0

  return {
    acquired(acquired) {
      if (acquired.kind !== "acquired") return
      if (acquired.control.fence <= fence) violated("the fence did not rise")
      fence = acquired.control.fence
      const { polledAt } = acquired.control
      if (now() - begunAt > HELD_MAX_MS && begunAt > 0) {
        const heldMs = now() - begunAt - promising.downtime(begunAt, now())
        if (heldMs > HELD_MAX_MS + 3 * books.triggerMs)
          violated(`no poll began within ${Math.round(heldMs / 1000)} s`)
      }
      begunAt = now()
      const apartMs = polledAt - gateAt
      gateAt = polledAt
      if (books.mayBeMistimed(now(), now())) return
      if (apartMs < limits.gateMs) violated(`two polls began within ${apartMs} ms`)
      checkMark(books, acquired.control.dueAt)
      checkCounts(books, acquired.control)
    },
    moved(watermark) {
      // Where the vendor's times are off, the watermark follows what the poller has noticed of that, and may go back.
      if (promising.oddities.stampsMs !== 0) return
      // A clock that is wrong by an hour shows the vendor's times to be off by as much.
      const mayGoBack = books.hasLostWatch || books.mayBeMistimed(now(), now())
      if (watermark < mark && mayGoBack) mark = watermark
      books.hasLostWatch = false
      if (watermark < mark) violated(`the watermark went back by ${mark - watermark} ms`)
      if (watermark > now() + SKEW_MAX_MS) violated("the watermark is ahead of the vendor's clock")
      const calls = traffic.callsAt(now())
      for (let index = firstFrom(calls, mark, (call) => call.createdAt); index < calls.length; index++) {
        const call = calls[index]
        if (!call || call.createdAt >= watermark) break
        const wrong = wronglyPassed(books, call)
        if (wrong) violated(`the watermark passed call ${call.id}, ${wrong}`)
      }
      mark = watermark
    },
  }
}

/** What has been due for long is marked as due, be it only from when another poll's claim will have run out. */
function checkMark({ owing, now, findings, tookMessages }: Books, dueAt: Instant | null): void {
  const failing = failingChannels(owing.values())
  for (const { callId, deliveries } of owing.values()) {
    const at = earliestAttemptAt(deliveries)
    if (at === null || now() - at <= UNMARKED_MAX_MS) continue
    const hasFailed = deliveries.some(({ state, channel }) => state === "due" && failing.has(channel))
    const next = now() + (hasFailed ? HELD_BACK_MS : NEXT_DIGEST_MS)
    if (dueAt !== null && dueAt <= Math.max(next, at + CLAIM_MS + HELD_BACK_MS)) continue
    if (deliveries.some(({ channel }) => !tookMessages(channel, at, now()))) continue
    const marked = dueAt === null ? "nothing is" : `nothing is before ${isoOf(dueAt)}`
    findings.violated(`call ${callId} is due since ${isoOf(at)}, and the state says that ${marked}`)
  }
}

/**
 * Those that have failed to take a message which is owed to them still. While a channel goes on failing, it is asked minutes apart, and
 * what it was never asked to take waits as long as what it has refused.
 */
function failingChannels(records: Iterable<CallRecord>): Set<ChannelId> {
  const failing = new Set<ChannelId>()
  for (const { deliveries } of records)
    for (const { state, attempts, channel } of deliveries)
      if (state === "due" && attempts > 0) failing.add(channel)
  return failing
}

/** A crash may waste requests, but each one is counted before it is made. The poll's own first is still to come. */
function checkCounts(books: Books, { ring, fence, polledAt }: Control): void {
  const { limits, now, findings } = books
  const counted = countPolls(ring, fence, limits, polledAt)
  for (const kind of ["list", "detail"] as const) {
    const known = usedInHour(counted, kind) - (kind === "list" ? 1 : 0)
    const made = books.usedInHour(kind, now())
    if (known < made)
      findings.violated(`${made} ${kind} requests were made within the hour, and ${known} counted`)
  }
}

/** Why the watermark must not pass the call; null if it may. */
function wronglyPassed({ promising, now, watch }: Books, call: SimulatedCall): string | null {
  const { oddities } = promising
  if (call.look.isUnreadable || now() >= call.deletedAt) return null
  // A list by ends shows a call whenever it ends, however far the watermark is.
  const isByStart = oddities.dateField === "createdAt"
  if (isByStart && call.visibleAt > now()) return "which is not shown yet"
  if (isByStart && call.endedAt > now() && call.createdAt > now() - HOUR) return "which goes on"
  // It may have come into the list after that was read.
  if (listedAt(call, oddities) > now() - (isByStart ? 0 : MINUTE)) return null
  return call.account.isKept || watch?.calls.has(callKey(call.id)) ? null : "of which nothing is known"
}
