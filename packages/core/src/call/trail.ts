/**
 * What was known of a call when: the times at which it was judged and something was learnt, each with what had been known until
 * then. A record holds the newest facts; the trail leads back from them, so that a rule can be tried on what was known at the
 * time, and not with hindsight. It is a part of the record, costs no write of its own, and is kept to a few hundred bytes:
 * of a long text that was replaced by another it says only that it was another.
 */
import { CallDetail } from "@earshot/calls-api/call"
import * as z from "zod"
import type { Instant } from "../instant.ts"
import { isSameJson } from "../json.ts"
import type { Facts } from "./facts.ts"

const Step = z.object({
  /** How long after the step before it, in milliseconds. */
  ms: z.number(),
  /** What was known until then, as far as it changed. `[]`: something else that is not kept. */
  was: z.record(z.string(), z.unknown()),
  /** The list did not show the call, and no detail did. */
  unseen: z.literal(true).optional(),
})

export const Trail = z.object({
  /** How long after the call was first seen what was known of it was first kept, in milliseconds. Absent: at once. */
  ms: z.number().optional(),
  unseen: z.literal(true).optional(),
  /** Absent: nothing has been learnt since. */
  steps: z.array(Step).optional(),
  /** How many steps were put together with the one after them. Absent: none. */
  left: z.number().optional(),
})

export type Trail = z.infer<typeof Trail>

type Step = z.infer<typeof Step>

/** More than that happens to no call but one that somebody marks and unmarks all day. */
const STEPS_MAX = 8

/** A longer text or value costs more than knowing it again is worth. */
const VALUE_CHARACTERS_MAX = 40

const LOST: readonly never[] = []

/** What facts have beside the call itself, and when they were first seen, which a call that is reopened changes. */
const MARKS = ["detailedAt", "detailIsFinal", "overAt", "firstSeenAt"] as const

const PARTS = ["sentiment", "callQuality", "technicalIssues", "usage", "callCost"] as const

/**
 * The trail after a judgement at `now`. `known`: the record before it; null: none was kept. `isSeen`: as the judgement was made. A
 * record of an older version has no trail, and gets none: where it would begin, nobody knows.
 */
export function trailAfter(
  known: { facts: Facts; trail?: Trail | undefined } | null,
  facts: Facts,
  { now, isSeen }: { now: Instant; isSeen: boolean },
): Trail | undefined {
  const unseen = isSeen ? {} : ({ unseen: true } as const)
  if (!known) {
    const ms = now - facts.firstSeenAt
    return { ...(ms !== 0 && { ms }), ...unseen }
  }
  const last = knownAtEach(known)?.at(-1)
  if (!known.trail || !last) return undefined
  // Below zero where another process's clock is behind: it was judged by that clock.
  const step = { ms: now - last.at, was: changedFrom(known.facts, facts), ...unseen }
  return shortened({ ...known.trail, steps: [...(known.trail.steps ?? []), step] })
}

/**
 * With too many steps, one goes: the oldest that learnt nothing of the call, which says no more than the one beside it. If all of
 * them learnt something, the oldest two become one. When the call was first kept stays known.
 */
function shortened(trail: Trail): Trail {
  const { steps = [] } = trail
  if (steps.length <= STEPS_MAX) return trail
  const idle = steps.findIndex(({ was }, index) => index > 0 && Object.keys(was).every(isMark))
  if (idle < 0) return { ...trail, steps: joinedAt(steps, 0), left: (trail.left ?? 0) + 1 }
  // Where the call was not shown, less could be told than before.
  const isLesser = steps[idle]?.unseen === true && steps[idle - 1]?.unseen !== true
  return { ...trail, steps: joinedAt(steps, isLesser && idle < steps.length - 1 ? idle : idle - 1) }
}

/** The step at the index goes into the one after it. */
function joinedAt(steps: readonly Step[], index: number): Step[] {
  const [gone, next] = [steps[index], steps[index + 1]]
  if (!gone || !next) return [...steps]
  const joined = { ...next, ms: gone.ms + next.ms, was: { ...next.was, ...gone.was } }
  return [...steps.slice(0, index), joined, ...steps.slice(index + 2)]
}

function isMark(name: string): boolean {
  return MARKS.some((mark) => mark === name)
}

function changedFrom(before: Facts, after: Facts): Step["was"] {
  const was: Step["was"] = {}
  for (const mark of MARKS) if (before[mark] !== after[mark]) was[mark] = before[mark]
  for (const name of CALL_FIELDS) {
    const [old, current] = [before.call[name], after.call[name]]
    if (isSameJson(old, current)) continue
    if (name === "metadata" && before.call.metadata && after.call.metadata) {
      for (const part of PARTS) {
        const [oldPart, currentPart] = [before.call.metadata[part], after.call.metadata[part]]
        if (!isSameJson(oldPart, currentPart)) was[`metadata.${part}`] = packed(oldPart, currentPart)
      }
    } else was[name] = packed(old, current)
  }
  return was
}

