/**
 * What a turn decides about one call: whether a detail is worth a request, what is kept of it, and what is still awaited.
 * Everything follows from an assessment, which is made once before a detail is fetched and once after, and handed along.
 */
import { severityOf } from "../alert/alert.ts"
import { type CallRecord, recordJudgement } from "../alert/call-record.ts"
import { type Recipient, settingsOf, takes } from "../alert/routing.ts"
import { hasEnded } from "../call/end.ts"
import { type Facts, endOf, endsLater } from "../call/facts.ts"
import { fingerprint } from "../fingerprint.ts"
import { LATE_MS, OLD_MAX_MS, OPEN_MAX_MS } from "../horizon.ts"
import { HOUR, type Instant, MINUTE } from "../instant.ts"
import { type Candidate, hasChanged, isListed, isOnlyLook } from "../list/candidate.ts"
import { type Judgement, judge, matches } from "../rule/judgement.ts"
import { type CompiledRule, isWorse } from "../rule/rule.ts"
import { LOOK_WAIT_MAX_MS, type OpenState } from "../watch/open-state.ts"
import { openStateAfter } from "./awaiting.ts"
import { ANY_PACE, type LookPace } from "../watch/interval.ts"
import { type LookRequest, lookAt } from "./look.ts"
import { type Subject, observe } from "./subject.ts"

/**
 * What the rules make of a call now, and why it stays open or is closed. A record or a report can print `why`.
 * - `blank`: nothing is known of it but its place in the list, which does not show it any more.
 * - `open`: it lasts, or a rule is undecided; `reopened`: nobody could examine it in its time, and now somebody may.
 * - `closed`: `unexamined` if a rule still needs a detail that nobody could fetch.
 */
export type Assessment =
  | { kind: "blank"; why: "awaited"; open: OpenState }
  | { kind: "blank"; why: "gone" | "unexamined"; open: null }
  | { kind: "open"; why: "in-progress" | "undecided" | "reopened"; facts: Facts; judgement: Judgement }
  | { kind: "closed"; why: "decided" | "gone" | "unexamined" | "too-old"; facts: Facts; judgement: Judgement }

/** Total: every subject has an assessment, whatever the vendor says of the call. */
export function assess(subject: Subject, rules: readonly CompiledRule[], now: Instant): Assessment {
  const { candidate, answer, mayReopen } = subject
  const isGone = answer.kind === "gone" && isBelievedGone(candidate, now)
  const facts = observe(subject, now)
  if (!facts) return isGone ? { kind: "blank", why: "gone", open: null } : assessBlank(subject, now)

  const isSeen = isShown(subject)
  const judgement = judge(rules, facts, now, { isSeen })
  if (isGone) return { kind: "closed", why: "gone", facts, judgement }
  const isOld = candidate.kind === "old"
  const isOverdue = isOld || now >= facts.firstSeenAt + OPEN_MAX_MS
  const isOpen = judgement.isOpen && (!isOld || facts.detailedAt !== null)
  // What the list does not show now may still be there: that is no reason to call it unexamined, unless a rule asks for just that.
  const asSeen = isSeen ? judgement : judge(rules, facts, now)
  const isUnexamined =
    (isOverdue || !isOpen) && (lacksDetail(facts, asSeen) || matchesIfSeen(judgement, asSeen))
  const isYoung = now < candidate.call.startedAt + OLD_MAX_MS
  if (isUnexamined && isOverdue && isYoung && isWorthExamining(facts, mayReopen, now)) {
    // Six hours more, for a week.
    const again = { ...facts, firstSeenAt: now }
    const why = judgement.isOpen ? "undecided" : "reopened"
    return { kind: "open", why, facts: again, judgement: judge(rules, again, now, { isSeen }) }
  }
  if (isOpen) {
    return { kind: "open", why: hasEnded(facts.call) ? "undecided" : "in-progress", facts, judgement }
  }
  const why = isUnexamined ? "unexamined" : judgement.isUndecided ? "too-old" : "decided"
  return { kind: "closed", why, facts, judgement }
}

