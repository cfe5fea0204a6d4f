/**
 * What is set for a stage: `settings/<stage>.json`, which is committed, so that a deploy from any checkout is the same deploy; and
 * `.env.<stage>` or the shell, of which a variable wins. Secrets are in neither: `sst secret set` has them.
 */
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import * as z from "zod"

/** The variables of a deploy, as the functions would get them: text. */
export type Environment = Readonly<Record<string, string | undefined>>

const NOBODY = z.literal("none").describe("nobody, on purpose")

const emails = (who: string) =>
  z
    .union([z.array(z.string().meta({ format: "email" })).max(20), NOBODY])
    .optional()
    .describe(`${who}; "none" if nobody is to. A protected stage has to say either.`)

const privacy = z
  .enum(["minimal", "standard", "full"])
  .optional()
  .describe("How much the channel shows; standard unless set.")

/** How long a log may be kept: CloudWatch takes no other numbers of days. */
export const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const

/** Only the form: what a text must say, the functions' own parsers and the reader of addresses know. */
export const SettingsFile = z.strictObject({
  $schema: z.string().optional(),
  ALERT_EMAILS: emails("Who gets alerts by e-mail"),
  OPS_EMAILS: emails("Who gets the alarms"),
  CHANNEL_TOPIC_ARNS: z
    .array(z.string())
    .max(20)
    .optional()
    .describe("Other SNS topics that channels may send to."),
  ECHOWIN_BASE_URL: z.string().optional().describe("The Calls API; echowin's own unless set."),
  API_URL: z.string().optional().describe("Where people reach the HTTP API, if it has a name of your own."),
  CALL_URL_TEMPLATE: z
    .string()
    .optional()
    .describe("Where people find a call, with {id} once for the call's id."),
  POLL_INTERVAL_SECONDS: z
    .int()
    .min(0)
    .max(3600)
    .optional()
    .describe("The shortest time between two polls; 19 unless set."),
  FIRST_RUN_LOOKBACK: z
    .string()
    .optional()
    .describe("How long before the first poll a call may have started, in ISO 8601, such as PT2H."),
  LIST_REQUESTS_PER_HOUR: z.int().min(1).max(200).optional().describe("Earshot's share of echowin's limit."),
  DETAIL_REQUESTS_PER_HOUR: z.int().min(0).max(500).optional().describe("The same for details."),
  SLACK_PRIVACY: privacy,
  EMAIL_PRIVACY: privacy,
  RESERVED_CONCURRENCY: z
    .enum(["on", "off"])
    .optional()
    .describe("on: keeps room for the poller when requests flood the API; off unless set."),
  LOG_RETENTION_DAYS: z
    .union(LOG_RETENTION_DAYS.map((days) => z.literal(days)))
    .optional()
    .describe("How long the logs are kept; 14 unless set."),
})

export type SettingsFile = z.infer<typeof SettingsFile>

/** Every setting that a file may have. */
export const SETTING_NAMES = Object.keys(SettingsFile.shape).filter((name) => name !== "$schema")

/** Throws if the file of the stage is not as it must be, naming everything that is wrong. A stage needs no file. */
export function settingsOf(stage: string, variables: Environment, root: string): Environment {
  const file = path.join("settings", `${stage}.json`)
  const written = existsSync(path.join(root, file)) ? readSettings(root, file) : {}
  const chosen = SETTING_NAMES.flatMap((name) => {
    const variable = variables[name]?.trim()
    return variable ? [[name, variable] as const] : []
  })
  return { ...written, ...Object.fromEntries(chosen) }
}

function readSettings(root: string, file: string): Environment {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path.join(root, file), "utf8"))
  } catch (error) {
    const why = error instanceof Error ? error.message : "it cannot be read"
    throw new Error(`${file} is not JSON: ${why}`, { cause: error })
  }
  const parsed = SettingsFile.safeParse(content)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path: at, message }) =>
      at.length > 0 ? `${at.join(".")}: ${message}` : message,
    )
    throw new Error(
      [`${file} is wrong; settings/schema.json says what it may have:`, ...problems].join("\n  "),
    )
  }
  const { $schema: _, ...settings } = parsed.data
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [[name, textOf(value)]])),
  )
}

function textOf(value: string | number | readonly string[]): string {
  return typeof value === "object" ? value.join(",") : String(value)
}
