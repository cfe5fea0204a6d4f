/** Judges a call by every rule, and says whether to keep watching it: until when, and whether a detail would help. */
import { hasEnded } from "../call/end.ts"
import { type Facts, endOf } from "../call/facts.ts"
import { OPEN_MAX_MS } from "../horizon.ts"
import { type Instant, earliest } from "../instant.ts"
import { type CallReader, createCallReader } from "./call-reader.ts"
import { type Finding, findingsOf } from "./evaluation.ts"
import type { Situation } from "./leaf-truth.ts"
import type { Truth } from "./truth.ts"
import type { CompiledRule } from "./rule.ts"

export type Verdict = {
  rule: CompiledRule
  truth: Truth
  /** The time to wait for a missing fact is over: unknown now counts as false. */
  isSettled: boolean
  /** What the truth depends on; none of what is false, which nobody is told of. */
  findings: readonly Finding[]
}

export type Judgement = {
  verdicts: readonly Verdict[]
  /** Keep watching the call: it is in progress, or a rule is undecided. */
  isOpen: boolean
  /** A rule has not settled. If the call is not open, it is too old, and we gave up on that rule. */
  isUndecided: boolean
  /** A detail could decide a rule. */
  wantsDetail: boolean
  /** When the next undecided rule settles. Null if none will, or if the call is in progress. */
  settlesAt: Instant | null
}

/** What a judgement rests on: the facts, when, and `isSeen`: they are current, so what is absent does not exist once a rule has settled. */
export type Viewpoint = {
  facts: Facts
  now: Instant
  isSeen: boolean
  ended: boolean
  end: Instant
  reader: CallReader
}

export function viewpointOf(facts: Facts, now: Instant, { isSeen = true } = {}): Viewpoint {
  const ended = hasEnded(facts.call)
  const end = endOf(facts) ?? facts.firstSeenAt
  return { facts, now, isSeen, ended, end, reader: createCallReader(facts) }
}

/** In what situation one rule finds the call: whether its time is over, and what has been looked at since. */
export function situationFor(
  rule: CompiledRule,
  { facts, now, isSeen, ended, end, reader }: Viewpoint,
): Situation {
  const isLast = hasLastLook(facts, rule, end)
  const lastLook = { list: isSeen || isLast, detail: isLast }
  return { facts, isOver: ended && now >= end + rule.settleMs, lastLook, reader, truths: [] }
}

/** `isSeen`: as in a `Viewpoint`. */
export function judge(
  rules: readonly CompiledRule[],
  facts: Facts,
  now: Instant,
  seen: { isSeen?: boolean } = {},
): Judgement {
  const viewpoint = viewpointOf(facts, now, seen)
  const { ended, end } = viewpoint
  const verdicts = rules.map((rule): Verdict => {
    const situation = situationFor(rule, viewpoint)
    const truth = rule.decide(situation)
    const findings = truth === "false" ? NO_FINDINGS : findingsOf(rule.condition, truth, situation)
    return { rule, truth, isSettled: situation.isOver, findings }
  })
  let isUndecided = false
  let wantsDetail = false
  let settlesAt: Instant | null = null
  for (const { rule, truth, isSettled, findings } of verdicts) {
    if (truth !== "unknown") continue
    const wants = findings.some((finding) => finding.wantsDetail)
    wantsDetail ||= wants
    // A rule that needs a detail settles by a last look: anything that came after the previous look would go unnoticed.
    const isRuleUndecided = !isSettled || (wants && !hasLastLook(facts, rule, end))
    if (!isRuleUndecided) continue
    isUndecided = true
    const at = end + rule.settleMs
    if (ended && at > now) settlesAt = earliest(settlesAt, at)
  }
  const isTooOld = now >= facts.firstSeenAt + OPEN_MAX_MS
  return { verdicts, isUndecided, isOpen: !isTooOld && (!ended || isUndecided), wantsDetail, settlesAt }
}

const NO_FINDINGS: readonly Finding[] = []

/** Whether we have looked at the detail since the rule settled. */
function hasLastLook(
  { detailIsFinal, detailedAt }: Facts,
  { settleMs }: CompiledRule,
  end: Instant,
): boolean {
  return detailIsFinal && (detailedAt ?? 0) >= end + settleMs
}

/** The verdicts that people are alerted to. */
export function matches(judgement: Judgement): Verdict[] {
  return judgement.verdicts.filter((verdict) => verdict.truth === "true" && verdict.rule.mode === "live")
}

/** What a rule says of a call, without the reasons. */
export function truthOfRule(
  rule: CompiledRule,
  facts: Facts,
  now: Instant,
  seen: { isSeen?: boolean } = {},
): Truth {
  return rule.decide(situationFor(rule, viewpointOf(facts, now, seen)))
}