/** Whether the list or a detail shows the call now, so that what is absent can be told from what was not looked for. */
export function isShown({ candidate, answer }: Subject): boolean {
  return candidate.row !== null || answer.kind === "found"
}

/** Not judged at all: the list does not show the call, nothing was kept of it, and there is no detail. */
function assessBlank({ candidate: { call }, answer }: Subject, now: Instant): Assessment {
  const { open } = call
  // What it would have alerted for is not known, and that must not look as if it had been nothing.
  if (!open || now >= open.firstSeenAt + OPEN_MAX_MS) return { kind: "blank", why: "unexamined", open: null }
  if (answer.kind === "not-asked") return { kind: "blank", why: "awaited", open }
  const looks = open.looks + 1
  const nextLookAt = now + Math.min(MINUTE * looks, LOOK_WAIT_MAX_MS)
  return { kind: "blank", why: "awaited", open: { ...open, looks, nextLookAt } }
}

/** A detail may be some moments behind the list: a call that has only just been shown there has not been deleted. */
function isBelievedGone(candidate: Candidate, now: Instant): boolean {
  const firstSeenAt = candidate.call.open?.firstSeenAt ?? now
  return !candidate.row && (!isListed(candidate) || now >= firstSeenAt + LATE_MS)
}

/** Whether a rule on what is missing would match, if anybody had looked since its time was over. */
function matchesIfSeen({ verdicts }: Judgement, asSeen: Judgement): boolean {
  return verdicts.some(({ truth }, index) => truth === "unknown" && asSeen.verdicts[index]?.truth === "true")
}

/** Ended, and a rule still needs a detail that nobody could fetch. */
function lacksDetail({ call }: Facts, { wantsDetail, isUndecided }: Judgement): boolean {
  return hasEnded(call) && wantsDetail && isUndecided
}

/**
 * While details are plentiful, or if the call has only just ended: a vendor that filters by the calls' ends shows them no
 * sooner.
 */
function isWorthExamining(facts: Facts, mayReopen: boolean, now: Instant): boolean {
  return mayReopen || now - (endOf(facts) ?? 0) < HOUR
}

/**
 * Of a call from before the window: whether its record says all that the list does, so that there is nothing to do now, and
 * whether it was examined. Null if there is something to do. What was decided stays so, and a rule that is newer than the
 * record replays no history.
 */
export function knownAlready(
  { candidate, record, mayReopen }: Subject,
  rules: readonly CompiledRule[],
  now: Instant,
): { isExamined: boolean } | null {
  if (candidate.kind !== "old" || !record) return null
  const { facts } = record
  if ((record.fingerprint ?? fingerprint(facts.call)) !== candidate.call.fingerprint) return null
  const isExamined = isExaminedIn(record, rules, now)
  return !isExamined && isWorthExamining(facts, mayReopen, now) ? null : { isExamined }
}

/** Whether a record lacks no detail that a rule needs. What an earlier version of a rule left open is of no matter. */
export function isExaminedIn(
  { facts, verdicts }: CallRecord,
  rules: readonly CompiledRule[],
  now: Instant,
): boolean {
  const unknown = verdicts.filter(({ truth }) => truth === "unknown")
  const undecided = rules.filter(({ id, version }) =>
    unknown.some((verdict) => verdict.ruleId === id && verdict.version === version),
  )
  const judgement = judge(undecided, facts, now)
  return !lacksDetail(facts, judgement) && judgement.verdicts.every(({ truth }) => truth !== "true")
}

/** Whether a detail would say nothing new: a poll that died may have fetched this very one and kept it. */
export function isAnswered(assessment: Assessment): boolean {
  if (assessment.kind === "blank") return false
  return assessment.facts.detailIsFinal && !assessment.judgement.wantsDetail
}

