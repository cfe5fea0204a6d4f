/**
 * What every function of the app has in common, set in one place.
 *
 * SST's own defaults are made to start quickly; these are made to run for years: half the memory, a cheaper
 * processor, small bundles, logs that can be queried and that go away.
 */

import { BUNDLE } from "../packages/functions/src/bundling.ts"

/** Applies to every `sst.aws.Function` made after the call, so it comes first in `run()`. */
export function setFunctionDefaults({ logRetentionDays }: { logRetentionDays: number }) {
  $transform(sst.aws.Function, (args, _options, name) => {
    const logGroup = createLogGroup(name, logRetentionDays)
    args.runtime ??= "nodejs24.x"
    args.architecture ??= "arm64"
    // Lambda gives processor time in proportion to memory. At 256 MB the TLS handshakes and the parsing of a page
    // take twice as long, so that half the memory saves nothing; above 512 MB a poll only waits for the network.
    args.memory ??= "512 MB"
    args.nodejs ??= BUNDLE
    args.logging ??= { format: "json", logGroup: logGroup.name }
    args.permissions = $output(args.permissions).apply((permissions) => [
      ...(permissions ?? []),
      writingTo(logGroup),
    ])
    args.transform = { ...args.transform, role: narrowRole() }
  })
}

/**
 * SST attaches a managed policy that may write to every log of the account, and lets the whole account assume the
 * role. The second is needed by `sst dev` alone, which runs the code on the developer's machine in that role.
 */
function narrowRole() {
  const trustLambdaOnly = {
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
  }
  return { managedPolicyArns: [], ...($dev ? {} : trustLambdaOnly) }
}

/** Made here rather than by SST, because a role can only be narrowed to a group that exists before the function. */
function createLogGroup(functionName: string, retentionInDays: number) {
  return new aws.cloudwatch.LogGroup(`${functionName}Log`, {
    name: `/aws/lambda/${$app.name}-${$app.stage}-${functionName}`,
    retentionInDays,
  })
}

/** The star stands for the streams of this one group, whose names Lambda invents. */
function writingTo(logGroup: aws.cloudwatch.LogGroup) {
  return {
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [$interpolate`${logGroup.arn}:*`],
  }
}
