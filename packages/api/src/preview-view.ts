/** What POST /rules/preview asks and answers: the sums of core's preview, and what they mean in words. */
import type { Preview } from "@earshot/core/preview/preview"
import { UNTOLD, type Untold } from "@earshot/core/preview/replay"
import { isoOf } from "@earshot/core/instant"
import { RuleId } from "@earshot/core/rule/rule"
import * as z from "zod"
import { WarningView } from "./rule-view.ts"

export const PREVIEW_DAYS_MAX = 30

const PREVIEW_DAYS = 7

const count = z.number().int().min(0)

const iso = z.iso.datetime()

/** `Rule`: what a rule is, as the route of rules takes it. */
export function previewBodyOf<Rule extends z.ZodType>(rule: Rule) {
  return z.strictObject({
    rule: rule.optional().describe("A rule as POST /rules takes it. Nothing is saved."),
    id: RuleId.optional().describe("A rule that is saved, instead of `rule`."),
    days: z
      .number()
      .int()
      .min(1)
      .max(PREVIEW_DAYS_MAX)
      .default(PREVIEW_DAYS)
      .describe("Over the calls of so many days."),
  })
}

const Change = z
  .object({
    version: z.number().int().describe("The version that is saved."),
    added: count.describe("Calls that the saved version did not match, and this one does."),
    removed: count.describe("Calls that the saved version matched, and this one does not."),
    addedIds: z.array(z.string()),
    removedIds: z.array(z.string()),
  })
  .describe("How it differs from the saved rule of this id. The first hundred ids of each.")

export const PreviewView = z.object({
  from: iso,
  to: iso,
  source: z
    .enum(["stored", "vendor"])
    .describe(
      "stored: the calls that were kept. vendor: what the list shows now, because none are kept yet.",
    ),
  calls: count,
  matches: count.describe("Calls that it would have alerted people to."),
  byDay: z.array(z.object({ day: z.iso.date(), calls: count, matches: count })),
  byReason: z.array(
    z.object({
      field: z.string(),
      operator: z.string(),
      operand: z.union([
        z.string(),
        z.number(),
        z.boolean(),
        z.array(z.union([z.string(), z.number(), z.boolean()])),
      ]),
      matches: count,
      example: z.string().describe("As a message would have said it of one of them."),
    }),
  ),
  samples: z
    .array(
      z.object({
        id: z.string(),
        startedAt: z.string().nullable(),
        at: iso.describe("When it would have matched, or by when."),
        agent: z.string().nullable(),
        because: z.array(z.string()),
      }),
    )
    .describe("The newest ten."),
  change: Change.nullable(),
  alreadyAlerted: count.describe("Of the matches, calls that other rules had alerted people to by then."),
  channels: z
    .array(z.object({ channel: z.string(), single: count, digested: count, held: count }))
    .describe(
      "How the alerts would have come, by the channels' settings of today: one by one, put together, or held by quiet hours.",
    ),
  untold: z
    .array(z.object({ why: z.enum(UNTOLD), calls: count, fields: z.array(z.string()), text: z.string() }))
    .describe("Calls of which nobody can tell whether it would have matched."),
  detailBudgets: z
    .array(z.object({ perHour: count, calls: count }))
    .describe("Of the calls without a detail: how many so many details an hour would have shown."),
  unreadable: count.describe("Records that are damaged."),
  truncated: z.boolean().describe("Not all calls could be read in time: what is counted is a part of them."),
  warnings: z.array(WarningView).describe("What is odd about the rule, as when it is saved."),
  notes: z.array(z.string()).describe("What to know when reading these numbers."),
})

export type PreviewView = z.infer<typeof PreviewView>

const UNTOLD_TEXT: Record<Untold, (fields: string) => string> = {
  "no-detail": (fields) => `No detail of the call was fetched, and only a detail has ${fields}.`,
  "not-looked-again": (fields) =>
    `The detail that was fetched did not have ${fields} yet, and nobody looked again.`,
  "still-open": (fields) => `The call is not decided yet: ${fields} may still come.`,
  "not-counted": () => "How often the caller had called was not counted then, because no rule asked.",
  "not-kept": () => "What was known of the call at some time is not kept.",
}

export type PreviewFrame = {
  from: number
  to: number
  source: PreviewView["source"]
  savedVersion: number | null
  unreadable: number
  isTruncated: boolean
  warnings: PreviewView["warnings"]
  notes: readonly string[]
}

export function previewView(preview: Preview, frame: PreviewFrame): PreviewView {
  const { withHindsight, samples, untold, change, ...sums } = preview
  const { savedVersion, isTruncated } = frame
  const notes = [...frame.notes]
  if (withHindsight > 0) {
    notes.push(
      `Of ${withHindsight} calls it is not kept when anything was learnt: they are judged by what is known of them now.`,
    )
  }
  const most = preview.detailBudgets.at(-1)
  if (most)
    notes.push(
      `With ${most.perHour} details an hour, all of the calls without a detail could have been judged.`,
    )
  if (isTruncated) notes.push("There are more calls than could be read in time: ask for fewer days.")
  return {
    ...sums,
    from: isoOf(frame.from),
    to: isoOf(frame.to),
    source: frame.source,
    samples: samples.map(({ callId, at, ...sample }) => ({ id: callId, ...sample, at: isoOf(at) })),
    change: change && savedVersion !== null ? { version: savedVersion, ...change } : null,
    untold: untold.map((one) => ({
      ...one,
      text: UNTOLD_TEXT[one.why](one.fields.join(", ") || "something"),
    })),
    unreadable: frame.unreadable,
    truncated: isTruncated,
    warnings: frame.warnings,
    notes,
  }
}
