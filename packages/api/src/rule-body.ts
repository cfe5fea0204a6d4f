/** The bodies of requests that add or edit a rule: what they may say, and which version and which note they name. */
import { type Rule, RuleInput } from "@earshot/core/rule/rule"
import { readStrictJson } from "@earshot/core/strict-json"
import type { RuleEdit, Store } from "@earshot/io/store/store"
import type { Context } from "hono"
import * as z from "zod"
import { mergePatch } from "./merge-patch.ts"
import { channelErrors } from "./named-channel.ts"
import { type Problem, pointer, problem, problemErrors } from "./problem.ts"

const NOTE_MAX = 200

export const Note = z
  .string()
  .trim()
  .min(1)
  .max(NOTE_MAX)
  .meta({ pattern: "\\S" })
  .optional()
  .describe(
    "Why you make this edit; kept with the version. Or send it as the header X-Note, percent-encoded.",
  )

/** A rule as it was read may be sent back: what only Earshot writes is ignored. */
export const RuleBody = RuleInput.extend({
  version: z
    .int()
    .min(0)
    .optional()
    .describe(
      "The version that you edit, as you read it: the same as If-Match. Ignored when a rule is added.",
    ),
  note: Note,
  updatedAt: z.unknown().optional().describe("Ignored."),
  readable: z.unknown().optional().describe("Ignored."),
  warnings: z.unknown().optional().describe("Ignored."),
  sentence: z.unknown().optional().describe("Ignored."),
  held: z.unknown().optional().describe("Ignored."),
  precision: z.unknown().optional().describe("Ignored."),
  verdicts: z.unknown().optional().describe("Ignored."),
  snoozedUntil: z.unknown().optional().describe("Ignored; POST /rules/{id}/snooze snoozes a rule."),
})

type Body =
  | { ok: true; value: RuleInput; version: number | undefined; edit: RuleEdit }
  | { ok: false; problem: Problem }

/** `base`: the rule that the body is a merge patch of; null: the body says everything. */
export async function readRuleBody(context: Context, store: Store, base: Rule | null = null): Promise<Body> {
  const read = await readJson(context)
  if (!read.ok) return read
  const isPatch = base !== null
  if (isPatch && (typeof read.json !== "object" || read.json === null || Array.isArray(read.json))) {
    const errors = [{ path: "", message: "must be an object" }]
    return { ok: false, problem: problem(400, "The patch is invalid; nothing was saved.", errors) }
  }
  const json = isPatch ? mergePatch(writtenOf(base), read.json) : read.json
  const parsed = RuleBody.safeParse(json)
  const edit = editOf(context, parsed.data?.note)
  const errors = [
    ...(parsed.success ? [] : problemErrors(parsed.error)),
    ...(await channelErrors(store, json)),
    ...edit.errors,
  ]
  if (!parsed.success || errors.length > 0) {
    return { ok: false, problem: problem(400, "The rule is invalid; nothing was saved.", errors) }
  }
  const { version, note: _note, updatedAt: _at, readable: _is, warnings: _warnings, ...rest } = parsed.data
  const { held: _held, snoozedUntil: _snoozedUntil, sentence: _sentence, ...others } = rest
  const { precision: _precision, verdicts: _verdicts, ...value } = others
  return { ok: true, value, version, edit: edit.value }
}

/** What people wrote of a rule, without what only Earshot writes. */
export function writtenOf(rule: Rule): Record<string, unknown> {
  const { version: _version, updatedAt: _at, snoozedUntil: _until, isDeleted: _isDeleted, ...written } = rule
  return written
}

/** The body as JSON. The content type is not asked for: nothing else is ever meant, and `curl -d` names another. */
export async function readJson(
  context: Context,
): Promise<{ ok: true; json: unknown } | { ok: false; problem: Problem }> {
  const read = readStrictJson(await context.req.text())
  switch (read.kind) {
    case "not-json":
      return { ok: false, problem: problem(400, "The body is not JSON.") }
    case "ambiguous": {
      const lost = read.issues.map(({ path, message }) => ({ path: pointer(path), message }))
      return { ok: false, problem: problem(400, "Some of the body would be lost; nothing was saved.", lost) }
    }
    case "value":
      return { ok: true, json: read.value }
  }
}

/** Who makes this edit, by the name of their token, and what for. */
export function editOf(
  context: Context,
  note: string | undefined,
): { value: RuleEdit; errors: { path: string; message: string }[] } {
  const by = z.string().safeParse(context.get("tokenName")).data ?? null
  const header = note === undefined ? context.req.header("x-note")?.trim() : undefined
  if (header === undefined || header === "") return { value: { by, note: note ?? null }, errors: [] }
  const sent = decoded(header)
  const errors =
    sent.length > NOTE_MAX
      ? [{ path: "", message: `the header X-Note must have at most ${NOTE_MAX} characters` }]
      : []
  return { value: { by, note: sent }, errors }
}

function decoded(header: string): string {
  try {
    return decodeURIComponent(header)
  } catch {
    return header
  }
}
