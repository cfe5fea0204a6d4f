/** Whatever is found, edited, sent and deleted in whatever order: what was owed to anybody is told to somebody, and nobody is told twice. */
import * as fc from "fast-check"
import { expect, test } from "vitest"
import type { ChannelId } from "../channel/channel.ts"
import { HOUR, type Instant, MINUTE } from "../instant.ts"
import { judge } from "../rule/judgement.ts"
import type { CompiledRule, Severity } from "../rule/rule.ts"
import { START, factsOf, ruleOf } from "../test-example.ts"
import { type CallRecord, recordJudgement, withDelivery } from "./call-record.ts"
import { type Delivery, isDue, nextOf, rest, settle } from "./delivery.ts"
import { inherited } from "./inheritance.ts"
import { claimNext, giveable, givenBefore, givesReasons } from "./owing.ts"
import { type Recipient, fallbackOf, takersOf } from "./routing.ts"

const OWN: readonly ChannelId[] = ["slack", "email"]

const ADDED: readonly ChannelId[] = ["billing", "constructor"]

const CHANNELS: readonly ChannelId[] = [...OWN, ...ADDED]

const MARKS = ["favorite", "flagged", "spam"] as const

const RULES: readonly CompiledRule[] = [
  ruleOf({ favorite: true }, { id: "favorite", severity: "info", withdraw: true }),
  ruleOf({ flagged: true }, { id: "flagged", severity: "warning", withdraw: true }),
  ruleOf({ spam: true }, { id: "spam", severity: "critical" }),
]

type Mode = "live" | "off" | "deleted"

type Event =
  | { kind: "judged"; mark: (typeof MARKS)[number]; isSet: boolean }
  | { kind: "takes"; id: ChannelId; severityFrom: Severity; agents: readonly string[] }
  | { kind: "mode"; id: ChannelId; mode: Mode }
  | { kind: "names"; rule: number; channels: ChannelId[] | undefined }
  | { kind: "sent"; id: ChannelId; outcome: "sent" | "failed" | "vanished" | "dead" }
  | { kind: "held"; id: ChannelId; forMs: number }
  | { kind: "inherited" }

const id = fc.constantFrom(...CHANNELS)

const added = fc.constantFrom(...ADDED)

const severity = fc.constantFrom<Severity>("info", "warning", "critical")

const usually = fc.constantFrom(true, true, true, false)

const named = fc.oneof(
  fc.constant(undefined),
  fc.tuple(id),
  fc.uniqueArray(id, { minLength: 2, maxLength: 2 }),
)

const takes = { severityFrom: severity, agents: fc.constantFrom([], [], ["agent-1"], ["other"]) }

const found = fc.record({ kind: fc.constant("judged"), mark: fc.constantFrom(...MARKS), isSet: usually })

const sent = fc.record({
  kind: fc.constant("sent"),
  id: fc.constantFrom(...OWN, ...CHANNELS),
  outcome: fc.constantFrom("sent", "sent", "sent", "failed", "vanished", "dead"),
})

const edited = fc.oneof(
  fc.record({ kind: fc.constant("takes"), id, ...takes }),
  fc.record({ kind: fc.constant("names"), rule: fc.nat(RULES.length - 1), channels: named }),
  fc.record({ kind: fc.constant("names"), rule: fc.nat(RULES.length - 1), channels: named }),
  fc.record({ kind: fc.constant("mode"), id, mode: fc.constantFrom("live", "off") }),
)

const event = fc.oneof(
  { weight: 2, arbitrary: found },
  { weight: 3, arbitrary: sent },
  { weight: 3, arbitrary: edited },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("mode"), id: added, mode: fc.constantFrom("live", "deleted") }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("held"), id, forMs: fc.constantFrom(10 * MINUTE, 8 * HOUR) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "inherited" }) },
)

/** In any order; or so that one reason is told before the next is found, and people edit what goes where after that. */
const events = fc.oneof(
  fc.array(event, { maxLength: 30 }),
  fc
    .tuple(
      fc.array(found, { minLength: 1, maxLength: 2 }),
      fc.array(sent, { minLength: 3, maxLength: 5 }),
      fc.array(found, { minLength: 1, maxLength: 1 }),
      fc.array(event, { maxLength: 3 }),
      fc.array(edited, { minLength: 2, maxLength: 4 }),
    )
    .map((parts) => parts.flat()),
) as fc.Arbitrary<Event[]>

