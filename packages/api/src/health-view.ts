/** What `GET /health` answers: to those who have the token, and to everybody else. */
import * as z from "zod"

const Status = z.enum(["ok", "failing"])

/** What anybody may know. */
export const PublicHealth = z.strictObject({ status: Status })

export type PublicHealth = z.infer<typeof PublicHealth>

export const FaultView = z.object({
  kind: z
    .enum(["not-polled", "silent", "incomplete", "list", "channel", "dead", "subscription"])
    .describe(
      "not-polled: no poll has ever begun. silent: polls have stopped coming. incomplete: polls begin, and none completes its work. list: the list of calls cannot be read. channel: a channel takes no messages. dead: messages could not be sent within a day, and nobody has said to have seen that. subscription: people who are subscribed to a topic have not confirmed it, or nobody is.",
    ),
  since: z.iso.datetime().nullable().describe("Since when; null: it was never right."),
  detail: z.string().describe("One sentence for people."),
})

export const Health = z.object({
  status: Status,
  detail: z.string().describe("One sentence for people: the first of the faults, if there are any."),
  since: z.iso.datetime().nullable().describe("Since when it fails; null if it does not, or was never well."),
  faults: z.array(FaultView).describe("Everything that is wrong. Empty if the status is ok."),
  lastPollAt: z.iso.datetime().nullable().describe("When the newest poll started."),
  completedAt: z.iso
    .datetime()
    .nullable()
    .describe(
      "When a poll last completed: it listed what it set out to, judged and stored it, and handed on what was due. Noted by the start of the next poll.",
    ),
  watermark: z.iso
    .datetime()
    .nullable()
    .describe("Calls that started before are decided, or followed by their id."),
  behindFrom: z.iso
    .datetime()
    .nullable()
    .describe(
      "After an outage: the oldest start of a call that has still to be read. Null if the list is read up to the present.",
    ),
  failure: z
    .object({ kind: z.string(), message: z.string(), since: z.iso.datetime(), at: z.iso.datetime() })
    .nullable()
    .describe("Why the newest poll could not read the list."),
  pending: z.number().int().min(0).describe("Deliveries that are still owed."),
  dead: z
    .number()
    .int()
    .min(0)
    .describe(
      "Deliveries that were given up and that nobody has said to have seen; 20 of a channel at most are counted.",
    ),
  unreadable: z
    .array(z.string())
    .describe(
      "Stored rules, channels and calls that cannot be read and are left out; calls for a day after they were met.",
    ),
  watchRebuiltAt: z.iso
    .datetime()
    .nullable()
    .describe("When the poller's memory of open calls was last found damaged, and rebuilt from the list."),
  clockNotice: z
    .string()
    .nullable()
    .describe("How far echowin's times are off ours, if they are; calls are checked all the same."),
  scoreNotice: z
    .string()
    .nullable()
    .describe(
      "If this team's scores do not seem to go from 0 to 5, as documented: rules on them may mean something else.",
    ),
  unexamined: z
    .object({
      waiting: z
        .number()
        .int()
        .min(0)
        .describe("Calls that wait now: their rules have settled but for that detail."),
      closed: z
        .number()
        .int()
        .min(0)
        .describe(
          "Calls closed without it within the last day, each once; not those that were examined later.",
        ),
    })
    .describe("Calls that lack a detail which a rule needs, for want of requests."),
})

export type Health = z.infer<typeof Health>
