/**
 * A digest as a message: how many alerts, of which rules and agents, the worst ten with their reasons and ages, and how to see
 * the rest. What a single alert would hide at the channel's privacy, this hides as well.
 */
import type { CallRecord } from "../alert/call-record.ts"
import { worstFirst } from "../alert/digest.ts"
import { severityOf } from "../alert/alert.ts"
import type { Privacy } from "../channel/channel.ts"
import { type Instant, durationText } from "../instant.ts"
import { type Severity, highestSeverity } from "../rule/rule.ts"
import { shorten } from "../text.ts"
import type { Bulletin } from "./bulletin.ts"
import { cleanLine } from "./clean.ts"
import { type Message, composeMessage } from "./message.ts"
import { SEVERITY_TEXT } from "./sentence.ts"

/** An alert in a digest. `given`: how many of its reasons the channel had before. */
export type DigestEntry = {
  record: CallRecord
  given: number
  taken?: readonly number[] | undefined
  mayRepeat: boolean
}

/** Nobody reads more than this before opening the call log. */
const WORST_MAX = 10

/** More rules or agents than that are counted. */
const COUNTS_MAX = 12

const BECAUSE_MAX = 160

type Shown = { entry: DigestEntry; message: Message; owedAt: Instant }

/**
 * Null if none of the alerts has anything to say. `id`: what `GET /deliveries` knows the digest by. `shownIds`: the calls that it
 * names.
 */
export function composeDigest(
  entries: readonly DigestEntry[],
  {
    id,
    privacy,
    timeZone,
    apiUrl,
    now,
  }: {
    id: string
    privacy: Privacy
    timeZone?: string | undefined
    apiUrl?: string | undefined
    now: Instant
  },
): { bulletin: Bulletin; shownIds: string[] } | null {
  const shown = entries.flatMap((entry): Shown[] => {
    const { record, given, taken } = entry
    const message = composeMessage(record, { privacy, mayRepeat: false, given, taken, timeZone })
    return message ? [{ entry, message, owedAt: newestReasonAt(record) }] : []
  })
  if (shown.length === 0) return null
  const sorted = shown
    .map((one) => ({ ...one, severity: severityOfEntry(one.entry), callId: one.entry.record.callId }))
    .sort(worstFirst)
  const severity = highestSeverity(sorted.map((one) => one.severity))
  const rules = countsOf(sorted.flatMap(({ message }) => message.why.map(({ name }) => name)))
  const agents = countsOf(
    privacy === "minimal"
      ? []
      : sorted.map(({ entry }) => entry.record.facts.call.agent?.name ?? "no agent named"),
  )
  const criticals = sorted.filter((one) => one.severity === "critical").length
  const title = `${sorted.length} ${sorted.length === 1 ? "alert" : "alerts"}${criticals > 0 ? `, ${criticals} of them critical` : ""}`
  const more = sorted.length - WORST_MAX
  const repeats = sorted.filter(({ entry }) => entry.mayRepeat).length
  const oldest = Math.min(...sorted.map(({ owedAt }) => owedAt))
  const bulletin: Bulletin = {
    id,
    severity,
    ruleIds: [...new Set(sorted.flatMap(({ message }) => message.ruleIds))],
    title,
    sentence: `${SEVERITY_TEXT[severity]}: ${title} in the last ${durationText(now - oldest)}: ${rules.slice(0, 3).join(", ")}${rules.length > 3 ? " and more" : ""}.`,
    parts: [
      { label: "Rules", lines: within(rules) },
      ...(agents.length > 0 ? [{ label: "Agents", lines: within(agents) }] : []),
      {
        label: more > 0 ? `The worst ${WORST_MAX}` : "The worst first",
        lines: sorted.slice(0, WORST_MAX).map((one) => lineOf(one, now)),
      },
    ],
    next: more > 0 ? restText(more, id, apiUrl) : OPEN,
    small: [
      `digest ${id}`,
      ...(repeats > 0
        ? [`${repeats} may be a repeat: we could not tell whether the first attempt arrived`]
        : []),
    ],
  }
  return { bulletin, shownIds: sorted.slice(0, WORST_MAX).map(({ callId }) => callId) }
}

const OPEN = "Open the calls in echowin's call log."

/** The address is not meant to be followed: a browser has no token to send. */
function restText(more: number, id: string, apiUrl: string | undefined): string {
  const at = apiUrl === undefined ? "" : ` at ${apiUrl} (it asks for the token)`
  return `See the other ${more} with GET /alerts?digest=${id}${at}, or in echowin's call log.`
}

/** When the newest of its reasons was found. */
function newestReasonAt({ alert }: CallRecord): Instant {
  return Math.max(0, ...(alert?.reasons ?? []).map(({ at }) => at))
}

function severityOfEntry({ record: { alert }, given }: DigestEntry): Severity {
  return alert ? severityOf({ ...alert, reasons: alert.reasons.slice(given) }) : "info"
}

function lineOf({ entry, message, owedAt, severity }: Shown & { severity: Severity }, now: Instant): string {
  const because = shorten(cleanLine(message.why[0]?.because ?? ""), BECAUSE_MAX)
  const about = message.about === "" ? "" : ` (${message.about})`
  const repeat = entry.mayRepeat ? ", may be a repeat" : ""
  const age = `${durationText(now - owedAt)} ago`
  const reason = because === "" ? "" : `: ${because}`
  const kind = message.kind === "withdrawal" ? "Withdrawn" : SEVERITY_TEXT[severity]
  return `${kind}, ${age}: ${shorten(message.title, 80)}${about}${reason}; call ${message.callId}${repeat}`
}

/** `Flagged: 12`, the most first. */
function countsOf(names: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts]
    .sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1))
    .map(([name, count]) => `${shorten(cleanLine(name), 80)}: ${count}`)
}

function within(counts: readonly string[]): string[] {
  const more = counts.length - COUNTS_MAX
  return more > 0 ? [...counts.slice(0, COUNTS_MAX), `… and ${more} more`] : [...counts]
}
