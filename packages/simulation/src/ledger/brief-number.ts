/**
 * Whether the numbers of a daily brief are true: it may say less than was done, and never more; where nothing fails it says all that
 * happened more than a few minutes ago.
 */
import type { ChannelId } from "@earshot/core/channel/channel"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { HOUR, type Instant, MINUTE, instantOf } from "@earshot/core/instant"
import { callKey } from "@earshot/core/watch/call-key"
import { type BriefText, countIn } from "../process/brief-text.ts"
import { type SimulatedCall, firstFrom } from "../truth/call.ts"
import type { Books } from "./books.ts"
import { uncheckedAt } from "./coverage.ts"

/** What became of a call is written down every ten minutes, with the poll after that. */
const NOTED_MS = 12 * MINUTE

/** What has been owed for longer is known to the poller's own state. */
const OWED_MS = HOUR

/** No triggers for longer than this is a time in which nobody read the list. */
const GAP_MS = 10 * MINUTE

/** The vendor's times may be off by as much. */
const OFF_MS = 8 * HOUR

type Span = { from: Instant; to: Instant }

/** A call of which the watch says when it began. */
type Started = { startedAt: Instant }

type Bound = { what: string; said: number; least: number; most: number }

export function createBriefNumbers(books: Books) {
  const { now, findings } = books
  /** How many calls the watch had open for a while when the brief left, by channel. */
  const openAt = new Map<ChannelId, Started[]>()

  return {
    noteSent(channel: ChannelId) {
      const calls = [...(books.watch?.calls.values() ?? [])]
      const isLost = now() - books.watchLostAt < OFF_MS
      // What is stored may be a minute behind the process that tells of it.
      const isOpen = ({ open }: (typeof calls)[number]) =>
        open !== null && open.firstSeenAt <= now() - 5 * MINUTE && books.decided.get(open.id) !== true
      openAt.set(channel, isLost ? [] : calls.filter(isOpen))
    },
    check(channel: ChannelId, brief: BriefText, span: Span) {
      const { listed, checked, waiting, unexamined, deleted } = brief
      if (listed !== checked + waiting + unexamined + deleted)
        findings.violated(`a brief in ${channel} lists ${listed} calls and accounts for others`)
      for (const { what, said, least, most } of boundsOf(books, openAt.get(channel) ?? [], brief, span))
        if (said < least || said > most)
          findings.violated(`a brief in ${channel} says ${said} ${what}, and ${least} to ${most} were`)
      checkOwed(books, channel, brief)
      checkGaps(books, channel, brief, span)
    },
  }
}

function callsIn({ traffic, now }: Books, { from, to }: Span): SimulatedCall[] {
  const calls = traffic.callsAt(now())
  const first = firstFrom(calls, from - OFF_MS, (call) => call.createdAt)
  const isIn = (at: Instant) => from <= at && at < to
  return calls.slice(first).filter((call) => {
    const shown = call.arrived?.["createdAt"]
    const shownAt = typeof shown === "string" ? instantOf(shown) : null
    return isIn(shownAt ?? call.createdAt)
  })
}

/** `openThen`: the calls that were open when the brief left. */
function boundsOf(books: Books, openThen: readonly Started[], brief: BriefText, span: Span): Bound[] {
  const { now, promising } = books
  const calls = callsIn(books, span)
  const before = now() - NOTED_MS
  // What a process has not noted when another takes its place is lost, and the brief says less.
  const isWhole = promising.isCalm && books.keepers.size <= 1
  const count = (isIn: (call: SimulatedCall) => boolean) => calls.filter(isIn).length
  const isKept = (call: SimulatedCall) => call.arrived !== null && call.deletedAt > now()
  const isOpen = ({ id }: SimulatedCall) => Boolean(books.watch?.calls.get(callKey(id))?.open)
  // What is marked may not have been noted yet.
  const isChecked = ({ id }: SimulatedCall) =>
    books.decided.get(id) === true && (uncheckedAt(books, id) ?? now()) > before
  const isLongChecked = (call: SimulatedCall) =>
    isKept(call) &&
    isChecked(call) &&
    !isOpen(call) &&
    !books.unexamined.has(call.id) &&
    (books.decidedAt.get(call.id) ?? now()) < before
  const isAlerted = ({ account }: SimulatedCall, by: Instant, ids: ReadonlySet<string> | null) =>
    [...(account.reasons ?? [])].some(
      ([name, at]) => at <= by && (ids === null || ids.has(name.slice(0, name.indexOf("@")))),
    )
  const least = (isIn: (call: SimulatedCall) => boolean) => (isWhole ? count(isIn) : 0)
  const open = openThen.filter(({ startedAt }) => {
    return span.from <= startedAt && startedAt < span.to
  }).length
  return [
    {
      what: "listed",
      said: brief.listed,
      least: least(isKept),
      most: count(({ arrived }) => arrived !== null),
    },
    { what: "checked", said: brief.checked, least: least(isLongChecked), most: count(isChecked) },
    { what: "waiting", said: brief.waiting, least: open, most: brief.listed },
    {
      what: "alerted",
      said: brief.alerts,
      least: least((call) => isAlerted(call, before, null)),
      most: count((call) => isAlerted(call, now(), null)),
    },
    ...[...namesOf(books)].map(([name, ids]) => ({
      what: `alerted by ${name}`,
      said: countIn(brief, name),
      least: least((call) => isAlerted(call, before, ids)),
      most: [...ids].reduce((sum, id) => sum + count((call) => isAlerted(call, now(), new Set([id]))), 0),
    })),
  ]
}

function checkOwed(books: Books, channel: ChannelId, { owed }: BriefText): void {
  const { now, findings } = books
  const isOwed = [...books.owing.values()].some(({ deliveries }) => {
    return deliveries.some((one) => isPending(one.state) && one.owedAt < now() - OWED_MS)
  })
  if (isOwed && owed === null) findings.violated(`a brief in ${channel} says that nothing is owed`)
  // What a record owes that cannot be read is counted, and nobody can say more of it.
  const isNothing = books.owing.size === 0 && books.damaged.size === 0
  if (isNothing && now() - books.owedAt > OWED_MS && owed !== null)
    findings.violated(`a brief in ${channel} says that ${owed} messages are owed`)
}

function checkGaps(books: Books, channel: ChannelId, { hasGap }: BriefText, { from, to }: Span): void {
  const { now, findings, promising } = books
  const isGap = books.silence(from, Math.min(to, now() - NOTED_MS)) > GAP_MS
  if (isGap && !hasGap) findings.violated(`a brief in ${channel} does not say that nobody read the list`)
  if (hasGap && promising.isCalm) findings.violated(`a brief in ${channel} says that nobody read the list`)
}

function isPending(state: string): boolean {
  return state !== "sent" && state !== "dead"
}

/** The rules by their names, of which some share one. */
function namesOf({ promising }: Books): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>()
  for (const { ruleId, rule } of promising.versions) {
    const name = rule?.name ?? DEFAULT_RULES.find(({ id }) => id === ruleId)?.name ?? ruleId
    names.set(name, (names.get(name) ?? new Set<string>()).add(ruleId))
  }
  return names
}
