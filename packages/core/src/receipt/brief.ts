/** The daily brief: the coverage receipt as a message, with what is owed. It names no caller and no call. */
import type { CoverageGap, Receipt } from "./receipt.ts"
import { receiptText } from "./receipt.ts"
import { precisionText } from "./precision.ts"
import { type Instant, durationText, isoOf } from "../instant.ts"
import { shorten } from "../text.ts"
import type { Bulletin } from "../message/bulletin.ts"
import { cleanLine } from "../message/clean.ts"
import { clockText, timeText } from "../message/time-text.ts"

export type BriefFacts = {
  receipt: Receipt
  /** Deliveries that are still owed, and those that were given up and that nobody has said to have seen. */
  owed: number
  dead: number
  ruleName: (ruleId: string) => string
  timeZone?: string | undefined
  /** Unlike that of any other day or channel. */
  id: string
  mayRepeat: boolean
}

/** More rules or gaps than that are counted. */
const LINES_MAX = 10

export function briefBulletin(facts: BriefFacts): Bulletin {
  const { receipt, owed, dead, timeZone, id, mayRepeat } = facts
  const { from, to, total, gaps } = receipt
  const left = leftOut(facts)
  const isWell = left.length === 0 && gaps.length === 0 && owed === 0 && dead === 0
  const title = `Daily brief: ${total.checked} of ${total.listed} ${total.listed === 1 ? "call" : "calls"} checked`
  const rules = Object.entries(total.alertsByRule)
    .sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1))
    .map(([ruleId, count]) => {
      const judged = precisionText(total.verdictsByRule[ruleId])
      return `${shorten(cleanLine(facts.ruleName(ruleId)), 80)}: ${count}${judged === "" ? "" : ` (${judged})`}`
    })
  return {
    id,
    severity: isWell ? "info" : "warning",
    ruleIds: ["earshot-brief"],
    title,
    sentence: `Daily brief: ${receiptText(receipt)}`,
    parts: [
      { label: `${timeText(from, timeZone)} to ${timeText(to, timeZone)}`, lines: [shortText(receipt)] },
      ...(rules.length > 0 ? [{ label: "Alerts by rule", lines: firstOf(rules) }] : []),
      { label: "Owed", lines: owedLines(owed, dead) },
      ...(left.length > 0 ? [{ label: "Not checked", lines: left }] : []),
      ...(gaps.length > 0
        ? [{ label: "Gaps", lines: firstOf(gaps.map((gap) => gapText(gap, timeZone))) }]
        : []),
    ],
    next: isWell
      ? "Nothing: where there was no alert, no call had a reason for one."
      : `See the hours with GET /coverage?from=${hourInUrl(from)}&to=${hourInUrl(to)}, and GET /health.`,
    small: ["about Earshot itself", ...(mayRepeat ? ["may be a repeat"] : [])],
  }
}

function leftOut({ receipt: { total } }: BriefFacts): string[] {
  const { waiting, unexamined, deleted, unreadable, missing } = total
  const parts: [number, string][] = [
    [waiting, "Still open, or waiting for a detail"],
    [unexamined, "Closed without a detail that a rule needed"],
    [deleted, "Deleted at echowin before they were decided"],
    [unreadable, "Rows of the list that could not be read"],
    [missing, "Counted by echowin, and not by Earshot"],
  ]
  return parts.flatMap(([count, text]) => (count > 0 ? [`${text}: ${count}`] : []))
}

/** What is wrong has lists of its own. */
function shortText({ total }: Receipt): string {
  const { listed, checked, alerts, alertsByRule, verdictsByRule, waiting } = total
  const none = { unexamined: 0, deleted: 0, unreadable: 0, missing: 0 }
  return receiptText({
    total: { ...none, listed, checked, alerts, alertsByRule, verdictsByRule, waiting },
    gaps: [],
  })
}

/** As short as it may be in an address. */
function hourInUrl(hour: Instant): string {
  return isoOf(hour).replace(".000Z", "Z")
}

function owedLines(owed: number, dead: number): string[] {
  if (owed === 0 && dead === 0) return ["Nothing: every alert was delivered."]
  return [
    ...(owed > 0 ? [`${owed} ${owed === 1 ? "message is" : "messages are"} still to be sent`] : []),
    ...(dead > 0 ? [`${dead} could not be sent within a day: see GET /deliveries?state=dead`] : []),
  ]
}

const GAP_TEXT: Record<CoverageGap["kind"], string> = {
  unknown: "nothing is known: receipts were not kept yet",
  unread: "no complete reading of the list",
  behind: "calls from here on are still being read",
}

function gapText({ from, to, kind }: CoverageGap, timeZone: string | undefined): string {
  return `${timeText(from, timeZone)} to ${clockText(to, timeZone)} (${durationText(to - from)}): ${GAP_TEXT[kind]}`
}

function firstOf(lines: readonly string[]): string[] {
  const more = lines.length - LINES_MAX
  return more > 0 ? [...lines.slice(0, LINES_MAX), `… and ${more} more`] : [...lines]
}
