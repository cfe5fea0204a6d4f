/**
 * The e-mail channel of a simulation: as simple as can be, because the AWS SDK takes longer than a poll. `sns-channel.ts`
 * is the one that ships.
 */
import type { SendResult } from "@earshot/core/alert/delivery"
import { emailOf } from "@earshot/core/message/email"
import { type Channel, SEND_TIMEOUT_MS } from "@earshot/io/channel/channel"
import { type World, withinTime } from "@earshot/io/world"
import type { RequestFault } from "../time/fault.ts"
import { PRIVACY } from "../truth/secret.ts"
import type { Line } from "./listener.ts"
import { type Send, isMarked, reach, reasonsIn } from "./process.ts"

const SENT: SendResult = { kind: "sent" }

const LOST: SendResult = { kind: "retry", why: "the answer was lost", mayHaveArrived: true }

export function createProcessEmail(world: World, line: Line): Channel {
  return {
    id: "email",
    privacy: PRIVACY.email,
    paceMs: 1000,
    async send(message) {
      const { subject, body, attributes } = emailOf(message)
      const mail = { callId: attributes.callId, subject, body }
      const result = await withinTime(world, SEND_TIMEOUT_MS, () =>
        postEmail<SendResult>(
          line,
          mail,
          () => SENT,
          () => LOST,
        ),
      )
      return result === "timeout" ? LOST : result
    },
  }
}

type OutgoingMail = { callId: string; subject: string; body: string }

/** Sends a mail on its way: `answer` is what the sender hears of it, `troubled` if something goes wrong. */
export function postEmail<T>(
  { network, process, listener }: Line,
  { callId, subject, body }: OutgoingMail,
  answer: () => T,
  troubled: (fault: RequestFault) => T | undefined,
): Promise<T> {
  const send: Send = { callId, channel: "email", reasons: reasonsIn(body), isUnknown: false }
  const mayRepeat = isMarked(body)
  listener.sent(send, process)
  listener.wrote(`${subject}\n${body}\n${callId}`, "email")
  const to = { party: "email", process } as const
  const effect = () => {
    listener.arrived({ callId, channel: "email", reasons: send.reasons, mayRepeat })
    return answer()
  }
  return reach(network, to, network.draw(to), effect, troubled)
}
