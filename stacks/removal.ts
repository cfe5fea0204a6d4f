/**
 * Which e-mail subscriptions a deploy takes away, said before it does: whoever is removed has to confirm anew, and hears nothing until then.
 *
 * What was deployed before is in the state that SST has fetched for this run, where the engine looks for it. Where that is not to be found,
 * nothing is said: the state is SST's own, and no deploy depends on reading it.
 */
import { readFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import * as z from "zod"
import { chosenEmails } from "./setting.ts"
import type { Environment } from "./settings-file.ts"
import { subscriptionName } from "./subscription-name.ts"

/** As much of the engine's state as is needed. */
const State = z.object({
  checkpoint: z.object({
    latest: z.object({
      resources: z
        .array(z.object({ urn: z.string(), type: z.string(), inputs: z.looseObject({}).optional() }))
        .optional(),
    }),
  }),
})

const SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"

/** Who gets what until now: only what a deploy subscribes by a setting. */
const KINDS = { AlertEmail: "alerts", OperationsEmail: "alarms" } as const

/** Where the engine keeps the state of this run; null if nobody says. */
export function stateFile(
  { PULUMI_BACKEND_URL: url }: Environment,
  app: string,
  stage: string,
): string | null {
  if (!url?.startsWith("file://")) return null
  return path.join(fileURLToPath(url), ".pulumi", "stacks", app, `${stage}.json`)
}

/** A sentence for each address that loses its subscription by these settings. Empty if none does, or nothing is known. */
export function removals(file: string | null, settings: Environment): string[] {
  const planned = new Set([
    ...chosenEmails(settings, "ALERT_EMAILS").map((email) => subscriptionName("AlertEmail", email)),
    ...chosenEmails(settings, "OPS_EMAILS").map((email) => subscriptionName("OperationsEmail", email)),
  ])
  return deployedBefore(file).flatMap(({ urn, inputs }) => {
    const name = urn.split("::").at(-1) ?? ""
    const kind = Object.entries(KINDS).find(([prefix]) => name.startsWith(prefix))?.[1]
    if (kind === undefined || planned.has(name)) return []
    return [`This deploy ends the subscription of ${String(inputs?.["endpoint"])} to ${kind}.`]
  })
}

function deployedBefore(file: string | null) {
  if (file === null) return []
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, "utf8"))
  } catch {
    // A stage that was never deployed has none.
    return []
  }
  const resources = State.safeParse(content).data?.checkpoint.latest.resources ?? []
  return resources.filter(({ type }) => type === SUBSCRIPTION)
}
