/** What the ledger has noted of one call: the reasons that were kept, and what each channel was sent. */
import type { Reason } from "@earshot/core/alert/alert"
import type { ChannelId } from "@earshot/core/channel/channel"
import type { Instant } from "@earshot/core/instant"
import type { ChannelAccount, SimulatedCall } from "../truth/call.ts"

const NO_CLAIM = { until: 0, reasons: "" }

/** The call's account with the channel, opened if there was none. */
export function accountOf({ account }: SimulatedCall, channel: ChannelId): ChannelAccount {
  return (account.sent[channel] ??= {
    arrivals: 0,
    repeats: 0,
    given: new Map(),
    unmarked: new Set(),
    takenBack: new Set(),
    firstAt: 0,
    sends: [],
    claim: NO_CLAIM,
  })
}

export function wasAlerted({ account }: SimulatedCall, channel: ChannelId): boolean {
  return (account.sent[channel]?.arrivals ?? 0) > 0
}

/** Sends of which nobody can know whether they arrived. */
export function unknownSends({ account }: SimulatedCall, channel: ChannelId): number {
  return (account.sent[channel]?.sends ?? []).filter((send) => send.isUnknown).length
}

export function reasonName({ ruleId, version }: Pick<Reason, "ruleId" | "version">): string {
  return `${ruleId}@${version}`
}

/** When the rule became a reason, if need be in an earlier version; null if it did not. */
export function foundAt({ account }: SimulatedCall, { ruleId }: { ruleId: string }): Instant | null {
  for (const [name, at] of account.reasons ?? []) if (name.startsWith(`${ruleId}@`)) return at
  return null
}
