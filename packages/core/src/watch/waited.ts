/** What a turn teaches of waits: of each call that it found further on than it was, for how long that had been awaited. */
import { type Instant, SECOND } from "../instant.ts"
import type { CallKey } from "./call-key.ts"
import type { OpenState } from "./open-state.ts"
import { type Waits, withWait } from "./wait.ts"
import type { Watch } from "./watch.ts"

/** When the list was last read before this turn, and when each open call was last looked at. */
export type LastSights = { listedAt: Instant; lookedAt: ReadonlyMap<CallKey, Instant> }

/** What comes between two sights that are further apart, as after an outage, says nothing of when. */
const APART_MAX_MS = 60 * SECOND

/** The waits after a turn, or the same ones if nothing was waited for that has come or was given up. */
export function waitsAfter(before: Watch, after: Watch, sights: LastSights, now: Instant): Waits {
  let { waits } = before
  for (const call of after.calls.values()) {
    const known = before.calls.get(call.key)
    if (call === known || !known?.open) continue
    const lookedAt = sights.lookedAt.get(call.key) ?? 0
    waits = withWaitOf(waits, known.open, call.open, { ...sights, lookedAt }, now)
  }
  return waits
}

/** `open` null: the call was closed, because what was awaited has come, or since it was awaited for long enough. */
function withWaitOf(
  waits: Waits,
  known: OpenState,
  open: OpenState | null,
  { listedAt, lookedAt }: Record<"listedAt" | "lookedAt", Instant>,
  now: Instant,
): Waits {
  if (known.endedAt === null) {
    if (open && open.endedAt === null) return waits
    return withWait(waits, "end", (open?.endedAt ?? now) - known.firstSeenAt)
  }
  if (open && open.isAnalysed === known.isAnalysed) return waits
  const aim = known.isAnalysed ? "mood" : "score"
  const since = known.isAnalysed ? known.scoredAt : known.endedAt
  if (since === null) return waits
  if (!open && known.settlesAt !== null && known.settlesAt <= now) return withWait(waits, aim, null)
  // It has come at any moment since the last sight of it; no list shows the mood.
  const before = Math.max(since, lookedAt, aim === "mood" ? 0 : listedAt)
  return now - before > APART_MAX_MS ? waits : withWait(waits, aim, (before + now) / 2 - since)
}
