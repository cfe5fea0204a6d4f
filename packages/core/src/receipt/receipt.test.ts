/** The receipt: it may say less than was done, and never more. */
import { expect, test } from "vitest"
import { HOUR, MINUTE } from "../instant.ts"
import { FIRST_CONTROL } from "../turn/control.ts"
import { callKey } from "../watch/call-key.ts"
import { EMPTY_WATCH, type WatchedCall } from "../watch/watch.ts"
import { type HourCoverage, NO_COVERAGE, changesOf, hourOfCall } from "./hour.ts"
import { type ReceiptFacts, receiptOf, receiptText } from "./receipt.ts"

const FROM = Date.UTC(2026, 0, 5, 8)

const NOW = FROM + 2 * HOUR

const keys = ["a", "b", "c", "d"].map((id) => callKey(id))
const [a = callKey("a"), b = callKey("b"), c = callKey("c"), d = callKey("d")] = keys

const OPEN: NonNullable<WatchedCall["open"]> = {
  id: "a",
  firstSeenAt: FROM,
  heldMs: 0,
  endedAt: null,
  wantsDetail: false,
  isAnalysed: false,
  scoredAt: null,
  looks: 0,
  nextLookAt: 0,
  settlesAt: null,
  isKept: false,
  isAlerted: false,
}

const watched = (key: typeof a, open: WatchedCall["open"]): WatchedCall => {
  return { key, startedAt: FROM + MINUTE, fingerprint: "", open }
}

function facts(hour: Partial<HourCoverage>, more: Partial<ReceiptFacts> = {}): ReceiptFacts {
  const control = { ...FIRST_CONTROL, completedAt: NOW - 20_000, polledAt: NOW, nextPollAt: NOW + 19_000 }
  const hours = new Map([[FROM, { ...NO_COVERAGE, ...hour }]])
  return { stored: { since: FROM - HOUR, hours, gaps: [] }, control, watch: EMPTY_WATCH, ...more }
}

const SPAN = { from: FROM, to: NOW }

test("every listed call is in one state, and what says less of it stands", () => {
  const noted = {
    checked: new Set([a, b, c]),
    unexamined: new Set([b]),
    deleted: new Set([c, d]),
    alerts: new Set([`${a} low-score`, `${a} angry-caller`]),
  }
  const watch = { ...EMPTY_WATCH, calls: new Map([[a, watched(a, OPEN)]]) }
  const { total, hours } = receiptOf(facts(noted, { watch }), SPAN, NOW)
  expect(total).toMatchObject({
    listed: 4,
    checked: 1,
    unexamined: 1,
    deleted: 1,
    waiting: 1,
    alerts: 1,
    alertsByRule: { "low-score": 1, "angry-caller": 1 },
  })
  expect(hours.map(({ hour }) => hour)).toEqual([FROM, FROM + HOUR])
})

test("a call that the watch has closed and nobody has noted is listed, and not checked", () => {
  const watch = { ...EMPTY_WATCH, calls: new Map([[a, watched(a, null)]]) }
  expect(receiptOf(facts({}, { watch }), SPAN, NOW).total).toMatchObject({
    listed: 1,
    checked: 0,
    waiting: 1,
  })
})

test("silence is said in one sentence, and what is wrong after it", () => {
  const checked = new Set<string>([a, b])
  expect(receiptText(receiptOf(facts({ checked }), SPAN, NOW))).toBe(
    "2 of 2 calls checked, no alerts, nothing waiting.",
  )
  const totals = new Set(["2", "5"])
  const unreadable = new Set(["1", "3"])
  expect(receiptText(receiptOf(facts({ checked, totals, unreadable }), SPAN, NOW))).toBe(
    "2 of 2 calls checked, no alerts, nothing waiting, 3 unreadable, echowin counts 3 more.",
  )
})

test("a smaller total of the vendor's proves nothing", () => {
  const { total } = receiptOf(facts({ checked: new Set([a, b]), totals: new Set(["1"]) }), SPAN, NOW)
  expect(total.missing).toBe(0)
})

test("gaps: before receipts were kept, where no poll completed, since the last that did, and what is read late", () => {
  const stored = {
    since: FROM + 10 * MINUTE,
    hours: new Map(),
    gaps: [
      { from: FROM + 20 * MINUTE, to: FROM + 25 * MINUTE },
      { from: FROM + 22 * MINUTE, to: FROM + 30 * MINUTE },
    ],
  }
  const control = { ...FIRST_CONTROL, completedAt: NOW - 10 * MINUTE, resumeAt: FROM - HOUR }
  const { gaps, hours } = receiptOf({ stored, control, watch: EMPTY_WATCH }, SPAN, NOW)
  expect(gaps.filter(({ kind }) => kind === "unknown")).toEqual([
    { kind: "unknown", from: FROM, to: FROM + 10 * MINUTE },
  ])
  expect(gaps.filter(({ kind }) => kind === "unread")).toEqual([
    { kind: "unread", from: FROM + 20 * MINUTE, to: FROM + 30 * MINUTE },
    { kind: "unread", from: NOW - 10 * MINUTE, to: NOW },
  ])
  expect(gaps.filter(({ kind }) => kind === "behind")).toEqual([{ kind: "behind", from: FROM, to: NOW }])
  expect(hours[1]?.gaps.map(({ kind }) => kind)).toEqual(["behind", "unread"])
})

test("where nothing was ever noted, nothing is known", () => {
  const stored = { since: null, hours: new Map(), gaps: [] }
  const receipt = receiptOf({ stored, control: null, watch: EMPTY_WATCH }, SPAN, NOW)
  expect(receiptText(receipt)).toContain("0 of 0 calls checked")
  expect(receiptText(receipt)).toContain("nothing is known of 2 h")
})

test("an open call's alert is noted, and stale notes take nothing out", () => {
  const note = { key: a, startedAt: FROM, ruleIds: ["low-score"] }
  const open = changesOf([{ ...note, state: "open" }], { isStale: false }, NOW)
  expect(open.get(FROM)).toEqual({ add: { alerts: [`${a} low-score`] }, remove: {} })
  const stale = changesOf([{ ...note, state: "checked" }], { isStale: true }, NOW)
  expect(stale.get(FROM)?.remove).toEqual({})
  const own = changesOf([{ ...note, state: "checked" }], { isStale: false }, NOW)
  expect(own.get(FROM)?.remove).toEqual({ unexamined: [a], deleted: [a] })
})

test("a call that cannot have started then is in no hour", () => {
  expect(hourOfCall(0, NOW)).toBeNull()
  expect(hourOfCall(NOW + 48 * HOUR, NOW)).toBeNull()
  expect(hourOfCall(FROM + 59 * MINUTE, NOW)).toBe(FROM)
})
