/**
 * A channel that is owed what others do not take, refuses it, and is deleted just after somebody has let another take it too: for a few
 * of the later seeds. That other knows of the calls by then, and what was found before the edit is news to it all the same.
 */
import type { ChannelId } from "@earshot/core/channel/channel"
import type { ChannelSettings } from "@earshot/core/channel/settings"
import { HOUR, type Instant, MINUTE } from "@earshot/core/instant"
import { between, chance, createRandom, pick } from "@earshot/emulators/random"
import { NOTED_IN, type Widened } from "../truth/rule.ts"
import type { ChannelEdit } from "./channel-edit.ts"
import type { PlannedTime } from "./fault.ts"
import type { Refusal } from "./refusal.ts"
import { PLAIN_SEEDS } from "./wrong-clock.ts"

/** The rule that finds what only that channel takes; it refuses and is gone before anybody sees that. */
export type Widening = Widened & { edits: readonly ChannelEdit[]; refusal: Refusal }

const LEAVING: ChannelId = "leaving"

/** Much shorter than the day after which what is refused is given up. */
const OWED_MAX_MS = 8 * HOUR

export function planWidening({ seed, profile, start, end }: PlannedTime): Widening | null {
  const die = createRandom("wider", seed, profile)
  if (profile === "calm" || seed <= PLAIN_SEEDS || !chance(die, 0.1)) return null
  const at = Math.round(start + (end - start) * between(die, 0.35, 0.6))
  const from = at - Math.round(Math.min(OWED_MAX_MS, (at - start) * between(die, 0.3, 0.9)))
  const goneAt = at + Math.round(between(die, MINUTE, 10 * MINUTE))
  const isByRule = pick(die, [true, false])
  const write = (id: ChannelId, at: Instant, change: Partial<ChannelSettings>): ChannelEdit => {
    return { kind: "write", id, at, change }
  }
  const own = (at: Instant, severityFrom: ChannelSettings["severityFrom"]) =>
    isByRule ? [] : (["slack", "email"] as const).map((id) => write(id, at, { severityFrom }))
  return {
    edits: [
      write(LEAVING, from - MINUTE, { mode: "live" }),
      ...own(from - MINUTE, "warning"),
      ...own(at, "info"),
      { kind: "delete", id: LEAVING, at: goneAt },
    ],
    refusal: { channel: LEAVING, kind: "refused", from: from - MINUTE, to: end },
    from,
    named: isByRule ? [LEAVING] : null,
    renamed: isByRule ? { at, named: [NOTED_IN] } : null,
  }
}
