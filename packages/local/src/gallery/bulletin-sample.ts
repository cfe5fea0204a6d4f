/** The messages of the gallery that are not about one call: a digest of more alerts than it names, trouble with a channel, and daily briefs. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { noticeOf } from "@earshot/core/alert/notice"
import type { Privacy } from "@earshot/core/channel/channel"
import type { CoverageCounts, Receipt } from "@earshot/core/receipt/receipt"
import { HOUR, MINUTE, SECOND } from "@earshot/core/instant"
import { type BriefFacts, briefBulletin } from "@earshot/core/receipt/brief"
import type { Bulletin } from "@earshot/core/message/bulletin"
import { composeDigest } from "@earshot/core/message/digest"
import { troubleBulletin } from "@earshot/core/message/trouble"
import { SAMPLES } from "./sample.ts"

export type BulletinSample = { kind: string; sentAt: number; bulletin: (privacy: Privacy) => Bulletin }

const AT = Date.UTC(2026, 2, 2, 22, 40)

/** The calls of the other samples, again and again. */
const RECORDS: readonly CallRecord[] = ["Critical", "Warning", "For information"].flatMap(
  (kind) => SAMPLES.find((sample) => sample.kind === kind)?.record ?? [],
)

const AGENTS = ["Hollis, Brindlegate Rentals", "Juno, Brindlegate Rentals", "Front desk"]

const STORM_CALLS = 37

function stormRecord(index: number): CallRecord {
  const [first] = RECORDS
  const record = (index % 16 === 3 ? first : RECORDS[1 + (index % 2)]) ?? first
  if (!record?.alert) throw new Error("The sample has no alert.")
  const { call } = record.facts
  const at = AT - (index * 23 + 40) * SECOND
  const callId = `8a4c249a-dc98-47d7-a3d9-${String(600 + index).padStart(12, "0")}`
  const name = AGENTS[index % AGENTS.length] ?? null
  return {
    ...record,
    callId,
    facts: { ...record.facts, call: { ...call, id: callId, agent: { id: null, name } } },
    alert: { ...record.alert, reasons: record.alert.reasons.map((reason) => ({ ...reason, at })) },
  }
}

function stormDigest(privacy: Privacy): Bulletin {
  const entries = Array.from({ length: STORM_CALLS }, (_, index) => {
    return { record: stormRecord(index), given: 0, mayRepeat: index === 5 }
  })
  const composed = composeDigest(entries, { id: "K3V9M2XQ", privacy, now: AT })
  if (!composed) throw new Error("The digest says nothing.")
  return composed.bulletin
}

const trouble = noticeOf({
  kind: "trouble",
  about: "slack",
  since: AT,
  at: AT,
  why: "Slack refused the message (404: no_service)",
  waiting: 3,
})

const BRIEF_TO = Date.UTC(2026, 2, 2, 7)

const NO_COUNTS = { unexamined: 0, deleted: 0, waiting: 0, unreadable: 0, missing: 0 }

const calmDay: CoverageCounts = {
  ...NO_COUNTS,
  listed: 214,
  checked: 214,
  alerts: 3,
  alertsByRule: { "angry-caller": 1, transferred: 2 },
  verdictsByRule: { transferred: { bad: 2, fine: 0 } },
}

const RULE_NAMES: Record<string, string> = {
  "angry-caller": "Angry caller",
  transferred: "Transferred",
  "low-score": "Low score",
}

function brief(total: CoverageCounts, more: Partial<BriefFacts> & Pick<Receipt, "gaps">): Bulletin {
  const { gaps, ...others } = more
  return briefBulletin({
    receipt: { from: BRIEF_TO - 24 * HOUR, to: BRIEF_TO, hours: [], total, gaps },
    owed: 0,
    dead: 0,
    ruleName: (id) => RULE_NAMES[id] ?? id,
    id: "7M2QK9TX",
    mayRepeat: false,
    ...others,
  })
}

const badDay: CoverageCounts = {
  ...calmDay,
  listed: 219,
  checked: 212,
  waiting: 1,
  unexamined: 4,
  deleted: 2,
  unreadable: 1,
  missing: 3,
  alerts: 9,
  alertsByRule: { "angry-caller": 2, transferred: 4, "low-score": 5 },
}

const unread = { from: BRIEF_TO - 5 * HOUR + 10 * MINUTE, to: BRIEF_TO - 5 * HOUR + 27 * MINUTE } as const

export const BULLETIN_SAMPLES: readonly BulletinSample[] = [
  { kind: "Digest", sentAt: AT, bulletin: stormDigest },
  { kind: "Channel in trouble", sentAt: AT, bulletin: () => troubleBulletin(trouble) },
  {
    kind: "Channel mended",
    sentAt: AT,
    bulletin: () => troubleBulletin({ ...trouble, kind: "over", at: AT + 48 * MINUTE, why: "" }),
  },
  {
    kind: "Daily brief",
    sentAt: BRIEF_TO + HOUR,
    bulletin: () => brief(calmDay, { gaps: [] }),
  },
  {
    kind: "Brief of a bad day",
    sentAt: BRIEF_TO + HOUR,
    bulletin: () => {
      return brief(badDay, { owed: 2, dead: 1, mayRepeat: true, gaps: [{ ...unread, kind: "unread" }] })
    },
  },
]
