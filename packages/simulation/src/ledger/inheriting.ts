/** That what only a deleted channel was still owed is told elsewhere, as `docs/channels.md` says. */
import type { ChannelId } from "@earshot/core/channel/channel"
import { HOUR, type Instant } from "@earshot/core/instant"
import { type Severity, isWorse } from "@earshot/core/rule/rule"
import type { SimulatedCall } from "../truth/call.ts"
import { reasonName, wasAlerted } from "./account.ts"
import type { Books } from "./books.ts"

/** A message that failed is tried again by then, and so is found to be nobody's any more. */
const WITHIN_MS = 4 * HOUR

/** The reasons that nobody was told, though a channel was owed them that is not there any more. */
export function uninherited(books: Books, call: SimulatedCall, end: Instant): string[] {
  const { routing, promising, goneSince } = books
  const { reasons, sent } = call.account
  const isTold = (name: string) => Object.values(sent).some((mine) => mine?.given.has(name))
  const heirs = routing.ids.some((id) => isOpen(books, id, end))
  if (!reasons || !heirs) return []
  return promising.versions.flatMap((version) => {
    const name = reasonName(version)
    const at = reasons.get(name)
    if (at === undefined || isTold(name) || hasRested(books, version.ruleId, at, end)) return []
    const owed = routing.ids.filter((id) => {
      return routing.reach(version, call, id, { from: at, to: at }) !== "never"
    })
    const isLeft = (id: ChannelId) => (goneSince(id) ?? end) + WITHIN_MS <= end
    const isOwed =
      owed.length > 0 && owed.every((id) => isLeft(id) && isNews(books, call, id, version.severity))
    return isOwed ? [`${name}, which only ${owed.join(" and ")} was owed`] : []
  })
}

/** One that was told of the call hears of a later reason only if that is worse. */
function isNews({ promising }: Books, call: SimulatedCall, channel: ChannelId, severity: Severity): boolean {
  if (!wasAlerted(call, channel)) return true
  const given = call.account.sent[channel]?.given
  const told = promising.versions.filter((version) => given?.has(reasonName(version)))
  return told.length > 0 && told.every((version) => isWorse(severity, version.severity))
}

function isOpen(books: Books, channel: ChannelId, end: Instant): boolean {
  const from = end - WITHIN_MS
  return books.hadChannel(channel, from, end) && books.tookMessages(channel, from, end)
}

/** What is held is nobody's business yet. */
function hasRested(
  { rests, snoozes, goneSince }: Books,
  ruleId: string,
  from: Instant,
  to: Instant,
): boolean {
  const isHeld = rests.some(({ channel }) => goneSince(channel) !== null)
  return isHeld || snoozes.some((one) => one.ruleId === ruleId && one.from < to && from < one.to)
}
