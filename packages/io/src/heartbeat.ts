/**
 * A sign of life for a monitor outside of the account, such as Healthchecks: its address is asked for after a poll that has completed, and
 * the monitor rings once that stays out. A sign that does not get through is only logged; the next one follows soon.
 */
import { type World, errorCode, withinTime } from "./world.ts"

/** A poll is over when the sign is sent, and nobody waits for it; but Lambda's time is paid for. */
export const HEARTBEAT_TIMEOUT_MS = 3000

/** One a minute is as often as such monitors look, and a poll comes every twenty seconds. */
const HEARTBEAT_EVERY_MS = 55_000

/** When the last sign was sent, or tried; 0: never. */
export type HeartbeatMemory = { sentAt: number }

/** Never rejects. The address is a secret: whoever knows it can keep the monitor quiet. */
export async function sendHeartbeat(world: World, url: string, memory: HeartbeatMemory): Promise<void> {
  const sinceMs = world.now() - memory.sentAt
  if (sinceMs >= 0 && sinceMs < HEARTBEAT_EVERY_MS) return
  memory.sentAt = world.now()
  const why = await askOnce(world, url)
  if (why !== null) world.log({ level: "warn", event: "heartbeat.failed", why })
}

/** Why it did not get through; null if it did. */
async function askOnce(world: World, url: string): Promise<string | null> {
  try {
    const status = await withinTime(world, HEARTBEAT_TIMEOUT_MS, async (signal) => {
      const answer = await world.fetch(url, { method: "GET", redirect: "manual", signal })
      // A monitor says next to nothing, and nobody reads it. A body that is left open would keep the connection.
      await answer.body?.cancel()
      return answer.ok ? null : `the monitor answered ${answer.status}`
    })
    return status === "timeout" ? `no answer within ${HEARTBEAT_TIMEOUT_MS / 1000} s` : status
  } catch (error) {
    return `the monitor could not be reached (${errorCode(error) ?? "no reason given"})`
  }
}
