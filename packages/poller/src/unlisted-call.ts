/**
 * Calls that a nudge names before any list has shown them: short ones end between two lists. Their details are asked by the ids. What has
 * ended is judged, kept and told; the watch and the cursor hear nothing of it, so that the list, which shows the call a moment later as
 * a new one, moves them as ever, and finds its record. An id that the vendor does not know leaves no trace but in this process's memory.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import { hasEnded } from "@earshot/core/call/end"
import { assess } from "@earshot/core/detail/assessment"
import { fingerprint } from "@earshot/core/fingerprint"
import type { LookRequest } from "@earshot/core/detail/look"
import { type Instant, MINUTE } from "@earshot/core/instant"
import { windowStart } from "@earshot/core/list/cursor"
import { sightOf } from "@earshot/core/list/sight"
import { behindCursor } from "@earshot/core/list/vendor-clock"
import { cursorOf } from "@earshot/core/turn/control"
import { type CallKey, callKey } from "@earshot/core/watch/call-key"
import { ANY_PACE } from "@earshot/core/watch/interval"
import type { Watch } from "@earshot/core/watch/watch"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { planDetails } from "./examine.ts"
import type { Examined } from "./examined.ts"
import { type Inquiry, fetchDetail } from "./fetch-detail.ts"
import { type Keeping, keep } from "./keep.ts"
import { noteUnlisted } from "./memory/nudge-memory.ts"
import { inParallel } from "./parallel.ts"
import { countCallers } from "./party.ts"
import type { Setting } from "./setup.ts"
import { chargeTurn, createMark, mayBegin } from "./turn.ts"

/** At once: of short calls there are no more, and of forged ids there may be hundreds. */
export const UNLISTED_AT_ONCE = 5

const LANES = 2

/** A start this far ahead of our clock is nothing to go by. */
const AHEAD_MAX_MS = MINUTE

/** `ends`: the calls that are over, of which nobody knew. `done`: the ids of which nothing more is to be asked. */
export type Unlisted = { ends: readonly CallKey[]; done: ReadonlySet<string> }

/** Asks for the details of these ids, keeps what has ended and adds it to `examined`. Throws `Overtaken`. */
export async function examineUnlisted(
  world: World,
  store: Store,
  { setting, watch }: { setting: Setting; watch: Watch },
  examined: Examined,
  ids: readonly string[],
): Promise<Unlisted> {
  const now = world.now()
  const requests = ids
    .slice(0, UNLISTED_AT_ONCE)
    .map((id): LookRequest => ({ id, urgency: "nudged", rank: 0 }))
  const planned = planDetails(requests, { ...setting, turn: examined.turn }, now)
  const done = new Set<string>()
  if (planned.length === 0) return { ends: [], done }
  examined.turn = (await chargeTurn(world, store, examined.turn, "detail", planned.length)).turn
  const inquiry: Inquiry = { requests: 0, blockedUntil: examined.blockedUntil, isKeyRejected: false }
  const mark = createMark(world, store, examined)
  const keeping: Keeping = { ...setting, examined, now, pace: ANY_PACE, mark }
  const { calls } = examined
  examined.calls = []
  const mayAsk = () => mayBegin(world, examined.turn, "look")
  const noCalls = new Set<string>()
  const ends: CallKey[] = []
  await inParallel(planned, LANES, async (id) => {
    const answer = await fetchDetail(world, setting.api, inquiry, id, mayAsk)
    if (answer.kind === "gone") noCalls.add(id)
    if (answer.kind !== "found" || !hasEnded(answer.detail)) return
    done.add(id)
    if (await keepEnded(world, store, { setting, keeping, watch }, answer.detail)) ends.push(callKey(id))
  })
  // They are left to the list, which may give them another hour than the detail does.
  examined.calls = calls
  for (const id of done) examined.notes.delete(id)
  noteUnlisted(setting.memory.nudge, planned, { noCalls, done }, world.now())
  examined.requests += inquiry.requests
  examined.unused += planned.length - inquiry.requests
  examined.blockedUntil = inquiry.blockedUntil
  return { ends, done }
}

/** False if the polls will see nothing new in it: it began before the window, or nobody can say when. */
async function keepEnded(
  world: World,
  store: Store,
  { setting, keeping, watch }: { setting: Setting; keeping: Keeping; watch: Watch },
  detail: CallDetail,
): Promise<boolean> {
  const { control } = keeping.examined.turn
  const { key, startedAt } = sightOf(detail)
  if (startedAt === null || !isInWindow(startedAt, { control, watch }, world.now())) return false
  if (!mayBegin(world, keeping.examined.turn, "keep")) return false
  const call = { key, startedAt, fingerprint: fingerprint(detail), open: null }
  const candidate = { id: detail.id, call, row: null, kind: "nudged" as const }
  const answer = { kind: "found" as const, detail }
  const behindMs = Math.max(0, -(control.clockNotice?.stampsMs ?? 0))
  const unread = { candidate, record: null, answer, mayReopen: false, behindMs }
  const [subject = unread] = await countCallers(world, store, setting, [unread])
  const assessment = assess(subject, setting.rules, keeping.now)
  await keep(store, keeping, { subject, stored: null, assessment })
  return true
}

function isInWindow(
  startedAt: Instant,
  { control, watch }: { control: Setting["turn"]["control"]; watch: Watch },
  now: Instant,
): boolean {
  const cursor = behindCursor(cursorOf(control), control.clockNotice)
  const listNow = now + (control.clockNotice?.stampsMs ?? 0)
  return startedAt >= windowStart(cursor, watch) && startedAt <= listNow + AHEAD_MAX_MS
}
