/** Why a command failed, in one line for the person who ran it: what was asked, and which variable to check. Pure. */
import { ConfigurationErrors } from "@earshot/functions/config"
import { IndexUnfinished, TableMissing } from "@earshot/io/store/table"
import { errorCode } from "@earshot/io/world"

const CHECK_ADDRESS = "Check AWS_REGION and AWS_ENDPOINT_URL_DYNAMODB."

const CHECK_IDENTITY = "Check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."

/** How the SDK says that it found nobody to ask as. */
const NO_IDENTITY = /^(Credentials|Token)Provider/

/** How DynamoDB says that it does not accept who asks. */
const WRONG_IDENTITY =
  /^(AccessDenied|ExpiredToken|IncompleteSignature|InvalidSignature|MissingAuthentication|UnrecognizedClient)/

/** Says of itself what is wrong and what to do. */
const CLEAR = [ConfigurationErrors, TableMissing, IndexUnfinished]

/** Of the table: what Slack, SNS or the vendor does is in the report of a poll and throws nothing. */
export function tableFailure(error: unknown): string {
  if (!(error instanceof Error)) return "Something failed that is not an error."
  if (error instanceof CannotListen || CLEAR.some((kind) => error instanceof kind)) return error.message
  const code = errorCode(error)
  if (NO_IDENTITY.test(error.name)) return `There are no AWS credentials (${error.name}). ${CHECK_IDENTITY}`
  if (WRONG_IDENTITY.test(error.name)) {
    return `DynamoDB did not accept the AWS credentials (${error.name}). ${CHECK_IDENTITY}`
  }
  if (error.name === "TimeoutError")
    return `DynamoDB did not answer in time${inBrackets(code)}. ${CHECK_ADDRESS}`
  if (code !== null || error.message === "fetch failed") {
    return `DynamoDB could not be reached${inBrackets(code)}. ${CHECK_ADDRESS}`
  }
  return ["Error", "TypeError"].includes(error.name) ? error.message : `${error.name}: ${error.message}`
}

function inBrackets(code: string | null): string {
  return code === null ? "" : ` (${code})`
}

/** A port is not to be had. The message is `portFailure`'s. */
export class CannotListen extends Error {}

/** Why a server does not listen. `variable`: where its port comes from. */
export function portFailure(error: Error, port: number, variable: string): string {
  const code = errorCode(error)
  if (code === "EADDRINUSE") return `Port ${port} is taken; choose another with ${variable}.`
  if (code === "EACCES") return `Port ${port} is not yours to use; choose one above 1023 with ${variable}.`
  return `Cannot listen on port ${port}: ${error.message}.`
}
