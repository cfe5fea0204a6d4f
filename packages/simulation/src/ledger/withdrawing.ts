/**
 * What is taken back, compared with the truth: only what is not true any more, of a rule that asks for it, in a channel that was told
 * before, and once. And whoever was told must hear.
 */
import type { Alert } from "@earshot/core/alert/alert"
import type { Arrival } from "../process/listener.ts"
import { TAKEN_BACK } from "../process/process.ts"
import type { SimulatedCall } from "../truth/call.ts"
import { accountOf, reasonName, unknownSends } from "./account.ts"
import type { Books } from "./books.ts"
import { correctedWithin } from "./promise.ts"

export function isTakenBack(reason: string): boolean {
  return reason.startsWith(TAKEN_BACK)
}

/** The names that a withdrawal gives, as they stand in its message: the worst first, and all of one severity here. */
export function takenIn(alert: Alert | null, taken: readonly number[]): string {
  return taken
    .flatMap((index) => alert?.reasons[alert.withdrawals?.[index]?.reason ?? -1] ?? [])
    .map((reason) => `${TAKEN_BACK}${reasonName(reason)}`)
    .join(" ")
}

export function noteTakenBack(
  books: Books,
  call: SimulatedCall,
  { channel, reasons, mayRepeat }: Arrival,
): void {
  const { now, findings, promising } = books
  const mine = accountOf(call, channel)
  for (const reason of reasons) {
    const name = reason.slice(TAKEN_BACK.length)
    const version = promising.versions.find((one) => reasonName(one) === name)
    const isFalse = version !== undefined && version.spanOf(call, "list").until <= now()
    if (version?.rule?.withdraw !== true || !isFalse)
      findings.violated(`of call ${call.id} ${name} is taken back in ${channel}, and should not be`)
    if (!mine.given.has(name))
      findings.violated(`of call ${call.id} ${name} is taken back in ${channel} before it is told`)
    const isRepeat = mine.takenBack.has(name)
    if (isRepeat && !mayRepeat)
      findings.violated(`of call ${call.id} ${name} is taken back twice in ${channel}`)
    if (isRepeat && unknownSends(call, channel) === 0 && !books.mayBeMistimed(now(), now()))
      findings.violated(`of call ${call.id} ${name} is taken back again in ${channel}, and nobody knows why`)
    mine.takenBack.add(name)
  }
  findings.withdrawn += mine.takenBack.size > 0 ? 1 : 0
}

/** What should have been taken back by then and was not. */
export function untaken(books: Books, call: SimulatedCall, end: number): string[] {
  const { promising, hadChannel } = books
  return promising.versions.flatMap((version) => {
    const { until } = version.spanOf(call, "list")
    if (version.rule?.withdraw !== true || !Number.isFinite(until)) return []
    const name = reasonName(version)
    return books.routing.ids.flatMap((channel) => {
      const mine = call.account.sent[channel]
      const givenAt = mine?.given.get(name)
      if (!mine || givenAt === undefined || mine.takenBack.has(name)) return []
      const deadline = correctedWithin(call, Math.max(until, givenAt), promising)
      const isOwed =
        deadline !== null && deadline <= end && Math.min(call.deletedAt, version.until) > deadline
      return isOwed && hadChannel(channel, givenAt, deadline) ? [`${name} in ${channel}`] : []
    })
  })
}
