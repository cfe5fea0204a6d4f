/** A test message says at every privacy that it is one, and is tried once. */
import { expect, test } from "vitest"
import { Privacy } from "../channel/channel.ts"
import { emailOf } from "../message/email.ts"
import { composeMessage } from "../message/message.ts"
import { slackPayload } from "../message/slack.ts"
import { webhookPayload } from "../message/webhook.ts"
import { START } from "../test-example.ts"
import { CallRecord } from "./call-record.ts"
import { settleTest, testRecord } from "./channel-test.ts"
import { claim } from "./delivery.ts"

const record = testRecord("crm", "k3", START)

test.each(Privacy.options)("at the privacy %s every kind of channel says that it is a test", (privacy) => {
  const message = composeMessage(record, { privacy, mayRepeat: false, given: 0 })
  if (!message) throw new Error("There is no message.")
  expect(slackPayload(message, null).text).toMatch(/^TEST/)
  const mail = emailOf(message)
  expect(mail.subject).toContain("TEST")
  expect(mail.body).toContain("There is nothing to do")
  expect(webhookPayload(message, { ended: null, now: START })).toMatchObject({
    type: "earshot.test.v1",
    data: { title: expect.stringContaining("TEST"), endedAt: null },
  })
})

test("its record can be stored and read", () => {
  expect(CallRecord.parse(JSON.parse(JSON.stringify(record)))).toEqual(record)
})

test("its one attempt is the last, and what the channel said stays", () => {
  const [delivery] = record.deliveries
  const claimed = delivery && claim(delivery, START)
  if (!claimed) throw new Error("It is due.")
  expect(settleTest(claimed, { kind: "sent" }, START)).toMatchObject({ state: "sent", sentAt: START })
  for (const result of [
    { kind: "retry", why: "Slack failed (500)", mayHaveArrived: true } as const,
    { kind: "refused", why: "Slack failed (500)" } as const,
  ]) {
    expect(settleTest(claimed, result, START)).toMatchObject({ state: "dead", why: "Slack failed (500)" })
  }
})
