/** A topic that nobody hears is noticed within the hour, and asked no oftener, however many processes there are. */
import { NO_PACE } from "@earshot/core/alert/pace"
import { channelHealth } from "@earshot/core/turn/channel-state"
import { type SubscriptionCount, subscriptionFaults } from "@earshot/core/turn/subscription"
import { createEmailChannel, createSnsClient } from "@earshot/io/channel/email"
import { describe, expect, test } from "vitest"
import { createMemory } from "./memory/memory.ts"
import { checkSubscriptions } from "./subscription.ts"
import { type TestWorld, addressOf, createTestWorld } from "./test-world.ts"

const HOUR = 3_600_000

const check = ({ world, store, setup, memory }: TestWorld) => checkSubscriptions(world, store, setup, memory)

/** A world whose e-mail channel has these subscriptions, and how often it was asked for them. */
function createTopicWorld(count: () => SubscriptionCount): { test: TestWorld; asked: () => number } {
  const test = createTestWorld()
  let asked = 0
  const countSubscriptions = async () => {
    asked++
    return count()
  }
  test.setup.channels = test.setup.channels.map((channel) => {
    const { countSubscriptions: _count, ...bare } = channel
    return channel.id === "email" ? { ...bare, countSubscriptions } : bare
  })
  return { test, asked: () => asked }
}

async function healthOf({ store, world }: TestWorld) {
  const incidents = await store.readIncidents()
  const { state, why } = channelHealth(incidents, { id: "email", pace: NO_PACE, now: world.now() })
  return { state, why, faults: subscriptionFaults(incidents.subscriptions).length }
}

test("an address that has not confirmed is noticed, and that it has", async () => {
  let count = { confirmed: 2, pending: 1 }
  const { test: world } = createTopicWorld(() => count)
  await check(world)
  expect(await healthOf(world)).toEqual({
    state: "degraded",
    why: expect.stringMatching(/^1 of 3 subscriptions .* waits to be confirmed/),
    faults: 1,
  })
  count = { confirmed: 3, pending: 0 }
  world.advance(HOUR)
  await check(world)
  expect(await healthOf(world)).toEqual({ state: "ok", why: null, faults: 0 })
})

test("a topic that nobody was ever subscribed to is in order beside another channel, and one that lost all is not", async () => {
  let count = { confirmed: 0, pending: 0 }
  const { test: world } = createTopicWorld(() => count)
  await check(world)
  expect(await healthOf(world)).toMatchObject({ state: "ok", faults: 0 })
  for (const confirmed of [1, 0]) {
    count = { confirmed, pending: 0 }
    world.advance(HOUR)
    await check(world)
  }
  expect(await healthOf(world)).toMatchObject({ state: "degraded", faults: 1 })
})

test("one that nobody is subscribed to and that is all there is, is a fault at once", async () => {
  const { test: world } = createTopicWorld(() => ({ confirmed: 0, pending: 0 }))
  world.setup.channels = world.setup.channels.filter(({ id }) => id === "email")
  await check(world)
  expect(await healthOf(world)).toMatchObject({ state: "degraded", faults: 1 })
})

test("a topic is asked once an hour, by whichever process", async () => {
  const { test: world, asked } = createTopicWorld(() => ({ confirmed: 1, pending: 0 }))
  for (let process = 0; process < 5; process++) {
    world.memory = createMemory()
    await check(world)
    await check(world)
  }
  expect(asked()).toBe(1)
  world.advance(HOUR)
  await check(world)
  expect(asked()).toBe(2)
})

