/** A channel that people added opens with the key that sealed its secrets, and with no other; nothing says what they are. */
import { type ChannelKind, CHANNEL_KINDS } from "@earshot/core/channel/channel"
import { ChannelSettings, SECRET_FIELDS } from "@earshot/core/channel/settings"
import { describe, expect, test } from "vitest"
import type { World } from "../world.ts"
import { seal, unseal } from "./sealing.ts"
import { openChannel } from "./stored.ts"

const KEY = "0123456789abcdef".repeat(4)

const OTHER = "f".repeat(64)

const world: World = {
  fetch: async () => new Response("ok"),
  now: () => 0,
  sleep: async () => {},
  random: () => 0,
  log: () => {},
}

const connector = { resolve: async () => [], post: async () => ({ status: 200, retryAfter: null }) }

const TARGET: Record<string, string> = {
  webhookUrl: "https://hooks.slack.com/services/T0/B0/canary",
  botToken: "xoxb-canary",
  slackChannelId: "C0123456",
  topicArn: "arn:aws:sns:us-east-1:123456789012:other",
  url: "https://example.com/canary",
  signingSecret: "whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5",
}

const OPEN: Record<ChannelKind, readonly string[]> = {
  slack: [],
  "slack-app": ["slackChannelId"],
  sns: ["topicArn"],
  webhook: [],
}

function settingsOf(kind: ChannelKind, key = KEY): ChannelSettings {
  const id = `my-${kind}`
  const pick = (fields: readonly string[], of: (field: string) => string) =>
    Object.fromEntries(fields.map((field) => [field, of(field)]))
  const shown = pick(OPEN[kind], (field) => TARGET[field] ?? "")
  const sealed = pick(SECRET_FIELDS[kind], (field) => seal(key, { id, field }, TARGET[field] ?? ""))
  const more = { name: "Mine", privacy: "minimal", digestFrom: 7, version: 1, updatedAt: null }
  return ChannelSettings.parse({ id, kind, ...more, target: { shown, sealed } })
}

const open = (settings: ChannelSettings, key: string | null = KEY) =>
  openChannel(world, { key, connector }, settings)

describe.each(CHANNEL_KINDS)("a channel of the kind %s", (kind) => {
  test("opens with its settings", () => {
    const channel = { id: `my-${kind}`, name: "Mine", privacy: "minimal", digestFrom: 7, perHour: 20 }
    expect(open(settingsOf(kind))).toMatchObject({ ok: true, channel })
  })

  test("that lacks its target does not", () => {
    const target = { shown: {}, sealed: {} }
    expect(open({ ...settingsOf(kind), target })).toMatchObject({ ok: false })
  })

  test("is stored without its secrets, and what is wrong with it names none", () => {
    const texts = [JSON.stringify(settingsOf(kind))]
    for (const key of [null, OTHER]) texts.push(JSON.stringify(open(settingsOf(kind), key)))
    for (const field of SECRET_FIELDS[kind]) {
      for (const text of texts) expect(text).not.toContain(TARGET[field])
    }
  })
})

describe("a sealed secret", () => {
  const place = { id: "crm", field: "url" }
  const sealed = seal(KEY, place, "https://example.com/ä")

  test("is read with its key, in its place", () => {
    expect(unseal(KEY, place, sealed)).toEqual({ ok: true, secret: "https://example.com/ä" })
  })

  test("is another text each time, so that two alike do not show", () => {
    expect(seal(KEY, place, "same")).not.toBe(seal(KEY, place, "same"))
  })

  test.each([
    ["another key", OTHER, place, sealed, /another CHANNEL_SECRET_KEY/],
    ["no key", null, place, sealed, /CHANNEL_SECRET_KEY is not set/],
    ["another channel", KEY, { ...place, id: "other" }, sealed, /damaged/],
    ["another field", KEY, { ...place, field: "signingSecret" }, sealed, /damaged/],
    ["a changed end", KEY, place, `${sealed.slice(0, -4)}AAAA`, /damaged/],
    ["a missing end", KEY, place, sealed.slice(0, -8), /damaged/],
    ["nothing", KEY, place, "", /damaged/],
    ["a newer version", KEY, place, sealed.replace(/^1/, "2"), /newer version/],
  ] as const)("is not read with %s", (_, key, at, text, why) => {
    expect(unseal(key, at, text)).toEqual({ ok: false, why: expect.stringMatching(why) })
  })
})
