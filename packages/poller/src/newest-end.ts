/** The calls that ended last, listed between two polls because a nudge says that one of them is new. It moves no cursor. */
import type { CallsApi } from "@earshot/calls-api/client"
import type { Instant } from "@earshot/core/instant"
import { type Candidate, hasChanged, pickCandidates } from "@earshot/core/list/candidate"
import { planReading } from "@earshot/core/list/plan"
import { behindCursor } from "@earshot/core/list/vendor-clock"
import { cursorOf } from "@earshot/core/turn/control"
import type { Watch } from "@earshot/core/watch/watch"
import type { World } from "@earshot/io/world"
import type { Memory } from "./memory/memory.ts"
import { noteParties } from "./memory/party-memory.ts"
import { readList } from "./read-pages.ts"
import type { Turn } from "./turn.ts"

/** The reading that is a fresh one, whatever the window. */
const FRESH = 1

/** What the list shows that the watch does not know. The request is paid for; one that fails shows nothing. */
export async function readNewestEnds(
  world: World,
  api: CallsApi,
  { turn, memory, watch }: { turn: Turn; memory: Memory; watch: Watch },
): Promise<{ candidates: readonly Candidate[]; blockedUntil: Instant }> {
  const { control } = turn
  const cursor = behindCursor(cursorOf(control), control.clockNotice)
  const listNow = world.now() + (control.clockNotice?.stampsMs ?? 0)
  const reading = planReading(cursor, watch, FRESH, listNow)
  const { rows, from, blockedUntil } = await readList(
    world,
    api,
    reading,
    { memory: memory.list, watch },
    async () => false,
  )
  noteParties(memory.list.parties, rows.values())
  const candidates = pickCandidates(
    watch,
    cursor,
    { rows, from, isWhole: false },
    // Calls from before the window are left to the passes that re-read them.
    { rulesKey: watch.rulesKey, isReviewed: () => true },
    world.now(),
  )
  return { candidates: candidates.filter(hasChanged), blockedUntil }
}
