/**
 * The HTTP API, on a function URL of its own.
 *
 * A function URL costs nothing beside the function. It lets everybody in, so the bearer token is what protects
 * it; and no other origin's page may call it, because CORS is off. What bounds a flood is in `concurrency.ts`.
 */
import type { Channels } from "./channels.ts"
import { chosenReservations } from "./concurrency.ts"
import { chosenVariables } from "./setting.ts"
import type { Environment } from "./settings-file.ts"
import type { Storage } from "./storage.ts"
import type { TickQueue } from "./tick.ts"

/** What `/docs` serves: our own files, and those of Swagger UI that the page names. */
const PAGE = "packages/api/src/reference/page"
const LIBRARY = "packages/api/node_modules/swagger-ui-dist"
const LIBRARY_FILES = ["swagger-ui-bundle.js", "swagger-ui.css"]

const SETTINGS = [
  "ECHOWIN_BASE_URL",
  "POLL_INTERVAL_SECONDS",
  "LIST_REQUESTS_PER_HOUR",
  "DETAIL_REQUESTS_PER_HOUR",
  "SLACK_PRIVACY",
  "EMAIL_PRIVACY",
]

export type Api = ReturnType<typeof createApi>

/**
 * It may read and write the table, but not publish an alert. It has the echowin key for one thing: a preview lists the vendor's
 * recent calls while a new deployment has stored none, within what the polls leave of the list budget. It may put nudges on the tick
 * queue, and take nothing from it.
 */
export function createApi(settings: Environment, storage: Storage, channels: Channels, tick: TickQueue) {
  return new sst.aws.Function("Api", {
    handler: "packages/functions/src/api.handler",
    description: "Earshot's HTTP API: rules, channels, tokens and health.",
    timeout: "20 seconds",
    concurrency: chosenReservations(settings, "RESERVED_CONCURRENCY").api,
    url: { authorization: "none", cors: false },
    // Files beside the bundle rather than in it: a cold start reads none of them.
    copyFiles: [
      { from: PAGE, to: "reference" },
      ...LIBRARY_FILES.map((file) => ({ from: `${LIBRARY}/${file}`, to: `reference/${file}` })),
    ],
    link: [channels.apiToken, channels.channelSecretKey, channels.echowinApiKey, channels.nudgeSecret],
    environment: {
      TABLE_NAME: storage.table.name,
      TICK_QUEUE_URL: tick.url,
      // Health is measured against how often a poll is due, and budgets against their limits; channels are shown as they are set.
      ...chosenVariables(settings, SETTINGS),
    },
    permissions: [
      ...storage.tableAccess("due", "alerts"),
      { actions: ["sqs:SendMessage"], resources: [tick.arn] },
    ],
  })
}
