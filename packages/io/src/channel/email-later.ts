/**
 * The e-mail channel of a deployment. What speaks to SNS is loaded by the first message, and not by every start: most polls send none.
 */
import { isOfDeployment } from "@earshot/core/channel/channel"
import type { World } from "../world.ts"
import type { Channel } from "./channel.ts"
import type { EmailSettings } from "./email.ts"
import { EMAIL_PACE_MS, regionOf } from "./topic.ts"

export function createEmailLater(
  world: World,
  config: EmailSettings & Pick<Channel, "id" | "privacy">,
): Channel & Required<Pick<Channel, "sendBulletin" | "countSubscriptions">> {
  const load = async () => {
    const { createEmailChannel, createSnsClient } = await import("./email.ts")
    return createEmailChannel(createSnsClient(world, regionSettings(config)), config)
  }
  let loaded: ReturnType<typeof load> | null = null
  const channel = () => (loaded ??= load())
  return {
    id: config.id,
    privacy: config.privacy,
    paceMs: EMAIL_PACE_MS,
    send: async (...message) => (await channel()).send(...message),
    sendBulletin: async (...bulletin) => (await channel()).sendBulletin(...bulletin),
    countSubscriptions: async () => (await channel()).countSubscriptions(),
  }
}

/** A topic that was added may be in another region than the deployment, whose own the SDK knows. */
function regionSettings({ id, topicArn }: EmailSettings & Pick<Channel, "id">): { region?: string } {
  const region = isOfDeployment(id) ? null : regionOf(topicArn)
  return region === null ? {} : { region }
}
