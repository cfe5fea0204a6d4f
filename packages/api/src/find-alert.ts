/** Finds the record of an alert by what people have of it: its call's id, or the reference that a message or the list of alerts gave. */
import type { CallRecord } from "@earshot/core/alert/call-record"
import type { Store } from "@earshot/io/store/store"
import { type Problem, problem } from "./problem.ts"
import { callsReferredTo } from "./referred-call.ts"

type Found = { ok: true; record: CallRecord } | { ok: false; problem: Problem }

const NONE =
  "There is no alert of this id: that of its call, or the eight characters that a message or GET /alerts gives. Alerts are kept for 30 days."

export async function findAlert(store: Store, id: string): Promise<Found> {
  const own = (await store.readCall(id))?.value
  if (own?.alert && !own.isTest) return { ok: true, record: own }
  return oneOf(store, id, await callsReferredTo(store, id))
}

/** By what a signed link in a message has, which anybody may open: only by what was noted when the message was sent. */
export async function findReferred(store: Store, reference: string): Promise<Found> {
  return oneOf(store, reference, await store.referredCalls(reference.toUpperCase()))
}

async function oneOf(store: Store, reference: string, ids: readonly string[]): Promise<Found> {
  const stored = [...(await store.readCalls(ids)).values()].map(({ value }) => value)
  const [record, ...others] = stored.filter(({ alert, isTest }) => alert && !isTest)
  if (!record) return { ok: false, problem: problem(404, NONE) }
  if (others.length === 0) return { ok: true, record }
  const detail = `${others.length + 1} alerts have this reference: give the call's id. GET /calls/${reference} says which they are.`
  return { ok: false, problem: problem(409, detail) }
}
