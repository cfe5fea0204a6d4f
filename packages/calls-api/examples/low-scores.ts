/** The low scores among the newest 100 calls, or one line that says why they could not be read. */
import { listCalls, type CallsApi, type ClientWorld } from "@earshot/calls-api/client"

export async function lowScores(world: ClientWorld, api: CallsApi): Promise<string[]> {
  const answer = await listCalls(world, api, { limit: 100, callType: "incoming" })
  if (!answer.ok) return [answer.trouble.message]
  const low = answer.value.calls.filter((call) => call.score !== null && call.score <= 2)
  return low.map((call) => `${call.id} (${call.score}): ${call.summary ?? "no summary yet"}`)
}
