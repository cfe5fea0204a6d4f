/** The world of a process in a simulation: its clock, its sleep, the Calls API and the channels. */
import { DAY } from "@earshot/core/instant"
import { SLACK_API } from "@earshot/io/channel/slack-app"
import type { World } from "@earshot/io/world"
import { channelAt } from "../truth/secret.ts"
import type { Vendor } from "../vendor/vendor.ts"
import { createProcessCalls } from "./calls.ts"
import type { Line } from "./listener.ts"
import { deliver } from "./process.ts"
import { postToSlack } from "./slack.ts"
import { askSlackApp } from "./slack-app.ts"
import { SNS_HOST, publishToSns } from "./sns.ts"

export function createProcessWorld(line: Line, vendor: Vendor): World {
  const { network, process, listener } = line
  const { timeline } = network
  const calls = createProcessCalls(line, vendor)
  return {
    fetch: (input, init) => {
      const url = input instanceof Request ? input.url : String(input)
      const channel = channelAt(url)
      if (channel !== null) return postToSlack(line, channel, bodyOf(init))
      if (url.startsWith(SLACK_API)) return askSlackApp(line, url, bodyOf(init))
      return url.startsWith(SNS_HOST) ? publishToSns(line, bodyOf(init)) : calls.fetch(url, init)
    },
    ...(!vendor.fetch && { exchange: ({ url }) => calls.exchange(url) }),
    now: () => timeline.now() + process.skewMs,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (milliseconds > DAY) throw new Error("Nothing sleeps for longer than a day.")
        let isOver = signal?.aborted ?? false
        const end = () => {
          isOver = true
          resolve()
        }
        if (isOver) return end()
        signal?.addEventListener("abort", end, { once: true })
        timeline.at(timeline.now() + milliseconds, () => !isOver && deliver(timeline, process, end))
      }),
    random: network.random,
    log: (entry) => listener.wrote(JSON.stringify(entry), "log"),
  }
}

function bodyOf(init: RequestInit | undefined): string {
  const body = init?.body
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : typeof body === "string" ? body : ""
}
