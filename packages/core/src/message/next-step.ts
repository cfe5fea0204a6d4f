/** The one thing to do next, for the call as it is: still going on, made by the agent, from nobody who can be called back. */
import type { OtherParty } from "../call/party.ts"
import type { Severity } from "../rule/rule.ts"

export type Standing = {
  severity: Severity
  isLasting: boolean
  isOutgoing: boolean
  party: OtherParty
}

export function nextStep({ severity, isLasting, isOutgoing, party }: Standing): string {
  if (severity === "info")
    return isLasting ? "For information: the call is still going on." : "For information."
  if (isLasting) return "The call is still going on: open it, and be ready to take over or to call back."
  if (party.kind === "number" || party.kind === "address") {
    return isOutgoing
      ? "See what was said, and call again if it can still be saved."
      : "See what was said, and call back if it can still be saved."
  }
  if (party.kind === "withheld") {
    return "Nobody can be called back, because the number is withheld. See what was said, and be ready if they call again."
  }
  return "See what was said. The call has no number to call back."
}

/** Where the call is, if there is no link to it. */
export const IN_CALL_LOG = "The call is in echowin's call log."
