/**
 * Lists alerts, the newest first. The index knows only when they were raised, and everything else stands in their records: so what
 * an answer leaves out costs a read too, and each answer reads so many at most.
 */
import { alertState } from "@earshot/core/alert/acknowledgement"
import type { ALERT_STATES } from "@earshot/core/alert/acknowledgement"
import { severityOf } from "@earshot/core/alert/alert"
import type { CallRecord } from "@earshot/core/alert/call-record"
import { nextAttemptAt } from "@earshot/core/alert/delivery"
import type { Instant } from "@earshot/core/instant"
import type { Severity } from "@earshot/core/rule/rule"
import type { AlertedCall, Store } from "@earshot/io/store/store"
import * as z from "zod"
import { type AlertList, alertView } from "./alert-view.ts"

export const DELIVERY_STATES = ["owed", "sent", "dead"] as const

export type AlertFilter = {
  rule?: string | undefined
  severity?: Severity | undefined
  agent?: string | undefined
  channel?: string | undefined
  state?: (typeof ALERT_STATES)[number] | undefined
  delivery?: (typeof DELIVERY_STATES)[number] | undefined
}

export type AlertPage = { limit: number; after: AlertedCall | undefined; filter: AlertFilter }

/** One request of the table brings as many. */
const BATCH = 100

/** Records that are read for one answer: what is asked for may be rare. */
const READ_MAX = 500

const CursorText = z.tuple([z.number(), z.string()])

/** The place that a cursor leads to; null if it is none. */
export function alertPlaceIn(text: string): AlertedCall | null {
  try {
    const read = CursorText.safeParse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")))
    return read.success ? { raisedAt: read.data[0], callId: read.data[1] } : null
  } catch {
    return null
  }
}

function cursorOf({ raisedAt, callId }: AlertedCall): string {
  return Buffer.from(JSON.stringify([raisedAt, callId])).toString("base64url")
}

export async function listAlerts(
  store: Store,
  { from, to }: { from: Instant; to: Instant },
  { limit, after, filter }: AlertPage,
): Promise<z.infer<typeof AlertList>> {
  const alerts: z.infer<typeof AlertList>["alerts"] = []
  let last = after
  const max = Object.values(filter).some((wanted) => wanted !== undefined) ? BATCH : Math.min(limit, BATCH)
  for (let read = 0; read < READ_MAX; read += max) {
    const found = await store.alertedCalls({ from, to, max, ...(last && { after: last }) })
    const records = await store.readCalls(found.map(({ callId }) => callId))
    for (const place of found) {
      // What does not fit is what the next answer begins with.
      if (alerts.length === limit) return { alerts, next: last ? cursorOf(last) : null }
      const record = records.get(place.callId)?.value
      const view = record && isWanted(record, filter) ? alertView(record) : null
      if (view) alerts.push(view)
      last = place
    }
    if (found.length < max) return { alerts, next: null }
    if (alerts.length === limit) break
  }
  return { alerts, next: last ? cursorOf(last) : null }
}

/** Those of a digest, in the digest's order; null if there is no such digest. A cursor's time is a place in it. */
export async function listDigestAlerts(
  store: Store,
  id: string,
  { limit, after, filter }: AlertPage,
): Promise<z.infer<typeof AlertList> | null> {
  const digest = await store.readDigest(id.toUpperCase())
  if (!digest) return null
  const from = Math.max(0, after?.raisedAt ?? 0)
  const ids = digest.callIds.slice(from, from + limit)
  const records = await store.readCalls(ids)
  const alerts = ids.flatMap((callId) => {
    const record = records.get(callId)?.value
    return (record && isWanted(record, filter) && alertView(record)) || []
  })
  const to = from + ids.length
  const more = to < digest.callIds.length
  return { alerts, next: more ? cursorOf({ raisedAt: to, callId: digest.id }) : null }
}

function isWanted(record: CallRecord, { rule, severity, agent, state, ...sending }: AlertFilter): boolean {
  const { alert, facts } = record
  if (!alert) return false
  const { id = null, name = null } = facts.call.agent ?? {}
  return (
    (rule === undefined || alert.reasons.some(({ ruleId }) => ruleId === rule)) &&
    (severity === undefined || severityOf(alert) === severity) &&
    (agent === undefined || id === agent || name === agent) &&
    (state === undefined || alertState(record) === state) &&
    isSentAs(record, sending)
  )
}

/** Of one message: what is sent to one channel says nothing of another. */
function isSentAs(
  { deliveries }: CallRecord,
  { channel, delivery }: Pick<AlertFilter, "channel" | "delivery">,
): boolean {
  if (channel === undefined && delivery === undefined) return true
  return deliveries.some((one) => {
    const state = nextAttemptAt(one) === null ? one.state : "owed"
    return (
      (channel === undefined || one.channel === channel) && (delivery === undefined || state === delivery)
    )
  })
}
