/** The watch as the first version of Earshot stored it: read until the next poll writes the current format. */
import * as z from "zod"
import { type CallKey, callKey, unpackId } from "./call-key.ts"
import { OpenState } from "./open-state.ts"
import { NO_WAITS } from "./wait.ts"
import type { Watch, WatchedCall } from "./watch.ts"

export const WatchV1 = z.object({
  version: z.number(),
  rulesKey: z.string(),
  /** One line per call: id, start, fingerprint. */
  calls: z.string(),
  /** The states of the open calls, as JSON. */
  open: z.string(),
})

const { shape } = OpenState

const OpenV1 = z.array(
  z.tuple([
    shape.id,
    shape.firstSeenAt,
    shape.endedAt,
    shape.wantsDetail,
    shape.isAnalysed,
    shape.looks,
    shape.nextLookAt,
    shape.settlesAt,
    shape.isKept,
  ]),
)

const DAMAGED = "The stored watch is damaged."

/** Fingerprints were computed differently, so each call counts as changed once and is judged again. */
export function unpackWatchV1(packed: z.infer<typeof WatchV1>): Watch {
  const open = new Map<string, OpenState>()
  for (const state of OpenV1.parse(JSON.parse(packed.open))) {
    const [id, firstSeenAt, endedAt, wantsDetail, isAnalysed, looks, nextLookAt, settlesAt, isKept] = state
    const times = { firstSeenAt, endedAt, nextLookAt, settlesAt, scoredAt: null }
    open.set(id, { id, ...times, heldMs: 0, wantsDetail, isAnalysed, looks, isKept, isAlerted: false })
  }
  const calls = new Map<CallKey, WatchedCall>()
  for (const line of packed.calls === "" ? [] : packed.calls.split("\n")) {
    const [packedId = "", packedAt = "", ...others] = line.split(" ")
    const at = Number.parseInt(packedAt, 36)
    const id = unpackId(packedId)
    const key = callKey(id)
    if (Number.isNaN(at) || others.length !== 1 || calls.has(key)) throw new Error(DAMAGED)
    calls.set(key, { key, startedAt: at, fingerprint: "", open: open.get(id) ?? null })
    open.delete(id)
  }
  if (open.size > 0) throw new Error(DAMAGED)
  return { version: packed.version, rulesKey: packed.rulesKey, calls, waits: NO_WAITS }
}
