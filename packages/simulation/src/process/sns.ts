/** SNS as one process of a simulation reaches it through the AWS SDK. It takes everything. */
import type { RequestFault } from "../time/fault.ts"
import { postEmail } from "./email.ts"
import type { Line } from "./listener.ts"

export const SNS_HOST = "https://sns.us-east-1.amazonaws.com/"

const TAKEN = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`

/** One request of the SDK; its form holds the mail that people will read. */
export async function publishToSns(line: Line, body: string): Promise<Response> {
  const form = new URLSearchParams(body)
  let callId = ""
  for (let entry = 1; form.has(`MessageAttributes.entry.${entry}.Name`); entry++) {
    if (form.get(`MessageAttributes.entry.${entry}.Name`) === "callId")
      callId = form.get(`MessageAttributes.entry.${entry}.Value.StringValue`) ?? ""
  }
  const mail = {
    channel: "email",
    callId,
    subject: form.get("Subject") ?? "",
    body: form.get("Message") ?? "",
  }
  const { holder } = line.process
  holder?.release()
  const answer = () => new Response(TAKEN, { headers: { "content-type": "text/xml" } })
  try {
    return await postEmail(line, mail, answer, snsTrouble)
  } finally {
    // An answer that comes too late finds another holder or none: time must not stand still for it.
    if (line.process.holder === holder) holder?.hold()
  }
}

function snsTrouble(fault: RequestFault): Response | undefined {
  const failure = (status: number, code: string) =>
    new Response(
      `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>m</Message></Error></ErrorResponse>`,
      { status, headers: { "content-type": "text/xml" } },
    )
  if (fault.kind === "refused") return failure(404, "NotFound")
  if (fault.kind === "busy" || fault.kind === "throttled") return failure(429, "Throttling")
  return fault.kind === "failed" ? failure(503, "InternalFailure") : undefined
}
