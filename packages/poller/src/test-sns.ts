/** For tests: SNS as the SDK speaks to it, which keeps what it is sent, or fails. */
import { Hono } from "hono"

export type Sent = { subject: string; body: string; attributes: Record<string, string> }

/** `state.snsStatus`: it answers this status instead of taking the message; 0: it takes it. */
export function createTestSns(state: { snsStatus: number }, mails: Sent[]): Hono {
  const sns = new Hono()
  sns.post("/", async (context) => {
    if (state.snsStatus !== 0)
      return context.text(snsError(state.snsStatus), 500, { "content-type": "text/xml" })
    const form = new URLSearchParams(await context.req.text())
    mails.push({
      subject: form.get("Subject") ?? "",
      body: form.get("Message") ?? "",
      attributes: Object.fromEntries(
        [1, 2, 3].map((entry) => [
          form.get(`MessageAttributes.entry.${entry}.Name`) ?? "",
          form.get(`MessageAttributes.entry.${entry}.Value.StringValue`) ?? "",
        ]),
      ),
    })
    return context.text(SNS_ANSWER, 200, { "content-type": "text/xml" })
  })
  return sns
}

const SNS_ANSWER =
  '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m</MessageId></PublishResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>'

function snsError(status: number): string {
  return `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>${status}</Message></Error><RequestId>r</RequestId></ErrorResponse>`
}
