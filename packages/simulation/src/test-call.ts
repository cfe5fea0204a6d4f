/** For tests: a call of ten minutes that no rule matches, but for what a test changes. */
import { type Instant, MINUTE } from "@earshot/core/instant"
import { START } from "./scenario.ts"
import { RIGHT_VALUES, type SimulatedCall } from "./truth/call.ts"

export const END: Instant = START + 10 * MINUTE

const NEVER = Number.POSITIVE_INFINITY

export function testCall(
  changes: Partial<SimulatedCall>,
  look: Partial<SimulatedCall["look"]> = {},
): SimulatedCall {
  return {
    id: "call",
    createdAt: START,
    visibleAt: START,
    endedAt: END,
    seconds: 600,
    texts: { createdAt: "", endedAt: "" },
    summaryAt: END,
    scoreAt: END + MINUTE,
    score: 4,
    revisedAt: NEVER,
    revisedScore: 0,
    sentimentAt: END + MINUTE,
    angry: 0,
    transferredAt: NEVER,
    flaggedAt: NEVER,
    deletedAt: NEVER,
    row: {},
    rowUntil: 0,
    arrived: null,
    account: { isKept: false, raisedAt: NEVER, reasons: null, owed: new Set(), sent: {} },
    ...changes,
    look: {
      hidesEnd: false,
      hidesNulls: false,
      status: null,
      activity: null,
      hasZeroDuration: false,
      isUnreadable: false,
      isTypeset: false,
      number: null,
      isShortened: false,
      values: RIGHT_VALUES,
      ...look,
    },
  }
}
