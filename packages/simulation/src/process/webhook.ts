/** The receivers of webhooks as one process of a simulation reaches them. */
import type { Connector } from "@earshot/io/outward/connector"
import type { RequestFault } from "../time/fault.ts"
import { channelAt } from "../truth/secret.ts"
import { type Line, hearing } from "./listener.ts"
import { reach } from "./process.ts"
import { httpTrouble } from "./trouble.ts"

/** Public, and nobody connects to it. */
const ADDRESS = "93.184.216.34"

type Answer = Awaited<ReturnType<Connector["post"]>>

export function createProcessConnector(line: Line): Connector {
  const { network, process, listener } = line
  return {
    resolve: async () => [ADDRESS],
    post({ url, body }) {
      const channel = channelAt(url.href) ?? url.href
      const callId = /"call":"([^"]+)"/.exec(body)?.[1] ?? ""
      const heard = hearing(line, { callId, channel, text: body })
      heard.sent()
      listener.showed(body, channel)
      const to = { party: "slack", process, channel } as const
      const effect = (): Answer => {
        heard.arrived()
        return { status: 204, retryAfter: null }
      }
      return reach(network, to, network.draw(to), effect, webhookTrouble)
    },
  }
}

/** Of an answer a webhook's sender knows the status alone. */
function webhookTrouble(fault: RequestFault): Answer | undefined {
  const response = httpTrouble(fault)
  return response && { status: response.status, retryAfter: response.headers.get("retry-after") }
}
