/**
 * The e-mail channel of a simulation: as simple as can be, because the AWS SDK takes longer than a poll. `sns-channel.ts`
 * is the one that ships.
 */
import type { ChannelId } from "@earshot/core/channel/channel"
import type { SendResult } from "@earshot/core/alert/delivery"
import { emailBulletin } from "@earshot/core/message/bulletin"
import { type Email, emailOf } from "@earshot/core/message/email"
import { type Channel, SEND_TIMEOUT_MS } from "@earshot/io/channel/channel"
import { type World, withinTime } from "@earshot/io/world"
import type { RequestFault } from "../time/fault.ts"
import { PRIVACY } from "../truth/secret.ts"
import { type Line, hearing } from "./listener.ts"
import { reach } from "./process.ts"

const SENT: SendResult = { kind: "sent" }

const LOST: SendResult = { kind: "retry", why: "the answer was lost", mayHaveArrived: true }

export function createProcessEmail(
  world: World,
  line: Line,
  { id, privacy }: Pick<Channel, "id" | "privacy"> = { id: "email", privacy: PRIVACY.email },
): Channel {
  return {
    id,
    privacy,
    paceMs: 1000,
    send: (message) => mail(world, line, id, emailOf(message)),
    sendBulletin: (bulletin) => mail(world, line, id, emailBulletin(bulletin)),
  }
}

async function mail(
  world: World,
  line: Line,
  channel: ChannelId,
  { subject, body, attributes }: Email,
): Promise<SendResult> {
  const outgoing = { channel, callId: attributes.callId, subject, body }
  const result = await withinTime(world, SEND_TIMEOUT_MS, () =>
    postEmail<SendResult>(line, outgoing, () => SENT, resultOf),
  )
  return result === "timeout" ? LOST : result
}

function resultOf(fault: RequestFault): SendResult {
  if (fault.kind === "refused") return { kind: "refused", why: "the topic is gone" }
  if (fault.kind !== "throttled") return LOST
  return { kind: "retry", why: "it asks to wait", mayHaveArrived: false, afterMs: fault.forMs }
}

type OutgoingMail = { channel: ChannelId; callId: string; subject: string; body: string }

/** Sends a mail on its way: `answer` is what the sender hears of it, `troubled` if something goes wrong. */
export function postEmail<T>(
  line: Line,
  { channel, callId, subject, body }: OutgoingMail,
  answer: () => T,
  troubled: (fault: RequestFault) => T | undefined,
): Promise<T> {
  const { network, process, listener } = line
  const heard = hearing(line, { callId, channel, text: `${subject}\n${body}` })
  heard.sent()
  listener.showed(`${subject}\n${body}\n${callId}`, channel)
  const to = { party: "email", process, channel } as const
  const effect = () => {
    heard.arrived()
    return answer()
  }
  return reach(network, to, network.draw(to), effect, troubled)
}
