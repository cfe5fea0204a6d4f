#!/bin/sh
# fauxqs matches a filter policy against the text of a String.Array attribute, not against its values.
#
# Versions: fauxqs 1.9.2, asked with @aws-sdk/client-sns and client-sqs 3.1164.0, on Node 20 or later.
# One expects, as AWS documents for subscription filter policies: a message whose attribute is the list ["flagged", "low-score"] is
#   delivered to a subscription that wants "flagged", and not to one that wants anything but "flagged".
# What happens: the first subscription gets nothing, and the second gets the message.
# Who is hurt: whoever routes alerts to people by a list, such as the rules that matched, and tries the policy here first: they would
#   change a policy that is right, or ship one that keeps an alert from the people who asked for it.
#
# Installs the packages into a temporary folder. Fails if the outcome has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"type":"module","private":true}' > package.json
npm install --silent --no-audit --no-fund fauxqs@1.9.2 @aws-sdk/client-sns@3.1164.0 @aws-sdk/client-sqs@3.1164.0
cat > ask.mjs <<'EOS'
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns"
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs"
import { startFauxqs } from "fauxqs"

const server = await startFauxqs({ port: 0, logger: false })
const config = {
  region: "us-east-1",
  endpoint: `http://127.0.0.1:${server.port}`,
  credentials: { accessKeyId: "a", secretAccessKey: "b" },
}
const sns = new SNSClient(config)
const sqs = new SQSClient(config)
const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "alerts" }))
const policies = {
  "wants flagged": ["flagged"],
  "wants anything but flagged": [{ "anything-but": ["flagged"] }],
}
const queues = {}
for (const [index, [name, rule]] of Object.entries(policies).entries()) {
  const QueueName = `people-${index}`
  queues[name] = (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: "sqs",
      Endpoint: `arn:aws:sqs:us-east-1:000000000000:${QueueName}`,
      Attributes: { FilterPolicy: JSON.stringify({ rule }) },
    }),
  )
}
const list = { DataType: "String.Array", StringValue: JSON.stringify(["flagged", "low-score"]) }
await sns.send(new PublishCommand({ TopicArn, Message: "a call", MessageAttributes: { rule: list } }))
for (const [name, QueueUrl] of Object.entries(queues)) {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 0 }))
  console.log(`the subscription that ${name}: ${Messages.length} of 1 message`)
}
process.exit(0)
EOS
found=$(node ask.mjs 2>/dev/null)
printf '%s\n' "$found"
expected='the subscription that wants flagged: 0 of 1 message
the subscription that wants anything but flagged: 1 of 1 message'
test "$found" = "$expected"
