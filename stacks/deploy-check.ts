/**
 * Refuses at deploy time what a function would refuse at its first run, by the function's own parsers: a mistake shows in the terminal of the
 * person who made it, and not in a log at night.
 */
import { gateOf } from "../packages/core/src/turn/budget.ts"
import { isLoopback } from "../packages/io/src/variable.ts"
import {
  type ReadConfig,
  readApiConfig,
  readPollerConfig,
  valueOf,
} from "../packages/functions/src/config.ts"
import type { Environment } from "./settings-file.ts"

/** Stands for what the deploy itself gives the functions, and for secrets, which are looked at apart. */
const GIVEN_LATER = {
  TABLE_NAME: "earshot-deployed",
  ALERT_TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:deployed",
  ECHOWIN_API_KEY: "ew_deployed",
  API_TOKEN: "a-token-of-the-deploy",
}

/** Settings that are the address of something. */
const ADDRESSES = ["ECHOWIN_BASE_URL", "API_URL", "CALL_URL_TEMPLATE"]

/** What every stage must say that many people rely on. */
const RECIPIENTS = {
  ALERT_EMAILS: "who gets alerts by e-mail",
  OPS_EMAILS: "who gets the alarms",
}

/** Throws everything that is wrong with the settings of a deploy. `isLocal`: under `sst dev`, functions run on this machine. */
export function checkSettings(
  settings: Environment,
  { stage, isProtected, isLocal }: { stage: string; isProtected: boolean; isLocal: boolean },
): void {
  const problems = [
    ...(isProtected ? missingRecipients(settings, stage) : []),
    ...problemsOf({ ...settings, ...GIVEN_LATER }),
    ...(isLocal ? [] : ADDRESSES.flatMap((name) => loopbackProblem(name, settings[name]))),
  ]
  refuse(problems, stage)
}

/** The secrets of a deploy by the variables that they stand for. One that is not set is `none`. */
export type Secrets = Readonly<Record<string, { secret: string; value: string }>>

/** Throws what is wrong with the secrets, each by its name, and repeats none. */
export function checkSecrets(secrets: Secrets, stage: string): void {
  const given = Object.entries(secrets).map(([variable, { value }]) => [
    variable,
    value === "none" ? "" : value,
  ])
  const names = new Map(Object.entries(secrets).map(([variable, { secret }]) => [variable, secret]))
  const problems = problemsOf({ ...GIVEN_LATER, ...Object.fromEntries(given) }).map((problem) => {
    const [variable = ""] = problem.split(" ", 1)
    return problem.replace(variable, `the secret ${names.get(variable) ?? variable}`)
  })
  refuse(problems, stage)
}

/** How far apart polls are at least: what the alarms wait for. Throws if the settings are wrong. */
export function chosenGateMs(settings: Environment): number {
  const { intervalMs, listPerHour } = valueOf(readPollerConfig({ ...settings, ...GIVEN_LATER }))
  return gateOf(intervalMs, listPerHour)
}

function problemsOf(variables: Environment): string[] {
  const problems = (read: ReadConfig<unknown>) => (read.ok ? [] : read.problems)
  return [...new Set([...problems(readPollerConfig(variables)), ...problems(readApiConfig(variables))])]
}

function missingRecipients(settings: Environment, stage: string): string[] {
  return Object.entries(RECIPIENTS).flatMap(([name, who]) =>
    settings[name] === undefined
      ? [`${name} is missing: ${stage} has to say ${who}, or "none" (in settings/${stage}.json)`]
      : [],
  )
}

function loopbackProblem(name: string, value: string | undefined): string[] {
  const url = value !== undefined && URL.canParse(value) ? new URL(value) : null
  if (!url || !isLoopback(url.hostname)) return []
  return [`${name} is wrong: it names this machine, which a deployed function cannot reach`]
}

function refuse(problems: readonly string[], stage: string): void {
  if (problems.length === 0) return
  throw new Error([`The stage ${stage} is not deployed:`, ...problems].join("\n  "))
}
