/**
 * The calls that a poll has to remember: each call of the window with a fingerprint, so that a changed one is
 * noticed, and for open calls what is still awaited. Kept as one packed item, because an item for each call
 * would cost a read for each call at each poll.
 */
import * as z from "zod"
import type { Instant } from "./instant.ts"

export const OpenState = z.object({
  firstSeenAt: z.number(),
  /** The end by the vendor's clock; null while the call lasts. */
  endedAt: z.number().nullable(),
  /** A detail could decide a rule. */
  wantsDetail: z.boolean(),
  /** The vendor's analysis is likely to be there. */
  isAnalysed: z.boolean(),
  /** Details fetched since the call last changed. */
  looks: z.number(),
  nextLookAt: z.number(),
  /** When the next undecided rule settles; null if none will, or while the call lasts. */
  settlesAt: z.number().nullable(),
  /** The table has a record of this call, with more than the list tells. */
  isKept: z.boolean(),
})
export type OpenState = z.infer<typeof OpenState>

export type WatchedCall = {
  id: string
  /** Its start by the vendor's clock: its place in the list. */
  at: Instant
  fingerprint: string
  /** Null once every rule is decided. */
  open: OpenState | null
}

export type Watch = {
  /** Counts the writes, so that two polls cannot overwrite each other's. 0: never written. */
  version: number
  /** The rules by which these calls were judged. */
  rulesKey: string
  calls: ReadonlyMap<string, WatchedCall>
}

export const EMPTY_WATCH: Watch = { version: 0, rulesKey: "", calls: new Map() }

/** As it is stored. */
export const PackedWatch = z.object({
  version: z.number(),
  rulesKey: z.string(),
  calls: z.string(),
  open: z.string(),
})
export type PackedWatch = z.infer<typeof PackedWatch>

/** Lists instead of objects, whose keys would be most of what is stored: about 110 bytes an open call. */
const PackedOpen = z.array(
  z.tuple([
    z.string(),
    OpenState.shape.firstSeenAt,
    OpenState.shape.endedAt,
    OpenState.shape.wantsDetail,
    OpenState.shape.isAnalysed,
    OpenState.shape.looks,
    OpenState.shape.nextLookAt,
    OpenState.shape.settlesAt,
    OpenState.shape.isKept,
  ]),
)
type PackedOpen = z.infer<typeof PackedOpen>

/** One line a call: id, start, fingerprint. About 45 bytes for a call whose id is a UUID. */
export function packWatch(watch: Watch): PackedWatch {
  const lines: string[] = []
  const open: PackedOpen = []
  for (const call of watch.calls.values()) {
    lines.push(`${packId(call.id)} ${call.at.toString(36)} ${call.fingerprint}`)
    if (call.open) open.push(packOpen(call.id, call.open))
  }
  return {
    version: watch.version,
    rulesKey: watch.rulesKey,
    calls: lines.join("\n"),
    open: JSON.stringify(open),
  }
}

/** Throws on text that `packWatch` did not write: a damaged memory must not look like an empty one. */
export function unpackWatch(packed: PackedWatch): Watch {
  const open = new Map(PackedOpen.parse(JSON.parse(packed.open)).map(unpackOpen))
  const calls = new Map<string, WatchedCall>()
  for (const line of packed.calls === "" ? [] : packed.calls.split("\n")) {
    const call = unpackLine(line)
    if (calls.has(call.id)) throw new Error(DAMAGED)
    calls.set(call.id, { ...call, open: open.get(call.id) ?? null })
  }
  for (const id of open.keys()) if (!calls.has(id)) throw new Error(DAMAGED)
  return { version: packed.version, rulesKey: packed.rulesKey, calls }
}

function packOpen(id: string, open: OpenState): PackedOpen[number] {
  return [
    id,
    open.firstSeenAt,
    open.endedAt,
    open.wantsDetail,
    open.isAnalysed,
    open.looks,
    open.nextLookAt,
    open.settlesAt,
    open.isKept,
  ]
}

function unpackOpen(packed: PackedOpen[number]): [string, OpenState] {
  const [id, firstSeenAt, endedAt, wantsDetail, isAnalysed, looks, nextLookAt, settlesAt, isKept] = packed
  return [id, { firstSeenAt, endedAt, wantsDetail, isAnalysed, looks, nextLookAt, settlesAt, isKept }]
}

const DAMAGED = "The stored watch is damaged."

function unpackLine(line: string): WatchedCall {
  const [packedId = "", packedAt = "", fingerprint = "", ...more] = line.split(" ")
  const at = Number.parseInt(packedAt, 36)
  if (packedId === "" || fingerprint === "" || more.length > 0) throw new Error(DAMAGED)
  const id = unpackId(packedId)
  if (at.toString(36) !== packedAt || packId(id) !== packedId) throw new Error(DAMAGED)
  return { id, at, fingerprint, open: null }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** `$` and 22 characters for a UUID; anything else as a JSON string without spaces. */
function packId(id: string): string {
  if (!UUID.test(id)) return JSON.stringify(id).replaceAll(" ", "\\u0020")
  return `$${Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url")}`
}

function unpackId(packed: string): string {
  if (!packed.startsWith("$")) return z.string().parse(JSON.parse(packed))
  const hex = Buffer.from(packed.slice(1), "base64url").toString("hex")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}
