/** A deploy says whose subscription it ends, by the state that SST has fetched, and says nothing where that is not known. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, describe, expect, test } from "vitest"
import { removals, stateFile } from "../../stacks/removal.ts"
import { subscriptionName } from "../../stacks/subscription-name.ts"
import { synthesize } from "./synthesis.ts"

const backend = mkdtempSync(path.join(tmpdir(), "earshot-state-"))
const variables = { PULUMI_BACKEND_URL: pathToFileURL(backend).href }
const file = stateFile(variables, "earshot", "staging")
afterAll(() => rmSync(backend, { recursive: true, force: true }))

/** As the engine writes what it has deployed. */
function deployed(...people: [prefix: "AlertEmail" | "OperationsEmail", email: string][]): void {
  const resource = (type: string, name: string, inputs: object) => ({
    urn: `urn:pulumi:staging::earshot::${type}::${name}`,
    custom: true,
    id: `${name}-id`,
    type,
    inputs,
    outputs: {},
  })
  const resources = [
    resource("aws:sns/topic:Topic", "AlertsTopic", { name: "earshot-staging-AlertsTopic" }),
    ...people.map(([prefix, email]) =>
      resource("aws:sns/topicSubscription:TopicSubscription", subscriptionName(prefix, email), {
        endpoint: email,
        protocol: "email",
      }),
    ),
    resource("aws:sns/topicSubscription:TopicSubscription", "MadeElsewhere", { endpoint: "x@example.com" }),
  ]
  mkdirSync(path.dirname(file ?? ""), { recursive: true })
  writeFileSync(
    file ?? "",
    JSON.stringify({ version: 3, checkpoint: { stack: "staging", latest: { resources } } }),
  )
}

describe("what a deploy ends", () => {
  test("is named, by address and by what it was for; who stays is not", () => {
    deployed(
      ["AlertEmail", "anna@example.com"],
      ["AlertEmail", "ben@example.com"],
      ["OperationsEmail", "ops@example.com"],
    )
    expect(removals(file, { ALERT_EMAILS: "ben@example.com", OPS_EMAILS: "ops@example.com" })).toEqual([
      "This deploy ends the subscription of anna@example.com to alerts.",
    ])
    expect(removals(file, {})).toHaveLength(3)
    // To be told of alarms is something else than to be told of alerts.
    expect(removals(file, { ALERT_EMAILS: "anna@example.com,ben@example.com,ops@example.com" })).toEqual([
      "This deploy ends the subscription of ops@example.com to alarms.",
    ])
  })

  test("is not known where there is no state, or it is of another form", () => {
    expect(removals(null, {})).toEqual([])
    expect(removals(stateFile(variables, "earshot", "new"), {})).toEqual([])
    expect(stateFile({}, "earshot", "staging")).toBeNull()
    expect(stateFile({ PULUMI_BACKEND_URL: "s3://state" }, "earshot", "staging")).toBeNull()
    for (const text of ["", "{", "[]", '{"checkpoint":{"latest":{}}}', '{"version":9}']) {
      writeFileSync(file ?? "", text)
      expect(removals(file, {})).toEqual([])
    }
  })
})

test("the deploy says so in the terminal", async () => {
  deployed(["AlertEmail", "anna@example.com"])
  const { terminal } = await synthesize({ stage: "staging", environment: variables })
  expect(terminal).toContain("This deploy ends the subscription of anna@example.com to alerts.")
})
