/**
 * What to look at when nudges come: the details of the calls that they name or may mean, or, if nothing says which call it is, the
 * list. Details come first: polls leave a dozen lists an hour and hundreds of details, and a detail says more than a row.
 */
import type { Instant } from "../instant.ts"
import type { Nudge } from "../turn/nudge.ts"
import { isSameParty } from "../turn/nudge-hint.ts"
import { type CallKey, callKey } from "../watch/call-key.ts"
import { type OpenCall, type Watch, overviewOf } from "../watch/watch.ts"

/** Calls that one nudge without an id may mean. With more in progress, nobody can say which of them it is. */
export const MEANT_MAX = 3

export type NudgeTarget = {
  calls: readonly OpenCall[]
  /** The ids of those of them that a nudge named; the others it may have meant. */
  named: ReadonlySet<string>
  /** Ids that no list has shown: their details say whether they are calls, and whether those are over. */
  unlisted: readonly string[]
  /** Name calls that go on as far as a detail said a moment ago. */
  tooSoon: readonly Nudge[]
  /** Some nudge may be about a call that the watch does not know. */
  wantsList: boolean
}

/** Whether a nudge may have the detail of a call fetched; `just-did`: somebody has, a moment ago; `no-more`: too often. */
export type Asking = "may" | "just-did" | "no-more"

/** The same of an id that no list has shown; `no-call`: the vendor knows none with this id. */
export type AskingUnlisted = Asking | "no-call"

/** `partiesOf` gives the numbers that take part in a call, as far as this process has read them. */
export function nudgeTarget(
  watch: Watch,
  nudges: readonly Nudge[],
  {
    partiesOf,
    askingFor,
    askingUnlisted,
  }: {
    partiesOf: (id: string) => readonly string[]
    askingFor: (id: string) => Asking
    askingUnlisted: (id: string) => AskingUnlisted
  },
): NudgeTarget {
  const going = goingCalls(watch, askingFor)
  const calls = new Map<string, OpenCall>()
  const named = new Set<string>()
  const unlisted = new Set<string>()
  const tooSoon: Nudge[] = []
  let wantsList = false
  for (const nudge of nudges) {
    const meant = callsOf(watch, going, withoutWrongId(nudge, askingUnlisted), partiesOf)
    if (meant === "unknown" && nudge.id === null) wantsList = true
    else if (meant === "unknown" && nudge.id !== null) {
      const asking = askingUnlisted(nudge.id)
      if (asking === "may") unlisted.add(nudge.id)
      if (asking === "just-did") tooSoon.push(nudge)
      if (asking === "no-call") wantsList = true
    } else if (meant !== "unknown")
      for (const call of meant) {
        const { id, endedAt } = call.open
        const asking = askingFor(id)
        const isNamed = nudge.id === id
        if (asking === "may") calls.set(id, call)
        if (asking === "may" && isNamed) named.add(id)
        if (asking === "just-did" && isNamed && endedAt === null) tooSoon.push(nudge)
      }
  }
  return { calls: [...calls.values()], named, unlisted: [...unlisted], tooSoon, wantsList }
}

/** What is no call of the vendor's says nothing: a workflow may send an id of its own. */
function withoutWrongId(nudge: Nudge, askingUnlisted: (id: string) => AskingUnlisted): Nudge {
  return nudge.id !== null && askingUnlisted(nudge.id) === "no-call" ? { ...nudge, id: null } : nudge
}

function callsOf(
  watch: Watch,
  going: readonly OpenCall[],
  { id, party }: Nudge,
  partiesOf: (id: string) => readonly string[],
): readonly OpenCall[] | "unknown" {
  const known = id === null ? undefined : watch.calls.get(callKey(id))
  if (known) return known.open && isNews(known.open) ? [{ ...known, open: known.open }] : []
  if (party !== null) {
    const same = going.filter(({ open }) => partiesOf(open.id).some((number) => isSameParty(number, party)))
    if (same.length > 0) return same.slice(0, MEANT_MAX)
  }
  // An id that nobody knows is that of a call which no list has shown, or none at all.
  return id === null && going.length > 0 && going.length <= MEANT_MAX ? going : "unknown"
}

/** Whether a detail may say that the call has ended: if that is known, its analysis is looked for in its own time. */
function isNews({ endedAt, wantsDetail, looks }: OpenCall["open"]): boolean {
  return endedAt === null || (wantsDetail && looks === 0)
}

/** In place of a list that cannot be had: some of the calls in progress. */
export function insteadOfList(watch: Watch, askingFor: (id: string) => Asking): readonly OpenCall[] {
  return goingCalls(watch, askingFor).slice(0, MEANT_MAX)
}

/** The calls in progress, those that were not looked at for longest first. */
function goingCalls(watch: Watch, askingFor: (id: string) => Asking): OpenCall[] {
  return overviewOf(watch)
    .open.filter(({ open }) => open.endedAt === null && askingFor(open.id) === "may")
    .sort((a, b) => a.open.nextLookAt - b.open.nextLookAt)
}

/** Of the calls that were in progress before, those that are known to be over now; and those that nobody knew. */
export function noticedEnds(before: Watch, after: Watch, at: Instant): CallKey[] {
  const ends: CallKey[] = []
  for (const call of after.calls.values()) {
    const known = before.calls.get(call.key)
    if (call === known || (known && known.open?.endedAt !== null)) continue
    const isOver = call.open === null || (call.open.endedAt !== null && call.open.endedAt <= at)
    if (isOver) ends.push(call.key)
  }
  return ends
}
