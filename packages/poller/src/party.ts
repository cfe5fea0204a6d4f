/**
 * How often callers call, for the rules that ask: each call is noted once for whoever made it, and everything that is known of that
 * caller comes back. Without such a rule nothing is noted, and it costs nothing.
 */
import {
  type PartyCall,
  type PartyCalls,
  NO_PARTY_CALLS,
  callerOf,
  countPartyCalls,
} from "@earshot/core/call/party-calls"
import type { Subject } from "@earshot/core/detail/subject"
import type { Condition } from "@earshot/core/rule/condition"
import { REPEAT_CALLER } from "@earshot/core/rule/derived-field"
import { partyHash } from "@earshot/io/party-hash"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { inParallel } from "./parallel.ts"
import type { Setting } from "./setup.ts"

/** Callers noted at once. */
const LANES = 8

/**
 * The subjects, with how often their callers have called. All of them are noted before any is counted, so that of two calls in one list
 * the later one is the second, whichever is looked at first.
 */
export async function countCallers(
  world: World,
  store: Store,
  { rules, api }: Pick<Setting, "rules" | "api">,
  subjects: readonly Subject[],
): Promise<Subject[]> {
  if (!rules.some(({ condition }) => asksForCaller(condition))) return [...subjects]
  const callers = subjects.map(callerIn)
  const byCaller = new Map<string, PartyCall[]>()
  for (const [index, caller] of callers.entries()) {
    const subject = subjects[index]
    if (subject && caller?.kind === "caller")
      byCaller.set(caller.text, [...(byCaller.get(caller.text) ?? []), partyCallOf(subject)])
  }
  const known = new Map<string, readonly PartyCall[]>()
  await inParallel([...byCaller], LANES, async ([text, calls]) => {
    known.set(text, await store.notePartyCalls(partyHash(api.apiKey, text), calls, world.now()))
  })
  return subjects.map((subject, index) => {
    const caller = callers[index]
    if (caller?.kind !== "caller" && caller?.kind !== "nobody") return subject
    const counted = caller.kind === "nobody" ? NO_PARTY_CALLS : countOf(subject, known.get(caller.text) ?? [])
    return { ...subject, partyCalls: counted }
  })
}

/** Null if it was counted before, or nothing is known of the call yet. What was decided long ago is not counted for a newer rule. */
function callerIn({ candidate, record, answer, partyCalls }: Subject) {
  if (partyCalls || record?.facts.partyCalls || (record && candidate.kind === "old")) return null
  const call = candidate.row ?? record?.facts.call ?? (answer.kind === "found" ? answer.detail : null)
  return call && callerOf(call)
}

function partyCallOf({ candidate: { call } }: Subject): PartyCall {
  return { key: call.key, at: call.startedAt }
}

/** The call itself counts, whatever is known. */
function countOf(subject: Subject, known: readonly PartyCall[]): PartyCalls {
  const own = partyCallOf(subject)
  return countPartyCalls([own, ...known], own.at)
}

function asksForCaller(condition: Condition): boolean {
  if (condition.kind === "leaf") return condition.field.name.startsWith(REPEAT_CALLER)
  return condition.kind === "not" ? asksForCaller(condition.of) : condition.of.some(asksForCaller)
}