/** Whether a detail of a call is worth a request, after an assessment without one; null if it is not. */
export function lookFor(subject: Subject, assessment: Assessment, now: Instant): LookRequest | null {
  const { candidate, record } = subject
  const { id, call, kind } = candidate
  if (kind === "nudged") return { id, rank: call.startedAt, urgency: "nudged" }
  const notice = kind === "probe" ? "a-later-list" : isListed(candidate) ? "this-list" : "never"
  if (assessment.kind === "blank" || isOnlyLook(candidate))
    return lookAt(id, call, { notice, occasion: "time" }, now)
  const { facts, judgement } = assessment
  const isAlerting = matches(judgement).length > 0 && facts.detailedAt === null && !record?.alert
  const occasion = isAlerting ? "alert" : isNews(subject) ? "change" : "time"
  const awaited = {
    hasChanged: isNews(subject),
    wasLookedAt: false,
    isKept: false,
    isAlerted: call.open?.isAlerted ?? false,
    // Says only how long after a look the next one is due.
    pace: ANY_PACE,
  }
  // One that is reopened is looked at when its time comes.
  const isReopened = assessment.kind === "open" && assessment.why === "reopened"
  const open = isReopened ? null : openStateAfter(call.open, facts, judgement, awaited, now)
  return lookAt(id, { startedAt: call.startedAt, open }, { notice, occasion }, now)
}

/**
 * Whether the list shows something of a call that might have changed its detail. If a detail has shown its end before the list did, as
 * after a nudge, then the row that says so is no reason to look again: the analysis is looked for in its own time.
 */
function isNews({ candidate, record }: Subject): boolean {
  const { kind, row, call } = candidate
  if (kind !== "changed" || !call.open || !record?.facts.detailIsFinal) return hasChanged(candidate)
  const { facts } = record
  return row.score !== null || row.flagged !== facts.call.flagged || endsLater(row, facts.call)
}

/** Whether there is something to keep of a call, even if no detail is fetched now. */
export function isWorthKeeping({ record }: Subject, assessment: Assessment): boolean {
  if (assessment.kind === "blank") return false
  const { judgement } = assessment
  return record !== null || !judgement.isOpen || matches(judgement).length > 0
}

/** The record after an assessment that has judged the call. `channels`: those that are live, and what each takes. */
export function recordOf(
  { candidate, record }: Subject,
  { kind, facts, judgement }: Exclude<Assessment, { kind: "blank" }>,
  channels: readonly Recipient[],
  now: Instant,
): CallRecord {
  const decided =
    judgement.isOpen === (kind === "open") ? judgement : { ...judgement, isOpen: kind === "open" }
  const made = recordJudgement(record, facts, decided, channels, now)
  return { ...made, fingerprint: candidate.call.fingerprint }
}

/** What is still awaited of a call once its record is kept; null if nothing is. */
export function awaitedOf(
  subject: Subject,
  assessment: Assessment,
  { isKept, isAlerted, pace }: { isKept: boolean; isAlerted: boolean; pace: LookPace },
  now: Instant,
): OpenState | null {
  if (assessment.kind === "blank") return assessment.open
  if (assessment.kind === "closed") return null
  const { candidate, answer } = subject
  const wasLookedAt = answer.kind !== "not-asked"
  const state = { hasChanged: isNews(subject), wasLookedAt, isKept, isAlerted, pace }
  return openStateAfter(candidate.call.open, assessment.facts, assessment.judgement, state, now)
}

/**
 * Whether every channel that takes it is owed this call's alert already and no undecided rule is worse, so that a detail could only add a
 * reason that nobody is sent.
 */
export function isAlertedEverywhere(
  { alert, deliveries, facts }: CallRecord,
  { verdicts }: Judgement,
  channels: readonly Recipient[],
): boolean {
  if (!alert) return false
  const severity = severityOf(alert)
  const takers = channels.filter((channel) => takes(channel, severity, facts.call.agent)).map(settingsOf)
  if (!takers.every(({ id }) => deliveries.some(({ channel }) => channel === id))) return false
  return !verdicts.some(({ rule, truth }) => {
    return rule.mode === "live" && truth === "unknown" && isWorse(rule.severity, severity)
  })
}
