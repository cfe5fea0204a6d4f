/**
 * The calls that a poll remembers, as one item of text: an item per call would cost a read per call at each poll. On a
 * busy day nearly every poll writes it, and each kilobyte costs: a decided call takes 25 bytes and an open one about
 * 75.
 */
import * as z from "zod"
import type { Instant } from "../instant.ts"
import { CallKey, KEY_CHARACTERS, packId, unpackId } from "./call-key.ts"
import type { OpenState } from "./open-state.ts"
import { packWaits, unpackWaits } from "./wait.ts"
import { WatchV1, unpackWatchV1 } from "./watch-v1.ts"
import type { Watch, WatchedCall } from "./watch.ts"

/** The current format, and the previous one. */
export const PackedWatch = z.union([
  z.object({
    version: z.number(),
    rulesKey: z.string(),
    known: z.string(),
    // What older versions neither write nor miss.
    waits: z.string().default(""),
    scored: z.string().default(""),
  }),
  WatchV1,
])

export type PackedWatch = Record<"rulesKey" | "known" | "waits" | "scored", string> & { version: number }

/**
 * One line per call, in the order of their starts: key, fingerprint, and how long it started after the one before. For
 * an open call also its id and state, with times counted from its start.
 */
export function packWatch(watch: Watch): PackedWatch {
  const calls = [...watch.calls.values()].sort((a, b) => a.startedAt - b.startedAt)
  let before = 0
  const lines = calls.map((call) => {
    const at = Math.round(call.startedAt)
    const head = `${call.key}${call.fingerprint.padStart(FINGERPRINT_CHARACTERS, "~")}${pack(at - before)}`
    before = at
    return call.open ? `${head} ${packOpen(call.open, at)}` : head
  })
  return {
    version: watch.version,
    rulesKey: watch.rulesKey,
    known: lines.join("\n"),
    waits: packWaits(watch.waits),
    scored: calls.flatMap(packScored).join(" "),
  }
}

/** When the score of an open call was first seen: few are open for long after that. */
function packScored({ key, startedAt, open }: WatchedCall): string[] {
  const scoredAt = open?.scoredAt ?? null
  return scoredAt === null ? [] : [`${key}${pack(scoredAt - Math.round(startedAt))}`]
}

/** By key, how long after its start. What cannot be read is left out: a look is sooner or later for it. */
function unpackScored(packed: string): Map<string, number> {
  const all = packed
    .split(" ")
    .map((word) => [word.slice(0, KEY_CHARACTERS), unpack(word.slice(KEY_CHARACTERS))] as const)
  return new Map(all.filter(([, after]) => !Number.isNaN(after)))
}

/** Throws on text that `packWatch` did not write: a damaged memory must not look like an empty one. */
export function unpackWatch(packed: z.infer<typeof PackedWatch>): Watch {
  if (!("known" in packed)) return unpackWatchV1(packed)
  const calls = new Map<CallKey, WatchedCall>()
  const scored = unpackScored(packed.scored)
  let before = 0
  for (const line of packed.known === "" ? [] : packed.known.split("\n")) {
    const call = unpackLine(line, before)
    before = call.startedAt
    const after = scored.get(call.key)
    if (call.open && after !== undefined) call.open.scoredAt = call.startedAt + after
    calls.set(call.key, call)
  }
  const watch = {
    version: packed.version,
    rulesKey: packed.rulesKey,
    calls,
    waits: unpackWaits(packed.waits),
  }
  if (packWatch(watch).known !== packed.known) throw new Error("The stored watch is damaged.")
  return watch
}

const FINGERPRINT_CHARACTERS = 8

const HEAD_CHARACTERS = KEY_CHARACTERS + FINGERPRINT_CHARACTERS

function unpackLine(line: string, before: Instant): WatchedCall {
  const [head = "", ...open] = line.split(" ")
  const at = before + unpack(head.slice(HEAD_CHARACTERS))
  return {
    key: CallKey.parse(head.slice(0, KEY_CHARACTERS)),
    startedAt: at,
    fingerprint: head.slice(KEY_CHARACTERS, HEAD_CHARACTERS).replace(/^~+/, ""),
    open: open.length === 0 ? null : unpackOpen(open, at),
  }
}

function packOpen(open: OpenState, at: Instant): string {
  const flags =
    (open.wantsDetail ? 1 : 0) + (open.isAnalysed ? 2 : 0) + (open.isKept ? 4 : 0) + (open.isAlerted ? 8 : 0)
  return [
    packId(open.id),
    pack(open.firstSeenAt - at),
    packTime(open.endedAt, at),
    flags,
    open.looks,
    pack(open.nextLookAt - at),
    packTime(open.settlesAt, at),
    // Only after an outage.
    ...(open.heldMs > 0 ? [`+${pack(open.heldMs)}`] : []),
  ].join(" ")
}

function unpackOpen(words: readonly string[], at: Instant): OpenState {
  const [id = "", firstSeen = "", ended = "", flags = "", looks = "", next = "", settles = "", held = "+0"] =
    words
  const bits = Number(flags)
  return {
    id: unpackId(id),
    firstSeenAt: at + unpack(firstSeen),
    heldMs: unpack(held.slice(1)),
    endedAt: unpackTime(ended, at),
    wantsDetail: (bits & 1) > 0,
    isAnalysed: (bits & 2) > 0,
    scoredAt: null,
    looks: Number(looks),
    nextLookAt: at + unpack(next),
    settlesAt: unpackTime(settles, at),
    isKept: (bits & 4) > 0,
    isAlerted: (bits & 8) > 0,
  }
}

/** In whole milliseconds. */
function pack(milliseconds: number): string {
  return Math.round(milliseconds).toString(36)
}

function unpack(text: string): number {
  return Number.parseInt(text, 36)
}

const NEVER = "_"

function packTime(time: Instant | null, at: Instant): string {
  return time === null ? NEVER : pack(time - at)
}

function unpackTime(text: string, at: Instant): Instant | null {
  return text === NEVER ? null : at + unpack(text)
}
