/** The checks of `npm run doctor` on what is kept in the table: the table itself, the last complete reading, the channels, nudges. */
import {
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb"
import { durationText } from "@earshot/core/instant"
import { clockNoticeText } from "@earshot/core/list/vendor-clock"
import { type Control, FIRST_CONTROL } from "@earshot/core/turn/control"
import { NUDGE_SILENCE_MS, callsOver, nudgeSilence } from "@earshot/core/receipt/nudge-silence"
import { pollFaults } from "@earshot/core/turn/health"
import { channelFaults, recentFailures, unreadableItems } from "@earshot/core/turn/incident"
import { subscriptionFaults } from "@earshot/core/turn/subscription"
import type { Store } from "@earshot/io/store/store"
import { ALERT_INDEX, DUE_INDEX } from "@earshot/io/store/table"
import type { World } from "@earshot/io/world"
import { awsTrouble } from "./aws-trouble.ts"
import { type Seen, fine, skipped, wrongly } from "./observation.ts"

const ASKED = {
  service: "DynamoDB",
  right: "dynamodb:DescribeTable, GetItem and Query on the table",
  endpoint: "AWS_ENDPOINT_URL_DYNAMODB",
}

export async function lookAtTable(client: DynamoDBClient, tableName: string): Promise<Seen> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }))
    const indexes = new Map(
      (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName, IndexStatus }) => [IndexName, IndexStatus]),
    )
    const lacking = [DUE_INDEX, ALERT_INDEX].filter((name) => indexes.get(name) !== "ACTIVE")
    if (Table?.TableStatus !== "ACTIVE") {
      return wrongly(`${tableName} is not ready (${Table?.TableStatus}).`, "Try again in a minute.")
    }
    if (lacking.length > 0) {
      return wrongly(
        `${tableName} lacks its index ${lacking.join(" and ")}.`,
        "Deploy. If a deploy has just brought it, AWS fills it for some minutes: try again then.",
      )
    }
    return fine(`${tableName} is there, with its indexes.`)
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) return awsTrouble(error, ASKED)
    return wrongly(
      `There is no table ${tableName} in this account and region.`,
      'Check AWS_REGION. Deployed, "npx sst deploy" makes it; locally, "npm run poll -- --create-table".',
    )
  }
}

/** Why nothing kept could be read; the table's own check says what to do. */
export type Kept = { control: Control | null } | "unreadable"

export async function readKept(store: Store): Promise<Kept> {
  try {
    return { control: await store.readControl() }
  } catch {
    return "unreadable"
  }
}

export async function lookAtReading(world: World, kept: Kept, intervalMs: number): Promise<Seen[]> {
  if (kept === "unreadable") return [skipped("Not known: the table cannot be read.")]
  const { control } = kept
  const now = world.now()
  const faults = pollFaults(control, intervalMs, now)
  if (faults.length > 0 || !control)
    return faults.map(({ text, kind }) => wrongly(text, WHAT_TO_DO[kind] ?? SEE_LOG))
  const clock = control.clockNotice ? ` ${clockNoticeText(control.clockNotice)}` : ""
  const since = durationText(now - control.completedAt)
  return [fine(`A poll last completed ${since} ago; ${deliveriesText(control.pending)} pending.${clock}`)]
}

function deliveriesText(count: number): string {
  return count === 1 ? "1 delivery is" : `${count} deliveries are`
}

const SEE_LOG = "See the poller's log, and docs/operations.md for what its lines mean."

/** By the kind of a fault of the polls. */
const WHAT_TO_DO: Record<string, string> = {
  "not-polled":
    "Deployed, the first comes within two minutes; then see PollerSilent in docs/operations.md. Locally, run npm run poll.",
  silent: "Is the schedule enabled? See PollerSilent in docs/operations.md.",
}

/** `isSetUp`: the API takes nudges. Where it does not, polls do without. */
export async function lookAtNudges(world: World, store: Store, kept: Kept, isSetUp: boolean): Promise<Seen> {
  if (kept === "unreadable") return skipped("Not known: the table cannot be read.")
  if (!isSetUp) return fine("None are taken: NUDGE_SECRET is not set, and polls notice everything without.")
  const now = world.now()
  const { at } = (kept.control ?? FIRST_CONTROL).nudges
  const coverage = await store.readCoverage({ from: now - NUDGE_SILENCE_MS, to: now })
  const silence = nudgeSilence(at, callsOver(coverage), now)
  if (silence)
    return wrongly(silence, 'See "If it does not work" in docs/nudges.md: calls are noticed by the polls.')
  return fine(
    at === 0 ? "None has come yet." : `The last came ${durationText(Math.max(0, now - at))} ago, or since.`,
  )
}

/** What the poller has seen of the channels, which says more of them than anything that could be asked now. */
export async function lookAtChannels(world: World, store: Store, kept: Kept): Promise<Seen[]> {
  if (kept === "unreadable") return [skipped("Not known: the table cannot be read.")]
  const now = world.now()
  const incidents = await store.readIncidents()
  const faults = [...channelFaults(incidents, now), ...subscriptionFaults(incidents.subscriptions)]
  const damaged = unreadableItems(incidents, now)
  const found = faults.map(({ text }) =>
    wrongly(text, 'Mend it as "A channel is dead" in docs/operations.md says.'),
  )
  if (damaged.length > 0) {
    found.push(
      wrongly(
        `${damaged.length} stored items cannot be read.`,
        "GET /health names them, and docs/operations.md says what to do.",
      ),
    )
  }
  const passing = recentFailures(incidents, now).map(({ id, since, why }) => {
    const forMs = Math.max(0, now - since)
    return fine(`${id} has not taken a message for ${durationText(forMs)} (${why}). It is tried again.`)
  })
  const all = [...found, ...passing]
  return all.length > 0 ? all : [fine("The poller has no trouble with any channel.")]
}