/** What each channel takes and each rule names, what happens then, and which channels are deleted after all that. */
const story = fc.record({
  channels: fc.tuple(...CHANNELS.map(() => fc.record(takes))),
  names: fc.tuple(...RULES.map(() => named)),
  events,
  deleted: fc.subarray([...ADDED]),
})

type Story = typeof story extends fc.Arbitrary<infer T> ? T : never

type Channel = { id: ChannelId; mode: Mode; severityFrom: Severity; agents: readonly string[] }

/** What has become of one call's alert, and what was meant for whom when it was found. */
type Played = {
  record: CallRecord | null
  now: Instant
  marks: Record<string, unknown>
  channels: Channel[]
  rules: CompiledRule[]
  /** By the reason's place: whom a message was owed to, and who knew of the call and was not sent it. */
  owed: Map<number, Set<ChannelId>>
  passedOver: Map<number, ChannelId[]>
  /** The reasons and the withdrawals that arrived, in their order. */
  told: Map<ChannelId, number[]>
  takenBack: Map<ChannelId, number[]>
}

function begin({ channels, names }: Pick<Story, "channels" | "names">): Played {
  return {
    record: null,
    now: START,
    marks: {},
    channels: CHANNELS.map((id, index) => {
      return { id, mode: "live", severityFrom: "info", agents: [], ...channels[index] }
    }),
    rules: RULES.map((rule, index) => ({ ...rule, channels: names[index] })),
    owed: new Map(),
    passedOver: new Map(),
    told: new Map(),
    takenBack: new Map(),
  }
}

function recipientsOf({ channels }: Played): Recipient[] {
  const live = channels.filter(({ mode }) => mode === "live")
  const all = live.map((one) => ({ ...one, isFallback: OWN.includes(one.id) }))
  return all.length > 0 ? all : [...OWN]
}

function judgeAll(played: Played): void {
  const { marks, rules, record, now } = played
  const from = record?.alert?.reasons.length ?? 0
  const facts = factsOf(marks)
  const live = recipientsOf(played)
  const judged = recordJudgement(record, facts, judge(rules, facts, now), live, now)
  played.record = judged
  const { alert, deliveries } = judged
  for (const [index, { ruleId }] of alert?.reasons.entries() ?? []) {
    const rule = rules.find((one) => one.id === ruleId)
    if (!alert || !rule || index < from) continue
    const giving = deliveries.filter((one) => givesReasons(one) && giveable(one, alert) > index)
    const isGiving = (id: ChannelId) => giving.some(({ channel }) => channel === id)
    const takers = takersOf(rule, facts.call.agent, live)
    // Nobody takes the place of one that a rule names, is away, and has not been sent its message yet.
    const away = (rule.channels ?? []).filter(isGiving)
    const meant = takers.length > 0 ? takers : away.length > 0 ? away : fallbackOf(live)
    played.owed.set(index, new Set(meant.filter(isGiving)))
    played.passedOver.set(
      index,
      meant.filter((id) => !isGiving(id)),
    )
  }
}

function send(played: Played, id: ChannelId, outcome: "sent" | "failed" | "vanished" | "dead"): boolean {
  const { record, now, channels, told, takenBack } = played
  const isLive = channels.some((one) => one.id === id && one.mode === "live")
  const next = isLive && record?.alert ? claimNext(record.deliveries, record.alert, id, now) : null
  if (!record?.alert || !next) return false
  const { claimed, deliveries } = next
  const news = givesReasons(claimed)
    ? [...record.alert.reasons.keys()].slice(givenBefore(deliveries, claimed, record.alert))
    : []
  if (outcome === "sent") {
    told.set(id, [...(told.get(id) ?? []), ...news])
    takenBack.set(id, [...(takenBack.get(id) ?? []), ...(claimed.taken ?? [])])
  }
  const { claimedUntil: _, ...base } = claimed
  const failure = { kind: "retry", why: "no", mayHaveArrived: false } as const
  const results: Record<typeof outcome, Delivery> = {
    sent: settle(claimed, { kind: "sent" }, now, { roll: 0 }),
    failed: settle(claimed, failure, now, { roll: 0 }),
    vanished: claimed,
    dead: { ...base, state: "dead", deadAt: now, why: "no" },
  }
  played.record = withDelivery({ ...record, deliveries }, results[outcome])
  return true
}

