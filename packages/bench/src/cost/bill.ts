/** From what was measured in some hours to what AWS bills for a month. Pure. What cannot be measured here is assumed, and said. */
import { FREE, PRICES, type Priced } from "./price.ts"
import type { Consumption } from "./usage.ts"

export const HOURS_A_MONTH = 730

/** What no measurement on this machine can tell, on the high side; the document repeats each. */
export const ASSUMED = {
  /** Of every run, whatever it does. */
  runMs: 20,
  vendorMs: 500,
  tableMs: 8,
  messageMs: 250,
  /** A trigger that comes a moment early waits. */
  waitOfPollMs: 500,
  pollsAnHour: 180,
  memoryGb: 0.5,
  /** A monitor that asks /health once a minute, and people. */
  apiRequestsAnHour: 65,
  apiMs: 60,
  /** Lambda asks the queue in five places for 20 s each, and each tick is sent, fetched and deleted. */
  queueRequestsAnHour: 60 * (1 + 5 * 3 + 5 + 5),
  addresses: 2,
  /** Lambda's own lines about a run. */
  logBytesOfRun: 700,
  alarms: 14,
  /** As if each of them said something in every hour. */
  metrics: 9,
  recordKb: 4,
  recordDays: 30,
} as const

export type Quantities = Record<Priced, number>

export function monthOf(usage: Consumption): Quantities {
  const perMonth = (count: number) => (count / usage.hours) * HOURS_A_MONTH
  const hourly = (count: number) => count * HOURS_A_MONTH
  const runMs =
    usage.triggers * ASSUMED.runMs +
    usage.vendorRequests * ASSUMED.vendorMs +
    usage.tableRequests * ASSUMED.tableMs +
    usage.messages * ASSUMED.messageMs +
    usage.sleepMs
  const waitMs = ASSUMED.pollsAnHour * ASSUMED.waitOfPollMs
  const apiMs = ASSUMED.apiRequestsAnHour * ASSUMED.apiMs
  const mails = usage.messages / 2
  const seconds = (perMonth(runMs) + hourly(waitMs + apiMs)) / 1000
  const calls = usage.ratePerHour * 24 * ASSUMED.recordDays
  return {
    lambdaRequest: perMonth(usage.triggers) + hourly(ASSUMED.apiRequestsAnHour),
    lambdaSecond: seconds * ASSUMED.memoryGb,
    tableWrite: perMonth(usage.writeUnits),
    tableRead: perMonth(usage.readUnits) + hourly(ASSUMED.apiRequestsAnHour) * 2,
    tableStorage: (calls * ASSUMED.recordKb) / 1_000_000,
    // Sent, fetched and deleted.
    queueRequest: hourly(ASSUMED.queueRequestsAnHour) + 3 * perMonth(usage.followUps),
    topicPublish: perMonth(mails),
    email: perMonth(mails) * ASSUMED.addresses,
    schedule: hourly(60),
    log: (perMonth(usage.logBytes) + perMonth(usage.triggers) * ASSUMED.logBytesOfRun) / 1_000_000_000,
    alarm: ASSUMED.alarms,
    metric: ASSUMED.metrics,
  }
}

/** `isFree`: what AWS gives every account is taken off first, as if Earshot were alone in it. */
export function dollarsOf(quantities: Quantities, kind: Priced, { isFree }: { isFree: boolean }): number {
  const { dollars, per } = PRICES[kind]
  const billed = Math.max(0, quantities[kind] - (isFree ? (FREE[kind] ?? 0) : 0))
  return (billed / per) * dollars
}
