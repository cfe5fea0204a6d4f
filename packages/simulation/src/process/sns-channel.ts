/**
 * The e-mail channel that ships, in a simulation: through the AWS SDK, to an SNS of the simulation's own. In a file by
 * itself, because loading the SDK takes longer than simulating an hour.
 */
import type { Channel } from "@earshot/io/channel/channel"
import { createEmailChannel, createSnsClient } from "@earshot/io/channel/email"
import type { World } from "@earshot/io/world"
import { PRIVACY } from "../truth/secret.ts"
import type { Line } from "./listener.ts"

/** What the SDK does between its requests takes no virtual time. */
export function createProcessSns(world: World, { network, process }: Line): Channel {
  const credentials = { accessKeyId: "simulated", secretAccessKey: "simulated" }
  const client = createSnsClient(world, { region: "us-east-1", credentials })
  const topicArn = "arn:aws:sns:us-east-1:000000000000:simulated"
  const channel = createEmailChannel(client, { topicArn, privacy: PRIVACY.email })
  const held = async <T>(send: () => Promise<T>): Promise<T> => {
    const holder = network.timeline.holder()
    process.holder = holder
    holder.hold()
    try {
      return await send()
    } finally {
      process.holder = null
      holder.release()
    }
  }
  const { sendBulletin } = channel
  return {
    ...channel,
    send: (message, ended, form) => held(() => channel.send(message, ended, form)),
    ...(sendBulletin && {
      sendBulletin: (bulletin, form) => held(() => sendBulletin(bulletin, form)),
    }),
  }
}
