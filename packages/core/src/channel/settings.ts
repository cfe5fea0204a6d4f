/**
 * A channel's settings, as people write them over HTTP and as they are stored: what it is called, what it takes, how much it
 * may show and where its messages go. Secrets are stored sealed, with a key that is not in the table; nobody reads them again
 * but the poller.
 */
import * as z from "zod"
import { CHANNEL_KINDS, ChannelId, DEPLOYMENT_KINDS, type DeploymentChannelId, Privacy } from "./channel.ts"
import { TIME_OF_DAY, isTimeZone } from "../wall-clock.ts"

const TimeZone = z.string().max(64).refine(isTimeZone, "must be an IANA time zone such as Europe/Berlin")

const TimeOfDay = z.string().regex(TIME_OF_DAY, "must be a time of day such as 22:00")

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const

const QuietHours = z
  .strictObject({
    from: TimeOfDay,
    until: TimeOfDay.describe("Of the next day if it is not after `from`."),
    days: z
      .array(z.enum(DAYS))
      .min(1)
      .max(DAYS.length)
      .default([...DAYS])
      .describe("The days on which they begin."),
  })
  .describe("When the channel wants to be left alone, in its time zone.")

const Brief = z
  .strictObject({ at: TimeOfDay })
  .describe("A message a day, at this time in its time zone: which calls were checked, and what was not.")
/** As people write them. What is stored may be older than this check: then it is not quiet. */
const EndingQuietHours = QuietHours.refine(
  ({ from, until, days }) => from !== until || new Set(days).size < DAYS.length,
  'never end: leave out a day, or set {"severityFrom": "critical"} or {"mode": "off"}',
)

/** What all kinds have in common. */
const COMMON = {
  name: z.string().trim().min(1).max(80).describe("What people call it."),
  mode: z.enum(["live", "off"]).default("live").describe("off: it is sent nothing."),
  privacy: Privacy.default("standard").describe("How much of a caller its messages show."),
  /** As a rule's severity. */
  severityFrom: z
    .enum(["info", "warning", "critical"])
    .default("info")
    .describe(
      "It takes alerts of this severity and worse. A rule that names the channel comes all the same.",
    ),
  agents: z
    .array(z.string().trim().min(1).max(200))
    .max(50)
    .default([])
    .describe("It takes the calls of these agents only, by id or name; of every agent if empty."),
  timeZone: TimeZone.default("UTC").describe("An IANA time zone."),
  quietHours: QuietHours.nullable().default(null),
  criticalPasses: z.boolean().default(true).describe("Whether critical alerts come in quiet hours too."),
  digestFrom: z
    .number()
    .int()
    .min(2)
    .max(1000)
    .default(5)
    .describe("More alerts than this at once become one message."),
  perHour: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(20)
    .describe("More alerts of one rule than this in an hour become one message."),
  brief: Brief.nullable().default(null),
}

/** Which fields of a kind's target are secrets: written, and never read again. */
export const SECRET_FIELDS = {
  slack: ["webhookUrl"],
  "slack-app": ["botToken"],
  sns: [],
  webhook: ["url", "signingSecret"],
} as const satisfies Record<(typeof CHANNEL_KINDS)[number], readonly string[]>

const secret = (text: z.ZodString, about: string) =>
  text.optional().describe(`${about} A secret: it is never shown again. Left out, the stored one stays.`)

const SigningSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, "must be whsec_ and 24 to 64 bytes in base64")

const TARGETS = {
  slack: z.strictObject({
    webhookUrl: secret(z.string().min(1).max(500), "The address of a Slack incoming webhook."),
  }),
  "slack-app": z.strictObject({
    botToken: secret(
      z
        .string()
        .max(255)
        .regex(/^xoxb-[\w-]+$|…$/, "must be a bot token, which begins with xoxb-"),
      "The bot token of a Slack app with the scope chat:write.",
    ),
    slackChannelId: z
      .string()
      .regex(/^[CDG][A-Z0-9]{5,20}$/, "must be the id of a Slack channel, such as C0123456789")
      .describe("The id of the Slack channel, which the app has to be a member of."),
  }),
  sns: z.strictObject({
    topicArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, "must be the ARN of an SNS topic")
      .describe("The deployment must let the poller publish to it: CHANNEL_TOPIC_ARNS."),
  }),
  webhook: z.strictObject({
    url: secret(z.string().min(1).max(2000), "An https address."),
    signingSecret: z
      .union([SigningSecret, z.string().endsWith("…")])
      .nullish()
      .describe("Left out, one is made and shown once. null: it is replaced by a new one."),
  }),
}

const inputOf = <Kind extends keyof typeof TARGETS>(kind: Kind) =>
  z.strictObject({
    id: ChannelId.optional().describe("Made from the name if left out."),
    kind: z.literal(kind),
    ...COMMON,
    quietHours: EndingQuietHours.nullable().default(null),
    target: TARGETS[kind],
  })

/** What people write. Secrets are missing where the stored ones stay. */
export const ChannelInput = z.discriminatedUnion("kind", [
  inputOf("slack"),
  inputOf("slack-app"),
  inputOf("sns"),
  inputOf("webhook"),
])

export type ChannelInput = z.infer<typeof ChannelInput>

/** What people may change of a channel whose address is the deployment's. */
export const DeploymentChannelInput = z.strictObject({
  id: ChannelId.optional(),
  kind: z.enum(CHANNEL_KINDS).optional(),
  ...COMMON,
  quietHours: EndingQuietHours.nullable().default(null),
})

/**
 * What is stored. `target.shown` has what may be read: open fields as they are, secret ones masked. `target.sealed` has the
 * secret ones, encrypted. Both are empty where the deployment says where messages go. A field that an older version did not
 * know has its default.
 */
export const ChannelSettings = z.object({
  id: ChannelId,
  kind: z.enum(CHANNEL_KINDS),
  ...COMMON,
  target: z
    .object({ shown: z.record(z.string(), z.string()), sealed: z.record(z.string(), z.string()) })
    .default({ shown: {}, sealed: {} }),
  /** Versions count from 1 and never restart. */
  version: z.number().int().min(1),
  /** ISO 8601; null for one of the deployment that was never edited. */
  updatedAt: z.string().nullable(),
  snoozedUntil: z
    .string()
    .nullable()
    .default(null)
    .describe(
      "Until then it is sent nothing, and what it is owed is held. ISO 8601; null: nobody has snoozed it.",
    ),
  /** A deleted channel leaves a mark without a target, so that versions keep counting. */
  isDeleted: z.boolean().default(false),
})

export type ChannelSettings = z.infer<typeof ChannelSettings>

/** A stored channel that cannot be read: it is damaged, or a newer version wrote it. `version` 0: not even that can be read. */
export type UnreadableChannel = { id: ChannelId; version: number; isReadable: false }

export type StoredChannel = ChannelSettings | UnreadableChannel

export function isReadableChannel(stored: StoredChannel): stored is ChannelSettings {
  return !("isReadable" in stored)
}

/** Each may take a second and a request at each poll, and nobody keeps more apart. */
export const CHANNELS_MAX = 50

/** The settings of a deployment's channel that nobody has edited. */
export function unedited(id: DeploymentChannelId, privacy: Privacy): ChannelSettings {
  const name = { slack: "Slack", email: "E-mail" }[id]
  return ChannelSettings.parse({
    id,
    kind: DEPLOYMENT_KINDS[id],
    name,
    privacy,
    version: 1,
    updatedAt: null,
  })
}
