/**
 * What AWS would say of the resources that Earshot uses: their ARNs and addresses, and answers to look-ups.
 *
 * Only what other resources depend on. A new kind of resource whose outputs are used needs a line here.
 */

export const REGION = "eu-central-1"
const ACCOUNT = "123456789012"

function arn(service, resource) {
  const region = service === "iam" ? "" : REGION
  return `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`
}

/** The properties that AWS adds to a resource; none for a kind that nothing depends on. */
export function outputsOf({ type, name, inputs }) {
  const physical = inputs.name ?? name
  switch (type) {
    case "aws:cloudwatch/logGroup:LogGroup":
      return { arn: arn("logs", `log-group:${physical}`) }
    case "aws:cloudwatch/metricAlarm:MetricAlarm":
      return { arn: arn("cloudwatch", `alarm:${physical}`) }
    case "aws:dynamodb/table:Table":
      return { arn: arn("dynamodb", `table/${physical}`) }
    case "aws:iam/role:Role":
      return { arn: arn("iam", `role/${physical}`) }
    case "aws:lambda/function:Function":
      return { arn: arn("lambda", `function:${physical}`), name: physical }
    case "aws:lambda/functionUrl:FunctionUrl":
      return { functionUrl: `https://${name.toLowerCase()}.lambda-url.${REGION}.on.aws/` }
    case "aws:sns/topic:Topic":
      return { arn: arn("sns", physical) }
    case "aws:sqs/queue:Queue":
      return { arn: arn("sqs", physical), url: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${physical}` }
    case "random:index/randomBytes:RandomBytes":
      return { base64: Buffer.alloc(inputs.length, 7).toString("base64") }
    default:
      return {}
  }
}

/** Throws at a look-up that it does not know, rather than guess. */
export function lookUp({ token, inputs }) {
  switch (token) {
    case "aws:index/getRegion:getRegion":
      return { region: REGION }
    case "aws:index/getPartition:getPartition":
      return { partition: "aws" }
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId: ACCOUNT }
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return policyDocument(inputs.statements ?? [])
    default:
      throw new Error(`The infrastructure tests have no answer to the look-up ${token}`)
  }
}

/** An empty document comes back without `statements`, by which SST knows to attach no policy at all. */
function policyDocument(statements) {
  const Statement = statements.map(({ effect, actions, resources, principals, conditions }) => ({
    Effect: effect ?? "Allow",
    Action: actions,
    Resource: resources,
    Principal: principals,
    Condition: conditions,
  }))
  const json = JSON.stringify({ Version: "2012-10-17", Statement })
  return statements.length > 0 ? { json, statements } : { json }
}