function inherit(played: Played): void {
  const { record, channels, rules, now, owed } = played
  const deleted = channels.flatMap(({ id, mode }) => (mode === "deleted" ? [id] : []))
  const after = record && inherited(record, { deleted, recipients: recipientsOf(played), rules }, now)
  if (!record || !after) return
  const heirs = after.deliveries.filter((one) => givesReasons(one) && !record.deliveries.includes(one))
  const moved = record.deliveries.filter((one) => givesReasons(one) && !after.deliveries.includes(one))
  for (const to of owed.values()) {
    if (!moved.some(({ channel }) => to.delete(channel))) continue
    for (const { channel } of moved) to.delete(channel)
    for (const { channel } of heirs) to.add(channel)
  }
  played.record = after
  const { alert, facts } = after
  const live = recipientsOf(played)
  const takers = (alert?.reasons ?? []).flatMap(({ ruleId, severity }) => {
    const rule = rules.find(({ id }) => id === ruleId)
    return takersOf({ ...rule, severity }, facts.call.agent, live)
  })
  for (const { channel } of heirs) expect([...takers, ...fallbackOf(live)]).toContain(channel)
}

function hold(played: Played, id: ChannelId, forMs: number): void {
  const { record, now } = played
  const next = record && nextOf(record.deliveries, id)
  if (record && next && isDue(next, now)) played.record = withDelivery(record, rest(next, now + forMs, now))
}

function play(played: Played, event: Event): void {
  const { marks, channels, rules } = played
  switch (event.kind) {
    case "judged":
      marks[event.mark] = event.isSet
      return judgeAll(played)
    case "takes":
    case "mode": {
      const { kind: _, ...change } = event
      played.channels = channels.map((one) => (one.id === event.id ? { ...one, ...change } : one))
      return
    }
    case "names":
      played.rules = rules.map((rule, index) =>
        index === event.rule ? { ...rule, channels: event.channels, version: rule.version + 1 } : rule,
      )
      return
    case "sent":
      return void send(played, event.id, event.outcome)
    case "held":
      return hold(played, event.id, event.forMs)
    case "inherited":
      return inherit(played)
  }
}

/** Channels that are off are on again, everything arrives, and nothing is held any more. */
function calmDown(played: Played): void {
  played.channels = played.channels.map((one) => (one.mode === "off" ? { ...one, mode: "live" } : one))
  for (let hour = 0; hour < 20; hour++) {
    played.now += HOUR
    inherit(played)
    for (const id of CHANNELS) while (send(played, id, "sent")) continue
  }
}

/** What was owed to somebody and told nobody, though none of them has given it up or knew of the call before. */
function untold({ record, owed, passedOver, told, channels }: Played): string[] {
  const { alert, deliveries } = record ?? { alert: null, deliveries: [] }
  const isDeleted = (id: ChannelId) => channels.some((one) => one.id === id && one.mode === "deleted")
  return [...owed].flatMap(([index, to]) => {
    const isTold = [...told.values()].some((mine) => mine.includes(index))
    if (!alert || isTold || to.size === 0) return []
    const hasGivenUp = (id: ChannelId) =>
      deliveries.some((one) => one.channel === id && one.state === "dead" && giveable(one, alert) > index)
    const knows = (id: ChannelId) => deliveries.some((one) => one.channel === id && one.state !== "dead")
    const isDecided = passedOver.get(index)?.some((id) => !isDeleted(id) && knows(id))
    return isDecided || [...to].every(hasGivenUp) ? [] : [`${index} to ${[...to].join(" and ")}`]
  })
}

/** What was taken back and not said so, where it had been told. */
function untaken({ record, told, takenBack, channels }: Played): string[] {
  const withdrawals = record?.alert?.withdrawals ?? []
  const hasGivenUp = (id: ChannelId) =>
    record?.deliveries.some((one) => one.channel === id && !givesReasons(one) && one.state === "dead")
  return channels.flatMap(({ id, mode }) =>
    withdrawals.flatMap(({ reason }, index) => {
      const isOwed = mode === "live" && told.get(id)?.includes(reason) && !hasGivenUp(id)
      return isOwed && !takenBack.get(id)?.includes(index) ? [`${reason} in ${id}`] : []
    }),
  )
}

test("what was owed to anybody is told to somebody in the end, nobody is told twice, and what is not true any more is taken back", () => {
  fc.assert(
    fc.property(story, ({ events, deleted, ...first }) => {
      const played = begin(first)
      const deletions = deleted.map((id): Event => ({ kind: "mode", id, mode: "deleted" }))
      for (const event of [...events, ...deletions]) {
        played.now += MINUTE
        play(played, event)
      }
      calmDown(played)
      expect(untold(played)).toEqual([])
      for (const mine of played.told.values()) expect(mine).toEqual([...new Set(mine)])
      expect(untaken(played)).toEqual([])
    }),
    { numRuns: 5000 },
  )
})
