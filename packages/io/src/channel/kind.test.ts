/** Every kind of channel can be made from its configuration, under any id. */
import { CHANNEL_KINDS, type ChannelKind } from "@earshot/core/channel/channel"
import { expect, test } from "vitest"
import type { World } from "../world.ts"
import { regionOf } from "./topic.ts"
import { type ChannelConfig, createChannel } from "./kind.ts"

const world: World = {
  fetch: async () => new Response(""),
  now: () => 0,
  sleep: async () => {},
  random: () => 0,
  log: () => {},
}

/** A new kind is missing here until it has a configuration: the compiler says so. */
const CONFIGS: { [Kind in ChannelKind]: ChannelConfig<Kind> } = {
  slack: {
    kind: "slack",
    id: "ops",
    privacy: "full",
    webhookUrl: "https://hooks.slack.com/services/T0/B0/key",
  },
  "slack-app": {
    kind: "slack-app",
    id: "billing",
    privacy: "standard",
    botToken: "xoxb-1",
    slackChannelId: "C012345",
  },
  sns: { kind: "sns", id: "night-shift", privacy: "minimal", topicArn: "arn:aws:sns:us-east-1:1:t" },
  webhook: {
    kind: "webhook",
    id: "crm",
    privacy: "minimal",
    url: "https://example.com/hook",
    signingSecret: "whsec_c2VjcmV0",
  },
}

test.each(CHANNEL_KINDS)("%s takes its id and its privacy from its configuration, and has a pace", (kind) => {
  const { id, privacy } = CONFIGS[kind]
  const channel = createChannel(world, CONFIGS[kind])
  expect(channel).toMatchObject({ id, privacy })
  expect(channel.paceMs).toBeGreaterThan(0)
})

test("a topic says which region it is asked in", () => {
  expect(regionOf("arn:aws:sns:eu-west-3:123456789012:night-shift")).toBe("eu-west-3")
})
