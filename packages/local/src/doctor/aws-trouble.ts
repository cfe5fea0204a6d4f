/** What an AWS service said when it could not be asked, for people: by the names of errors, since their texts quote what was sent. */
import { errorCode } from "@earshot/io/world"
import { type Seen, wrongly } from "./observation.ts"

/** `right`: what the identity must be allowed to do. `endpoint`: the variable that names another address, for stand-ins. */
export type AwsService = { service: string; right: string; endpoint: string }

const NO_IDENTITY = /^(Credentials|Token)Provider/

const NOT_ALLOWED = /^(AccessDenied|AuthorizationError|UnauthorizedOperation)/

const NOT_ACCEPTED =
  /^(ExpiredToken|IncompleteSignature|Invalid(Signature|ClientTokenId|AccessKeyId)|MissingAuthentication|SignatureDoesNotMatch|UnrecognizedClient)/

const CHECK_IDENTITY = "Check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."

export function awsTrouble(error: unknown, { service, right, endpoint }: AwsService): Seen {
  const name = error instanceof Error && /^\w{1,60}$/.test(error.name) ? error.name : "unknown"
  const code = errorCode(error)
  if (NO_IDENTITY.test(name)) return wrongly(`There are no AWS credentials (${name}).`, CHECK_IDENTITY)
  if (NOT_ALLOWED.test(name)) {
    return wrongly(`${service} did not allow it (${name}).`, `Give this identity the right ${right}.`)
  }
  if (NOT_ACCEPTED.test(name)) {
    return wrongly(`${service} did not accept the AWS credentials (${name}).`, CHECK_IDENTITY)
  }
  if (code !== null || name === "TimeoutError") {
    return wrongly(
      `${service} could not be reached (${code ?? name}).`,
      `Check AWS_REGION, ${endpoint} and the network.`,
    )
  }
  return wrongly(`${service} failed (${name}).`, "Try again; if it stays so, see AWS's health dashboard.")
}