const CALL_FIELDS = CallDetail.keyof().options.filter((name) => name !== "id")

/** A number, of a text or a list: as much of the beginning of what came after. An object is wrapped, because a list means lost. */
function packed(old: unknown, current: unknown): unknown {
  if (old === null || typeof old === "number" || typeof old === "boolean") return old
  if (typeof old === "string") {
    if (typeof current === "string" && old.length > 8 && current.startsWith(old)) return old.length
    return old.length <= VALUE_CHARACTERS_MAX ? old : LOST
  }
  if (Array.isArray(old)) {
    if (Array.isArray(current) && isSameJson(old, current.slice(0, old.length))) return old.length
    return LOST
  }
  return JSON.stringify(old).length <= VALUE_CHARACTERS_MAX * 2 ? { v: old } : LOST
}

/** What was known at one time. */
export type KnownAt = {
  facts: Facts
  /** When it was judged by that. */
  at: Instant
  isSeen: boolean
  /** What of the call was something else then, nobody knows what: here it is as it was later. */
  lost: ReadonlySet<keyof CallDetail>
}

/** Everything that was known at one time, the earliest first; null if nobody kept when. */
export function knownAtEach({ facts, trail }: { facts: Facts; trail?: Trail | undefined }): KnownAt[] | null {
  if (!trail) return null
  const { ms: firstMs = 0, steps = [], unseen } = trail
  let newest: Pick<KnownAt, "facts" | "lost"> = { facts, lost: new Set() }
  const back = [newest]
  for (const step of steps.toReversed()) back.push((newest = beforeStep(newest, step)))
  let at = newest.facts.firstSeenAt + firstMs
  return back.toReversed().map((known, index) => {
    const step = steps[index - 1]
    at += step?.ms ?? 0
    return { ...known, at, isSeen: (step ?? { unseen }).unseen !== true }
  })
}

/** When the call was first seen of all, also if it was reopened later, which begins its time anew. */
export function firstSeenOf({ facts, trail }: { facts: Facts; trail?: Trail | undefined }): Instant {
  const before = (trail?.steps ?? []).flatMap(({ was: { firstSeenAt } }) =>
    typeof firstSeenAt === "number" ? firstSeenAt : [],
  )
  return Math.min(facts.firstSeenAt, ...before)
}

const Marks = z
  .object({
    detailedAt: z.number().nullable(),
    detailIsFinal: z.boolean(),
    overAt: z.number().nullable(),
    firstSeenAt: z.number(),
  })
  .partial()

function beforeStep(after: Pick<KnownAt, "facts" | "lost">, { was }: Step): Pick<KnownAt, "facts" | "lost"> {
  const names = Object.keys(was)
  if (names.length === 0) return after
  const lost = new Set(after.lost)
  const call = {
    ...after.facts.call,
    metadata: after.facts.call.metadata && { ...after.facts.call.metadata },
  }
  const restore = (
    field: keyof CallDetail,
    place: Record<string, unknown>,
    name: string,
    packedAs: unknown,
  ) => {
    const value = unpacked(packedAs, place[name])
    const isReadable = value !== undefined && isFitting(place === call ? field : name, value, place === call)
    if (!isReadable || (typeof packedAs === "number" && lost.has(field) && typeof place[name] !== "number")) {
      lost.add(field)
      return
    }
    place[name] = value
    if (place === call) lost.delete(field)
  }
  for (const name of names) {
    const field = CALL_FIELDS.find((one) => one === name)
    if (field) restore(field, call, field, was[name])
    else if (name.startsWith("metadata.") && call.metadata) {
      restore("metadata", call.metadata, name.slice("metadata.".length), was[name])
    }
  }
  const marks = Marks.safeParse(was).data ?? {}
  return { facts: { ...after.facts, ...definedOf(marks), call }, lost }
}

function definedOf(marks: z.infer<typeof Marks>): Partial<Facts> {
  return Object.fromEntries(Object.entries(marks).filter(([, value]) => value !== undefined))
}

/** Undefined if it is lost. */
function unpacked(was: unknown, later: unknown): unknown {
  if (Array.isArray(was)) return undefined
  if (typeof was === "number" && (typeof later === "string" || Array.isArray(later)))
    return later.slice(0, was)
  if (typeof was === "object" && was !== null) return "v" in was ? was.v : undefined
  return was
}

const Metadata = CallDetail.shape.metadata.unwrap()

/** What is stored may be damaged: a value of another type is as good as lost. */
function isFitting(name: string, value: unknown, isOfCall: boolean): boolean {
  const shape: Record<string, z.ZodType> = isOfCall ? CallDetail.shape : Metadata.shape
  return shape[name]?.safeParse(value).success ?? false
}
