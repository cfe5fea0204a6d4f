/**
 * What the person who deploys may choose, from the settings of the stage.
 *
 * Two kinds: what the deploy itself reads, such as lists of addresses, which become subscriptions; and variables that are handed on to the
 * functions as they are. Their defaults and checks have one home, the functions' own reader of the environment.
 */
import { type Environment, LOG_RETENTION_DAYS } from "./settings-file.ts"

/** RFC 5321 allows a path of 256 bytes, two of them the angle brackets around the address. */
const EMAIL_LENGTH_MAX = 254

/** More people than this are better served by one mailing list, which they can leave by themselves. */
const EMAILS_MAX = 20

/** Coarse on purpose: it finds what is not an address at all; whether it is theirs, the confirmation mail finds. */
const EMAIL = /^[^\s@<>()",;:\\[\]]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i

/** The addresses of a list separated by commas, each once; `none` is none, on purpose. Throws if any is wrong, naming every one that is. */
export function chosenEmails(environment: Environment, variable: "ALERT_EMAILS" | "OPS_EMAILS"): string[] {
  if (environment[variable]?.trim() === "none") return []
  const entries = (environment[variable] ?? "").split(",").map((entry) => entry.trim())
  const emails = [...new Map(entries.filter(Boolean).map((entry) => [entry.toLowerCase(), entry])).values()]

  const wrong = emails.filter((email) => email.length > EMAIL_LENGTH_MAX || !EMAIL.test(email))
  if (wrong.length > 0) {
    const list = wrong.map((entry) => JSON.stringify(entry)).join(", ")
    throw new Error(
      `${variable}: not an e-mail address: ${list}. ` +
        `Separate addresses by commas, for example ${variable}="anna@example.com, ben@example.com".`,
    )
  }
  if (emails.length > EMAILS_MAX) {
    throw new Error(`${variable}: ${emails.length} addresses, at most ${EMAILS_MAX}. Use a mailing list.`)
  }
  return emails
}

/** More topics than this are better served by one that passes messages on. */
const TOPICS_MAX = 20

const TOPIC = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/

/** The ARNs of a list separated by commas, each once. Throws if any is wrong. */
export function chosenTopics(environment: Environment, variable: "CHANNEL_TOPIC_ARNS"): string[] {
  const entries = (environment[variable] ?? "").split(",").map((entry) => entry.trim())
  const topics = [...new Set(entries.filter(Boolean))]
  const wrong = topics.filter((topic) => !TOPIC.test(topic))
  if (wrong.length > 0) {
    const list = wrong.map((entry) => JSON.stringify(entry)).join(", ")
    throw new Error(`${variable}: not the ARN of an SNS topic: ${list}. Separate them by commas.`)
  }
  if (topics.length > TOPICS_MAX) {
    throw new Error(`${variable}: ${topics.length} topics, at most ${TOPICS_MAX}.`)
  }
  return topics
}

/** The variables that were set, so that those that were not keep the functions' own defaults. */
export function chosenVariables(environment: Environment, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name]
      return value ? [[name, value]] : []
    }),
  )
}

/** Two weeks: long enough to look into last week's night, short enough to cost nothing. */
const RETENTION_DAYS = 14

/** For how many days logs are kept. Throws if CloudWatch takes no such number. */
export function chosenRetention({ LOG_RETENTION_DAYS: text }: Environment): number {
  if (!text) return RETENTION_DAYS
  const days = LOG_RETENTION_DAYS.find((known) => String(known) === text)
  if (days !== undefined) return days
  throw new Error(
    `LOG_RETENTION_DAYS is wrong: it must be one of ${LOG_RETENTION_DAYS.join(", ")} (example: ${RETENTION_DAYS})`,
  )
}
