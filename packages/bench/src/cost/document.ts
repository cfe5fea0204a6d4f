/** The page `docs/costs.md`, from what was measured, what is assumed, and AWS's prices. Pure. */
import { ASSUMED, HOURS_A_MONTH, type Quantities, dollarsOf, monthOf } from "./bill.ts"
import { FREE, PRICES, PRICES_READ, type Priced } from "./price.ts"
import type { Consumption } from "./usage.ts"

const KINDS = Object.keys(PRICES).filter((kind): kind is Priced => kind in PRICES)

export function costDocument(usages: readonly Consumption[]): string {
  const months = usages.map(monthOf)
  return [
    "# Costs",
    "",
    "What AWS bills for a month of Earshot, in US dollars, in us-east-1. `npm run -s costs > docs/costs.md` computes this page: the figures are",
    `measured on the poller that ships (\`npm run costs -- --measure\` measures again), times ${HOURS_A_MONTH} hours, times AWS's prices as they were read on ${PRICES_READ}.`,
    "Nothing of it has been seen on a bill. What echowin and Slack ask is not in it.",
    "",
    "## A month",
    "",
    row(["", ...usages.map(({ ratePerHour }) => `${ratePerHour} calls an hour`)]),
    rule(usages.length),
    row([
      "**What is billed**, if Earshot is alone in the account",
      ...months.map((month) => total(month, true)),
    ]),
    row(["The same before what AWS gives every account", ...months.map((month) => total(month, false))]),
    row([
      "alerts raised, each told in Slack and by e-mail",
      ...usages.map((one) => amount((one.alerts / one.hours) * HOURS_A_MONTH)),
    ]),
    ...KINDS.map((kind) => row([PRICES[kind].unit, ...months.map((month) => cell(month, kind))])),
    "",
    `In brackets: the dollars before what AWS gives every account. Of the emulated company's calls ${alertShare(usages)} in a hundred raise an alert, more than of most.`,
    "",
    "## Prices",
    "",
    row(["what", "price", "free each month", "read at"]),
    rule(3),
    ...KINDS.map(priceRow),
    "",
    "¹ The number was not read at AWS's own page, or only what is free: compare it before you rely on it. DynamoDB's point-in-time recovery is billed by the GB-month as well; no price was found",
    "that could be trusted, and the table holds less than a GB. Other regions ask up to a quarter more.",
    "",
    "## Assumed",
    "",
    "What cannot be measured without an account, on the high side:",
    "",
    `- A run takes ${ASSUMED.runMs} ms of its own, a request to echowin ${ASSUMED.vendorMs} ms, one to DynamoDB ${ASSUMED.tableMs} ms, a message ${ASSUMED.messageMs} ms, one after the other; a poll waits ${ASSUMED.waitOfPollMs} ms for its time. The functions have ${ASSUMED.memoryGb * 1024} MB.`,
    `- A monitor asks \`/health\` once a minute; the API is asked ${ASSUMED.apiRequestsAnHour} times an hour in all, for ${ASSUMED.apiMs} ms each.`,
    `- Lambda asks the tick queue in five places for 20 s each, which is billed as requests: ${ASSUMED.queueRequestsAnHour} an hour with the regular ticks.`,
    `- ${ASSUMED.addresses} people get alerts by e-mail. Lambda writes ${ASSUMED.logBytesOfRun} bytes about each run.`,
    `- There are ${ASSUMED.alarms} alarms and ${ASSUMED.metrics} metrics; a call's record has ${ASSUMED.recordKb} KB with its indexes, and is kept for ${ASSUMED.recordDays} days.`,
    "",
  ].join("\n")
}

const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`

const rule = (columns: number) => `|---|${"---|".repeat(columns)}`

function total(month: Quantities, isFree: boolean): string {
  const sum = KINDS.reduce((dollars, kind) => dollars + dollarsOf(month, kind, { isFree }), 0)
  return isFree ? `**${money(sum)}**` : money(sum)
}

function cell(month: Quantities, kind: Priced): string {
  return `${amount(month[kind])} (${money(dollarsOf(month, kind, { isFree: false }))})`
}

function priceRow(kind: Priced): string {
  const { dollars, per, unit, source, isOfAws } = PRICES[kind]
  const each = per === 1 ? "each" : `a ${per === 1_000_000 ? "million" : per.toLocaleString("en-US")}`
  const free = FREE[kind]
  return row([
    unit,
    `$${dollars} ${each}`,
    free === undefined ? "" : free.toLocaleString("en-US"),
    `<${source}>${isOfAws ? "" : " ¹"}`,
  ])
}

function alertShare(usages: readonly Consumption[]): number {
  const sum = (of: (one: Consumption) => number) => usages.reduce((total, one) => total + of(one), 0)
  return Math.round(
    (100 * sum(({ alerts }) => alerts)) / sum(({ ratePerHour, hours }) => ratePerHour * hours),
  )
}

const money = (dollars: number) => `$${dollars.toFixed(2)}`

/** Three digits are more than is known. */
function amount(count: number): string {
  if (count < 100) return String(Number(count.toPrecision(2)))
  return Number(count.toPrecision(3)).toLocaleString("en-US")
}
