/**
 * How often somebody calls. Every call is counted for whoever made it, by number, line or address; whoever keeps the number back is
 * nobody, because two such callers need not be one.
 */
import type { Call } from "@earshot/calls-api/call"
import * as z from "zod"
import { fold } from "../fold.ts"
import { DAY, HOUR, type Instant } from "../instant.ts"
import { partyOf } from "./party.ts"
import { directionMeant } from "./word.ts"

/** The calls of a party within an hour, a day and a week before a call began, that call included. */
export const PartyCalls = z.object({ hour: z.number(), day: z.number(), week: z.number() })

export type PartyCalls = z.infer<typeof PartyCalls>

/** A call, by its key in the watch, and when it began. */
export type PartyCall = { key: string; at: Instant }

/** No rule asks for more than a week. */
export const PARTY_CALLS_MS = 7 * DAY

/** More calls of one party are not told apart: a count stops here. */
export const PARTY_CALLS_MAX = 200

export const NO_PARTY_CALLS: PartyCalls = { hour: 0, day: 0, week: 0 }

/** `nobody`: the number is withheld, or somebody was called instead. `unknown`: nothing is said of a number, which may still come. */
export type Caller = { kind: "caller"; text: string } | { kind: "nobody" } | { kind: "unknown" }

/** Who made the call; two spellings of one number are one caller. */
export function callerOf({ from, type }: Pick<Call, "from" | "type">): Caller {
  if (type !== null && directionMeant(type) === "OUTGOING") return { kind: "nobody" }
  const party = partyOf(from)
  switch (party.kind) {
    case "number": {
      const extension = party.extension === null ? "" : ` ext. ${party.extension}`
      return { kind: "caller", text: `${party.e164 ?? party.digits}${extension}` }
    }
    case "short-code":
    case "address":
      return { kind: "caller", text: fold(party.display) }
    case "withheld":
    case "name":
      return { kind: "nobody" }
    case "unknown":
      return { kind: "unknown" }
  }
}

/** Those of `calls` that began by `at`, whenever they were noted. A call that was noted twice counts once. */
export function countPartyCalls(calls: readonly PartyCall[], at: Instant): PartyCalls {
  const within = (ms: number) =>
    new Set(calls.filter((call) => call.at <= at && call.at > at - ms).map(({ key }) => key)).size
  return { hour: within(HOUR), day: within(DAY), week: within(PARTY_CALLS_MS) }
}
