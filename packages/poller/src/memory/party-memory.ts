/**
 * The numbers of the calls in progress, as this process has read them in the list: the watch does not have them, and a nudge may say
 * nothing else of the call that it is about. If they are forgotten, such a nudge finds less.
 */
import type { Call } from "@earshot/calls-api/call"
import { hasEnded } from "@earshot/core/call/end"
import { partyDigits } from "@earshot/core/turn/nudge-hint"

/** The digits of both numbers, by the call's id, the oldest first. */
export type PartyMemory = Map<string, readonly string[]>

/** As many as there may be open. */
const CALLS_MAX = 1000

/** The list has just shown these. */
export function noteParties(parties: PartyMemory, rows: Iterable<Call>): void {
  for (const row of rows) {
    if (hasEnded(row)) parties.delete(row.id)
    else if (!parties.has(row.id)) parties.set(row.id, partiesOf(row))
  }
  for (const oldest of parties.keys()) {
    if (parties.size <= CALLS_MAX) return
    parties.delete(oldest)
  }
}

function partiesOf({ from, to }: Call): string[] {
  return [from, to].flatMap((number) => partyDigits(number ?? "") ?? [])
}
