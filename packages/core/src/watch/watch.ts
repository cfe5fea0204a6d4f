/**
 * The calls that a poll has to remember: each call of the window with a fingerprint, so that a changed one is
 * noticed, and for open calls what is still awaited. `packed-watch.ts` says how they are kept.
 */
import * as z from "zod"
import { shortHash } from "../call/facts.ts"
import { type Instant, MINUTE, hasCome } from "../instant.ts"
import { OLD_MAX_MS } from "../rule/judgement.ts"

export const OpenState = z.object({
  id: z.string(),
  firstSeenAt: z.number(),
  /** The end by the vendor's clock; null while the call lasts. */
  endedAt: z.number().nullable(),
  /** A detail could decide a rule. */
  wantsDetail: z.boolean(),
  /** There is a score, so that the rest of the vendor's analysis is there, or comes within seconds. */
  isAnalysed: z.boolean(),
  /** Details fetched since the call last changed. */
  looks: z.number(),
  nextLookAt: z.number(),
  /** When the next undecided rule settles; null if none will, or while the call lasts. */
  settlesAt: z.number().nullable(),
  /** The table has a record of this call, with more than the list tells. */
  isKept: z.boolean(),
  /** Every channel is told of this call already: a detail could only add a reason. */
  isTold: z.boolean(),
})

export type OpenState = z.infer<typeof OpenState>

export type WatchedCall = {
  key: CallKey
  /** Its start by the vendor's clock: its place in the list. */
  at: Instant
  fingerprint: string
  /** Null once every rule is decided. */
  open: OpenState | null
}

export const KEY_CHARACTERS = 12

/** What a call is remembered by. */
export const CallKey = z.string().length(KEY_CHARACTERS).brand<"CallKey">()

export type CallKey = z.infer<typeof CallKey>

export type Watch = {
  /** Counts the writes, so that two polls cannot overwrite each other's. 0: never written. */
  version: number
  /** The rules by which these calls were judged. */
  rulesKey: string
  calls: ReadonlyMap<CallKey, WatchedCall>
}

export const EMPTY_WATCH: Watch = { version: 0, rulesKey: "", calls: new Map() }

/** Any version, as it is usually written. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The versions that end at random; others may end with the address of a machine, and be all alike. */
const RANDOM_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * Twelve characters that stand for an id: the last 48 bits of a random UUID, a hash of 41 bits of any other id. Two of a
 * thousand calls share a key in one window of five hundred million, or of four million; and then each is taken for a
 * change of the other, and is judged.
 */
export function callKey(id: string): CallKey {
  return CallKey.parse(
    RANDOM_UUID.test(id) ? id.slice(-KEY_CHARACTERS) : shortHash(id).padStart(KEY_CHARACTERS, "~"),
  )
}

/** No look is put off for longer. */
export const LOOK_WAIT_MAX_MS = 10 * MINUTE

/** Whether the time for the next look has come. */
export function isLookDue({ nextLookAt }: OpenState, now: Instant): boolean {
  return hasCome(nextLookAt, { waitMaxMs: LOOK_WAIT_MAX_MS, now })
}

export type OpenCall = WatchedCall & { open: OpenState }

/** What is asked of a watch again and again: the starts of its calls, newest first, and its open calls. */
export type Overview = { starts: readonly Instant[]; open: readonly OpenCall[] }

const overviews = new WeakMap<Watch["calls"], Overview>()

/** Made once for the same calls: most polls change nothing. */
export function overviewOf({ calls }: Watch): Overview {
  const known = overviews.get(calls)
  if (known) return known
  const starts: Instant[] = []
  for (const call of calls.values()) starts.push(call.at)
  return note(
    calls,
    starts.sort((a, b) => b - a),
  )
}

function note(calls: Watch["calls"], starts: readonly Instant[]): Overview {
  const open = [...calls.values()].filter(isOpen)
  const overview = { starts, open }
  overviews.set(calls, overview)
  return overview
}

