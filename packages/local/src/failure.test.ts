/** What a person reads when a command fails: what was asked, and which variable to check. */
import { ConfigurationErrors } from "@earshot/functions/config"
import { IndexUnfinished, TableMissing } from "@earshot/io/store/table"
import { expect, test } from "vitest"
import { CannotListen, portFailure, tableFailure } from "./failure.ts"

const ADDRESS = "Check AWS_REGION and AWS_ENDPOINT_URL_DYNAMODB."

const IDENTITY = "Check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."

const fetchFailed = (code?: string) =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("connect 10.0.0.1"), code && { code }) })

const named = (name: string, message = "m") => Object.assign(new Error(message), { name })

test.each<[unknown, string]>([
  [fetchFailed("ECONNREFUSED"), `DynamoDB could not be reached (ECONNREFUSED). ${ADDRESS}`],
  [fetchFailed("ENOTFOUND"), `DynamoDB could not be reached (ENOTFOUND). ${ADDRESS}`],
  [fetchFailed(), `DynamoDB could not be reached. ${ADDRESS}`],
  [
    Object.assign(named("TimeoutError"), { code: "ETIMEDOUT" }),
    `DynamoDB did not answer in time (ETIMEDOUT). ${ADDRESS}`,
  ],
  [named("CredentialsProviderError"), `There are no AWS credentials (CredentialsProviderError). ${IDENTITY}`],
  [
    named("UnrecognizedClientException"),
    `DynamoDB did not accept the AWS credentials (UnrecognizedClientException). ${IDENTITY}`,
  ],
  [
    named("ValidationException", "One or more values are invalid"),
    "ValidationException: One or more values are invalid",
  ],
  [new ConfigurationErrors(["PORT is wrong"]), "Configuration errors:\n  PORT is wrong"],
  [new TableMissing("t-1", null), expect.stringContaining("The table t-1 does not exist.")],
  [new IndexUnfinished("t-1", null), expect.stringContaining("still building an index of the table t-1")],
  [new CannotListen("Port 1 is taken.", { cause: fetchFailed("EADDRINUSE") }), "Port 1 is taken."],
  [new Error("Something else."), "Something else."],
])("%s", (error, text) => {
  expect(tableFailure(error)).toEqual(text)
})

test.each([
  ["EADDRINUSE", "Port 80 is taken; choose another with PORT."],
  ["EACCES", "Port 80 is not yours to use; choose one above 1023 with PORT."],
  ["EINVAL", "Cannot listen on port 80: m."],
])("a port that is not to be had because of %s", (code, text) => {
  expect(portFailure(Object.assign(new Error("m"), { code }), 80, "PORT")).toBe(text)
})
