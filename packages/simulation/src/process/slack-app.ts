/** Slack's API as one process of a simulation reaches it: messages with a bot's token, and changes of them. */
import type { ChannelId } from "@earshot/core/channel/channel"
import type { RequestFault } from "../time/fault.ts"
import { type Line, hearing } from "./listener.ts"
import { reach } from "./process.ts"
import { httpTrouble } from "./trouble.ts"

export function askSlackApp(line: Line, url: string, body: string): Promise<Response> {
  const { network, process, listener } = line
  const channel: ChannelId = (/"channel":"C00000([A-Z]+)"/.exec(body)?.[1] ?? "").toLowerCase()
  const callId = /"text":"call ([^"]+)"/.exec(body)?.[1] ?? ""
  listener.showed(body, channel)
  // What stands there already is no message.
  const heard = url.endsWith("chat.postMessage") ? hearing(line, { callId, channel, text: body }) : null
  heard?.sent()
  const to = { party: "slack", process, channel } as const
  const effect = () => {
    heard?.arrived()
    return Response.json({ ok: true, ts: String(network.timeline.now() / 1000) })
  }
  return reach(network, to, network.draw(to), effect, appTrouble)
}

/** Slack's API says in words what its webhooks say by a status. */
function appTrouble(fault: RequestFault): Response | undefined {
  if (fault.kind === "refused") return Response.json({ ok: false, error: "channel_not_found" })
  return fault.kind === "broken" ? new Response("<html>Please log in</html>") : httpTrouble(fault)
}
