/**
 * The tick queue. It turns a schedule that fires once a minute into a poll every twenty seconds; turns ask for more
 * of them, when looks at open calls are due in between. The ticks of one minute reach into the next, so that a schedule that is a minute late leaves no gap. Nudges come
 * by the same queue, and are due at once, or a moment later if they were put back.
 */
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs"
import { SECOND } from "@earshot/core/instant"
import type { Nudge } from "@earshot/core/turn/nudge"
import { awsClientConfig } from "./aws.ts"
import { type World, causeOf } from "./world.ts"

/** Five ticks; one request takes ten. */
const DELAYS_SECONDS = [20, 40, 60, 80, 100]

/** A run ends no sooner than its ticks are sent or given up, and the next minute's run sends its own. */
const PATIENCE = { timeoutMs: 2000, attemptsMax: 2 }

/** Sends the ticks that follow a scheduled run. A failure is only logged, because the next minute's run sends its own. */
export async function sendTickBatch(world: World, queueUrl: string): Promise<void> {
  const client = new SQSClient(awsClientConfig(world, PATIENCE))
  const Entries = DELAYS_SECONDS.map((DelaySeconds) => ({
    Id: `tick-${DelaySeconds}`,
    MessageBody: "tick",
    DelaySeconds,
  }))
  try {
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
    if (Failed.length > 0) world.log({ level: "warn", event: "ticks.failed", count: Failed.length })
  } catch (error) {
    const why = causeOf(error)
    world.log({ level: "warn", event: "ticks.failed", count: Entries.length, why })
  }
}

/** What takes longer comes too late to win anything. */
const ONE_PATIENCE = { timeoutMs: SECOND, attemptsMax: 1 }

let oneClient: SQSClient | null = null

/** Rejects if the queue has not taken them within a second. */
export async function sendNudges(
  world: World,
  queueUrl: string,
  { nudges, afterMs }: { nudges: readonly Nudge[]; afterMs: number },
): Promise<void> {
  await sendOne(world, queueUrl, JSON.stringify({ nudges }), afterMs)
}

/** One more tick, in whole seconds. Rejects if the queue has not taken it within a second. */
export async function sendTick(world: World, queueUrl: string, afterMs: number): Promise<void> {
  await sendOne(world, queueUrl, "tick", Math.max(1, Math.round(afterMs / SECOND)) * SECOND)
}

async function sendOne(world: World, queueUrl: string, body: string, afterMs: number): Promise<void> {
  oneClient ??= new SQSClient(awsClientConfig(world, ONE_PATIENCE))
  const DelaySeconds = Math.ceil(afterMs / SECOND)
  await oneClient.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, DelaySeconds }))
}
