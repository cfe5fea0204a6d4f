/** How a call went. Every trouble says what to do about it, and the compiler checks that none is forgotten. */
import { getCall, type CallsApi, type ClientWorld } from "@earshot/calls-api/client"

export async function moodOf(world: ClientWorld, api: CallsApi, id: string): Promise<string> {
  const answer = await getCall(world, api, id)
  if (answer.ok) {
    const angry = answer.value.call.metadata?.sentiment?.angry ?? null
    return angry === null ? "not known yet" : `${Math.round(angry * 100)}% angry`
  }
  const { trouble } = answer
  switch (trouble.kind) {
    case "not-found":
      return "deleted"
    case "rate-limited":
      return `ask again at ${new Date(trouble.until).toISOString()}`
    case "unauthorized":
    case "refused":
    case "server":
    case "timeout":
    case "unreachable":
    case "unreadable":
      return trouble.retryable ? `ask again later: ${trouble.message}` : trouble.message
  }
}