test("what SNS lists is counted over its pages, and a refusal is a line in the log", async () => {
  const test = createTestWorld()
  const arn = "arn:aws:sns:us-east-1:123456789012:alerts"
  const member = (text: string) => `<member><SubscriptionArn>${text}</SubscriptionArn></member>`
  const answers = [
    `<Subscriptions>${member("PendingConfirmation")}${member(`${arn}:1`)}</Subscriptions><NextToken>n</NextToken>`,
    `<Subscriptions>${member("Deleted")}${member(`${arn}:2`)}</Subscriptions>`,
  ]
  test.world.fetch = async (input) => {
    expect(addressOf(input)).toContain("sns.us-east-1")
    const result = answers.shift()
    if (result === undefined)
      return new Response("<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>", {
        status: 403,
      })
    const name = "ListSubscriptionsByTopic"
    return new Response(`<${name}Response><${name}Result>${result}</${name}Result></${name}Response>`)
  }
  const credentials = { accessKeyId: "test", secretAccessKey: "test" }
  const client = createSnsClient(test.world, { region: "us-east-1", credentials })
  test.setup.channels = [createEmailChannel(client, { topicArn: arn, privacy: "standard" })]
  await test.run(check(test))
  expect((await test.store.readIncidents()).subscriptions).toMatchObject({
    email: { confirmed: 2, pending: 1 },
  })
  test.advance(HOUR)
  await test.run(check(test))
  expect(test.logs).toMatchObject([{ event: "subscriptions.failed", channel: "email" }])
  expect((await test.store.readIncidents()).subscriptions).toMatchObject({ email: { pending: 1 } })
})

describe("what is wrong with a topic's subscriptions", () => {
  /** Polls and looks at the topic for so many hours, each time in another process. */
  async function hours(test: TestWorld, count: number): Promise<void> {
    for (let hour = 0; hour < count; hour++) {
      test.memory = createMemory()
      await check(test)
      await test.pollAfter(HOUR / 2)
      await test.pollAfter(HOUR / 2)
    }
  }
  const said = ({ slack }: TestWorld) =>
    slack.received.map(
      ({ payload }) => /"text":"([^"]*(?:gets|get) [^"]*)"/.exec(JSON.stringify(payload))?.[1],
    )

  test("is said in another channel by the next poll, once, and once more when it is over", async () => {
    let count = { confirmed: 2, pending: 1 }
    const { test } = createTopicWorld(() => count)
    await test.pollAfter(0)
    await check(test)
    expect(said(test)).toEqual([])
    await test.pollAfter(20_000)
    const first = /^Not everybody gets the messages of the channel email: 1 of 3 subscriptions .* confirmed/
    expect(said(test)).toEqual([expect.stringMatching(first)])
    await hours(test, 5)
    expect(said(test)).toHaveLength(1)
    count = { confirmed: 3, pending: 0 }
    await hours(test, 5)
    expect(said(test)).toEqual([
      expect.stringMatching(first),
      expect.stringMatching(/^Everybody who is subscribed to the channel email gets its messages/),
    ])
    expect(test.mails).toEqual([])
    expect((await test.store.readIncidents()).notices).toEqual([])
  })

  test("is said again if nobody is left, which is worse, and not if it merely gets better", async () => {
    let count = { confirmed: 1, pending: 1 }
    const { test } = createTopicWorld(() => count)
    await hours(test, 2)
    count = { confirmed: 0, pending: 0 }
    await hours(test, 2)
    expect(said(test)).toMatchObject(
      [/^Not everybody/, /^Nobody gets the messages of the channel email/].map((text) =>
        expect.stringMatching(text),
      ),
    )
    count = { confirmed: 0, pending: 2 }
    await hours(test, 2)
    expect(said(test)).toHaveLength(2)
  })

  test("is said nowhere, and not called over either, where there is no other channel", async () => {
    let count = { confirmed: 0, pending: 1 }
    const { test } = createTopicWorld(() => count)
    test.setup.channels = test.setup.channels.filter(({ id }) => id === "email")
    await hours(test, 2)
    count = { confirmed: 1, pending: 0 }
    await hours(test, 2)
    expect(test.mails).toEqual([])
    expect(test.logs).toEqual([])
  })
})
