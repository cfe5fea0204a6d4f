/**
 * The e-mail channel of a simulation: by default as simple as can be, because the AWS SDK takes longer than a poll; or
 * the real one, through the SDK, with an SNS behind it that takes everything.
 */
import type { SendResult } from "@earshot/core/alert/delivery"
import { emailOf } from "@earshot/core/message/email"
import type { Message } from "@earshot/core/message/message"
import { type Channel, SEND_TIMEOUT_MS } from "@earshot/io/channel/channel"
import { createEmailChannel, createSnsClient } from "@earshot/io/channel/email"
import { type World, withinTime } from "@earshot/io/world"
import type { Fault } from "../time/fault.ts"
import { PRIVACY } from "../truth/secret.ts"
import type { Listener } from "./listener.ts"
import { type Network, type Process, type Send, reach, reasonsIn } from "./process.ts"

const LOST: SendResult = { kind: "retry", why: "the answer was lost", mayHaveArrived: true }

const REPEAT = "may be a repeat"

export function createSimulatedEmail(
  world: World,
  network: Network,
  process: Process,
  listener: Listener,
): Channel {
  return {
    id: "email",
    privacy: PRIVACY.email,
    paceMs: 1000,
    send: async (message: Message) => {
      const { subject, body, attributes } = emailOf(message)
      const told = { callId: attributes.callId, subject, body }
      const result = await withinTime(world, SEND_TIMEOUT_MS, () =>
        tell<SendResult>(
          network,
          process,
          listener,
          told,
          () => ({ kind: "sent" }),
          () => LOST,
        ),
      )
      return result === "timeout" ? LOST : result
    },
  }
}

/** The channel that ships. What the SDK does between its requests takes no virtual time. */
export function createSimulatedSns(world: World, { timeline }: Network, process: Process): Channel {
  const credentials = { accessKeyId: "simulated", secretAccessKey: "simulated" }
  const client = createSnsClient(world, { region: "us-east-1", credentials })
  const topicArn = "arn:aws:sns:us-east-1:000000000000:simulated"
  const channel = createEmailChannel(client, { topicArn, privacy: PRIVACY.email })
  return {
    ...channel,
    send: async (message, ended) => {
      const holder = timeline.holder()
      process.holder = holder
      holder.hold()
      try {
        return await channel.send(message, ended)
      } finally {
        process.holder = null
        holder.release()
      }
    },
  }
}

export const SNS_HOST = "https://sns.us-east-1.amazonaws.com/"

const TAKEN = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`

/** One request of the SDK, which has to say what a person would be sent. */
export async function tellSns(
  network: Network,
  process: Process,
  listener: Listener,
  body: string,
): Promise<Response> {
  const form = new URLSearchParams(body)
  let callId = ""
  for (let entry = 1; form.has(`MessageAttributes.entry.${entry}.Name`); entry++) {
    if (form.get(`MessageAttributes.entry.${entry}.Name`) === "callId")
      callId = form.get(`MessageAttributes.entry.${entry}.Value.StringValue`) ?? ""
  }
  const told = { callId, subject: form.get("Subject") ?? "", body: form.get("Message") ?? "" }
  const { holder } = process
  holder?.release()
  const answer = () => new Response(TAKEN, { headers: { "content-type": "text/xml" } })
  try {
    return await tell(network, process, listener, told, answer, troubleOf)
  } finally {
    // Nobody waits any more for an answer that comes after its time, and nothing may stand still for it.
    if (process.holder === holder) holder?.hold()
  }
}

function tell<T>(
  network: Network,
  process: Process,
  listener: Listener,
  { callId, subject, body }: { callId: string; subject: string; body: string },
  answer: () => T,
  troubled: (fault: Fault) => T | undefined,
): Promise<T> {
  const send: Send = { callId, channel: "email", reasons: reasonsIn(body), isUnknown: false }
  const mayRepeat = body.includes(REPEAT)
  listener.sent(send, process)
  listener.wrote(`${subject}\n${body}`, "email")
  const to = { party: "email", process } as const
  const effect = () => {
    listener.told({ callId, channel: "email", mayRepeat })
    return answer()
  }
  return reach(network, to, network.draw(to), effect, troubled)
}

function troubleOf(fault: Fault): Response | undefined {
  const failure = (status: number, code: string) =>
    new Response(
      `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>m</Message></Error></ErrorResponse>`,
      { status, headers: { "content-type": "text/xml" } },
    )
  if (fault.kind === "busy") return failure(429, "Throttling")
  return fault.kind === "failed" ? failure(503, "InternalFailure") : undefined
}
