/**
 * What AWS asks, in us-east-1, in US dollars, before any free tier: each with where it was read and when. What AWS's own page or
 * price list says itself is marked; the rest was read where somebody repeats it, and should be compared with AWS's page.
 */

export type Price = {
  /** In dollars for `per` of the unit. */
  dollars: number
  per: number
  unit: string
  source: string
  /** The number itself was read at a page of AWS's. */
  isOfAws: boolean
}

/** When the sources were read. */
export const PRICES_READ = "2026-11-30"

const MILLION = 1_000_000

export const PRICES = {
  lambdaRequest: {
    dollars: 0.2,
    per: MILLION,
    unit: "Lambda invocations",
    source: "https://docs.aws.amazon.com/whitepapers/latest/how-aws-pricing-works/lambda.html",
    isOfAws: true,
  },
  lambdaSecond: {
    dollars: 13.3334,
    per: MILLION,
    unit: "Lambda GB-seconds on arm64",
    source: "https://cloudchipr.com/blog/aws-lambda-pricing",
    isOfAws: false,
  },
  tableWrite: {
    dollars: 0.625,
    per: MILLION,
    unit: "DynamoDB write units, on demand",
    source: "https://airbyte.com/data-engineering-resources/dynamodb-pricing",
    isOfAws: false,
  },
  tableRead: {
    dollars: 0.125,
    per: MILLION,
    unit: "DynamoDB read units, on demand",
    source: "https://airbyte.com/data-engineering-resources/dynamodb-pricing",
    isOfAws: false,
  },
  tableStorage: {
    dollars: 0.25,
    per: 1,
    unit: "GB a month in DynamoDB",
    source: "https://aws.amazon.com/dynamodb/pricing/",
    isOfAws: true,
  },
  queueRequest: {
    dollars: 0.4,
    per: MILLION,
    unit: "SQS requests, standard queue",
    source: "https://cloudburn.io/blog/amazon-sqs-pricing",
    isOfAws: false,
  },
  topicPublish: {
    dollars: 0.5,
    per: MILLION,
    unit: "SNS publishes",
    source: "https://www.factualminds.com/blog/amazon-sns-pricing-publishes-fanout-protocols/",
    isOfAws: false,
  },
  email: {
    dollars: 2,
    per: 100_000,
    unit: "SNS e-mails",
    source: "https://www.factualminds.com/blog/amazon-sns-pricing-publishes-fanout-protocols/",
    isOfAws: false,
  },
  schedule: {
    dollars: 1,
    per: MILLION,
    unit: "EventBridge Scheduler invocations",
    source: "https://aws.amazon.com/eventbridge/pricing/",
    isOfAws: false,
  },
  log: {
    dollars: 0.5,
    per: 1,
    unit: "GB of logs taken in by CloudWatch",
    source: "https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/",
    isOfAws: false,
  },
  alarm: {
    dollars: 0.1,
    per: 1,
    unit: "CloudWatch alarms a month",
    source: "https://aws.amazon.com/cloudwatch/pricing/",
    isOfAws: false,
  },
  metric: {
    dollars: 0.3,
    per: 1,
    unit: "custom metrics a month",
    source: "https://signoz.io/guides/cloudwatch-pricing",
    isOfAws: false,
  },
} as const satisfies Record<string, Price>

export type Priced = keyof typeof PRICES

/** What AWS gives every account each month, for as long as it has one; other apps of the account use it too. */
export const FREE: Partial<Record<Priced, number>> = {
  lambdaRequest: MILLION,
  lambdaSecond: 400_000,
  tableStorage: 25,
  queueRequest: MILLION,
  topicPublish: MILLION,
  email: 1000,
  schedule: 14 * MILLION,
  log: 5,
  alarm: 10,
  metric: 10,
}
