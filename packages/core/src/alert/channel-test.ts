/**
 * A test message: somebody wants to see whether a channel works. It goes the way of every alert, from a record of its own that no
 * call is behind, and is tried once: a test that arrives hours later helps nobody.
 */
import { UNKNOWN_CALL } from "../call/unknown-call.ts"
import type { ChannelId } from "../channel/channel.ts"
import { type Instant, MINUTE, isoOf } from "../instant.ts"
import type { CallRecord } from "./call-record.ts"
import { type Claimed, type Delivery, type SendResult, owe } from "./delivery.ts"

/** No call of the vendor's has such an id. */
const PREFIX = "earshot-test-"

/** The record of a test of one channel. `mark` tells it from every other test. */
export function testRecord(channel: ChannelId, mark: string, now: Instant): CallRecord {
  const callId = `${PREFIX}${channel}-${mark}`
  return {
    callId,
    facts: {
      call: {
        ...NO_CALL,
        id: callId,
        createdAt: isoOf(now - MINUTE),
        endedAt: isoOf(now),
      },
      firstSeenAt: now,
      detailedAt: now,
      detailIsFinal: true,
      overAt: now,
    },
    verdicts: [],
    isOpen: false,
    alert: {
      raisedAt: now,
      reasons: [
        {
          ruleId: "test",
          version: 1,
          name: "TEST",
          severity: "info",
          because: [],
          becauseLeftOut: 0,
          at: now,
        },
      ],
    },
    deliveries: [owe(channel, 0, { dueAt: now, now })],
    isTest: true,
  }
}

const NO_CALL = { ...UNKNOWN_CALL, type: "INCOMING", status: "completed", duration: 60 }

/** What becomes of a test's delivery after its one attempt. */
export function settleTest(claimed: Claimed, result: SendResult, now: Instant): Delivery {
  const { claimedUntil: _until, ...base } = claimed
  if (result.kind === "sent") return { ...base, state: "sent", sentAt: now }
  return { ...base, state: "dead", deadAt: now, why: result.why }
}
