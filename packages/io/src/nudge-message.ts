/** Nudges as messages of the tick queue bring them; read apart from what sends any, which most runs never need. */
import { type Nudge, NudgeMessage } from "@earshot/core/turn/nudge"

/** The nudges that a message brings; none if it is a tick, or nothing that anybody knows. */
export function nudgesIn(message: string): Nudge[] {
  if (!message.startsWith("{")) return []
  try {
    return NudgeMessage.safeParse(JSON.parse(message)).data?.nudges ?? []
  } catch {
    // No JSON: a tick as good as any.
    return []
  }
}
