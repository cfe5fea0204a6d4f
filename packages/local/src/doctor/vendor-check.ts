/**
 * The check of `npm run doctor` on the vendor: one list request with the key, and what the answer says of the limits and of the
 * clock. It is made only if the polls leave one of the hour's, and is the only thing that the doctor takes from anybody.
 */
import { listCalls } from "@earshot/calls-api/client"
import { MINUTE, SECOND, durationText } from "@earshot/core/instant"
import { countPolls, gateOf, spareLists } from "@earshot/core/turn/budget"
import { withHint } from "@earshot/core/turn/failure"
import type { PollerConfig } from "@earshot/functions/settings"
import type { World } from "@earshot/io/world"
import { type Seen, fine, skipped, wrongly } from "./observation.ts"
import type { Kept } from "./state-check.ts"

const TIMEOUT_MS = 9 * SECOND

/** An answer is seconds on its way, and its `Date` has no parts of a second. */
const CLOCK_OFF_MS = MINUTE

type Vendor = Pick<PollerConfig, "apiKey" | "baseUrl" | "intervalMs" | "listPerHour" | "detailPerHour">

export async function lookAtVendor(world: World, vendor: Vendor, kept: Kept): Promise<Seen[]> {
  const reason = whyNotNow(vendor, kept, world.now())
  if (reason !== null) return [skipped(reason)]
  const { apiKey, baseUrl, listPerHour } = vendor
  const answer = await listCalls(world, { apiKey, baseUrl, timeoutMs: TIMEOUT_MS }, { limit: 1 })
  const clock = clockFound(answer.servedAt ?? null, world.now())
  if (!answer.ok) {
    const { trouble } = answer
    const todo = trouble.retryable
      ? "Try again in some minutes. Polls go on by themselves, and nothing is missed."
      : "Put the setting right; a secret of a stage is set by npx sst secret set, and deployed."
    return [wrongly(withHint(trouble), todo), ...clock]
  }
  const { limit = null, remaining = null } = answer.allowance ?? {}
  if (remaining === 0) {
    return [
      wrongly(
        "The key is accepted, and no request of this hour is left.",
        "Who else uses this key? Give Earshot its share with LIST_REQUESTS_PER_HOUR and DETAIL_REQUESTS_PER_HOUR.",
      ),
      ...clock,
    ]
  }
  const left =
    limit === null || remaining === null
      ? "the answer says nothing of limits"
      : `${remaining} of ${limit} requests are left, and Earshot is set to ${listPerHour} lists an hour`
  return [fine(`The key is accepted; ${left}.`), ...clock]
}

/** Null if it may be asked. Where nothing is known, nothing has been used either. */
function whyNotNow(
  { intervalMs, listPerHour, detailPerHour }: Vendor,
  kept: Kept,
  now: number,
): string | null {
  if (kept === "unreadable" || !kept.control) return null
  const { control } = kept
  if (control.listBlockedUntil > now) {
    return `Not asked: echowin has asked for no requests for another ${durationText(control.listBlockedUntil - now)}.`
  }
  const limits = { listPerHour, detailPerHour, gateMs: gateOf(intervalMs, listPerHour) }
  const spare = spareLists(countPolls(control.ring, control.fence, limits, now), limits)
  return spare > 0 ? null : "Not asked: the polls need all list requests of this hour. Try again later."
}

function clockFound(servedAt: number | null, now: number): Seen[] {
  if (servedAt === null) return []
  const aheadMs = servedAt - now
  if (Math.abs(aheadMs) <= CLOCK_OFF_MS) return [fine("Its clock and this machine's agree.")]
  const way = aheadMs > 0 ? "ahead of" : "behind"
  return [
    wrongly(
      `Its clock is ${durationText(Math.abs(aheadMs))} ${way} this machine's.`,
      "Check the clock of this machine. If it is right, tell echowin; calls are checked all the same.",
    ),
  ]
}
