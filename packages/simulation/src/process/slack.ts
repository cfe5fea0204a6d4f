/** Slack as one process of a simulation reaches it. */
import type { ChannelId } from "@earshot/core/channel/channel"
import type { RequestFault } from "../time/fault.ts"
import { type Line, hearing } from "./listener.ts"
import { reach } from "./process.ts"
import { httpTrouble } from "./trouble.ts"

/** A message to a webhook; its body says what people will read. */
export function postToSlack(line: Line, channel: ChannelId, body: string): Promise<Response> {
  const { network, process, listener } = line
  const callId = /"text":"call ([^"]+)"/.exec(body)?.[1] ?? ""
  const heard = hearing(line, { callId, channel, text: body })
  heard.sent()
  listener.showed(body, channel)
  const to = { party: "slack", process, channel } as const
  const effect = () => {
    heard.arrived()
    return OK
  }
  return reach(network, to, network.draw(to), effect, slackTrouble)
}

/** What stands between answers 200 as well, and has passed nothing on. */
function slackTrouble(fault: RequestFault): Response | undefined {
  return fault.kind === "broken" ? new Response("<html>Please log in</html>") : httpTrouble(fault)
}

/** As much of a response as anybody reads: making and reading a real one takes longer than a poll. */
const OK: Response = Object.create(Response.prototype, {
  status: { value: 200 },
  headers: { value: new Headers() },
  body: { value: { getReader: okReader } },
})

/** A stream that says ok and ends. */
function okReader() {
  const parts = [new TextEncoder().encode("ok")]
  const read = async () => {
    const value = parts.pop()
    return value ? { done: false, value } : { done: true, value: undefined }
  }
  return { read, cancel: async () => {} }
}