function isOpen(call: WatchedCall): call is OpenCall {
  return call.open !== null
}

/** The watch with these calls, or the same one if nothing in it differs from them. */
export function withCalls(watch: Watch, rulesKey: string, calls: readonly WatchedCall[]): Watch {
  const changed = calls.filter((call) => !isSameCall(call, watch.calls.get(call.key)))
  if (changed.length === 0 && watch.rulesKey === rulesKey) return watch
  // By hand, because Node 20 puts each entry into an array of its own to copy a map.
  const all = new Map<CallKey, WatchedCall>()
  for (const call of watch.calls.values()) all.set(call.key, call)
  for (const call of changed) all.set(call.key, call)
  // Most changes are of what is awaited of a call: no start has to be sorted in.
  if (changed.every(({ key, at }) => watch.calls.get(key)?.at === at)) note(all, overviewOf(watch).starts)
  return { ...watch, rulesKey, calls: all }
}

/**
 * The watch in which the last `outageMs` do not count against what is open: nobody could look. But no call is held open by
 * outages for more than a week.
 */
export function afterOutage(watch: Watch, outageMs: number, now: Instant): Watch {
  const { open } = overviewOf(watch)
  if (outageMs === 0 || open.length === 0) return watch
  const calls = new Map(watch.calls)
  for (const call of open) {
    const { firstSeenAt } = call.open
    const latest = Math.min(firstSeenAt + outageMs, now, call.at + OLD_MAX_MS)
    calls.set(call.key, { ...call, open: { ...call.open, firstSeenAt: Math.max(firstSeenAt, latest) } })
  }
  return { ...watch, calls }
}

/**
 * At most `openMax` open calls: of more, those that ended longest ago are closed, and `givenUp` says how many that were.
 * A call in progress is never among them while others are there.
 */
export function closeOldest(watch: Watch, openMax: number): { watch: Watch; givenUp: number } {
  const { open } = overviewOf(watch)
  const givenUp = open.length - openMax
  if (givenUp <= 0) return { watch, givenUp: 0 }
  const endOf = (call: OpenCall) => call.open.endedAt ?? Number.POSITIVE_INFINITY
  const oldest = [...open].sort((a, b) => Math.sign(endOf(a) - endOf(b)) || a.at - b.at).slice(0, givenUp)
  const calls = new Map(watch.calls)
  for (const call of oldest) calls.set(call.key, { ...call, open: null })
  return { watch: { ...watch, calls }, givenUp }
}

/** Whether two watches differ in more than in what has been looked at, and when it will be again. */
export function hasChangedMore(watch: Watch, before: Watch): boolean {
  if (watch.calls.size !== before.calls.size || watch.rulesKey !== before.rulesKey) return true
  for (const call of watch.calls.values()) {
    const known = before.calls.get(call.key)
    if (call === known) continue
    if (!known?.open || !call.open) return true
    const { looks, nextLookAt } = known.open
    if (!isSameCall({ ...call, open: { ...call.open, looks, nextLookAt } }, known)) return true
  }
  return false
}

function isSameCall(call: WatchedCall, known: WatchedCall | undefined): boolean {
  if (call === known) return true
  if (call.at !== known?.at || call.fingerprint !== known.fingerprint) return false
  const [open, before] = [call.open, known.open]
  if (!open || !before) return open === before
  return open === before || STATE.every((name) => open[name] === before[name])
}

const STATE = OpenState.keyof().options

/** `$` and 22 characters for a UUID; anything else as a JSON string without spaces. */
export function packId(id: string): string {
  if (!UUID.test(id)) return JSON.stringify(id).replaceAll(" ", "\\u0020")
  return `$${Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url")}`
}

/** Throws on text that is neither. */
export function unpackId(packed: string): string {
  if (!packed.startsWith("$")) return z.string().parse(JSON.parse(packed))
  const hex = Buffer.from(packed.slice(1), "base64url").toString("hex")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}
