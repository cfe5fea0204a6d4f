/** The world of a process in a simulation: its clock, its sleep, the Calls API, and the channels. */
import { DAY } from "@earshot/core/instant"
import type { Message } from "@earshot/core/message"
import type { SendResult } from "@earshot/core/delivery"
import { type Channel, SEND_TIMEOUT_MS } from "@earshot/io/channel"
import { withinTime, type World } from "@earshot/io/world"
import type { Fault } from "./fault.ts"
import { deliver, type Network, type Process, reach, type Send } from "./simulated-process.ts"
import type { Shown, Vendor, VendorAnswer } from "./simulated-vendor.ts"

export const WEBHOOK_URL = "https://hooks.slack.com/services/T000/B000/X000"

/** What a channel was told, as its people see it. */
export type Told = { callId: string; channel: "slack" | "email"; mayRepeat: boolean }

export type Listener = {
  told: (told: Told) => void
  /** A message has left a process. */
  sent: (send: Send, process: Process) => void
  /** The vendor's answer has arrived whole. */
  shown: (shown: readonly Shown[]) => void
}

export function createProcessWorld(
  network: Network,
  vendor: Vendor,
  process: Process,
  listener: Listener,
): World {
  const { timeline } = network

  async function askCalls(url: URL): Promise<Response> {
    network.trace?.(
      `${new Date(timeline.now()).toISOString()} p${process.id} asks ${url.pathname}${url.search}`,
    )
    let answer: VendorAnswer | null = null
    const response = await reach(
      network,
      { party: "calls", process },
      async () => {
        answer = vendor.answer(url, timeline.now())
        return respond(answer.status, answer.body)
      },
      (fault) => (fault.kind === "broken" ? respond(200, '{"data":[{"id":"a"') : troubleOf(fault)),
    )
    if (response.status === 200) listener.shown(shownIn(answer))
    return response
  }

  function tellSlack(body: string): Promise<Response> {
    const callId = /"text":"call ([^"]+)"/.exec(body)?.[1] ?? ""
    const send: Send = { callId, channel: "slack", isUnknown: false }
    const mayRepeat = body.includes("possibly a repeat")
    listener.sent(send, process)
    return reach(
      network,
      { party: "slack", process },
      async () => {
        listener.told({ callId, channel: "slack", mayRepeat })
        return new Response("ok")
      },
      troubleOf,
    )
  }

  return {
    fetch: (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      return url.host === "hooks.slack.com" ? tellSlack(bodyOf(init)) : askCalls(url)
    },
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
    log: () => {},
  }
}

/** The calls of an answer that was had; a function, because TypeScript does not see assignments in callbacks. */
function shownIn(answer: VendorAnswer | null): readonly Shown[] {
  return answer?.shown ?? []
}

function bodyOf(init: RequestInit | undefined): string {
  return typeof init?.body === "string" ? init.body : ""
}

function respond(status: number, body: string): Response {
  return new Response(body, { status, headers: { "content-type": "application/json" } })
}

/** What servers answer in trouble; a connection that breaks for the other faults. */
function troubleOf(fault: Fault): Response | undefined {
  if (fault.kind === "busy")
    return new Response("slow down", { status: 429, headers: { "retry-after": "7" } })
  return fault.kind === "failed" ? new Response("<html>Bad gateway</html>", { status: 502 }) : undefined
}

const LOST: SendResult = { kind: "retry", why: "the answer was lost", mayHaveArrived: true }

/** The second channel: as simple as can be, with the same faults. */
export function createSimulatedEmail(
  world: World,
  network: Network,
  process: Process,
  listener: Listener,
): Channel {
  return {
    id: "email",
    privacy: "minimal",
    paceMs: 1000,
    send: async (message: Message) => {
      const send: Send = { callId: message.callId, channel: "email", isUnknown: false }
      const mayRepeat = message.small.some((text) => text.startsWith("possibly a repeat"))
      listener.sent(send, process)
      const arrive = async (): Promise<SendResult> => {
        listener.told({ callId: message.callId, channel: "email", mayRepeat })
        return { kind: "sent" }
      }
      const result = await withinTime(world, SEND_TIMEOUT_MS, () =>
        reach(network, { party: "email", process }, arrive, () => LOST),
      )
      return result === "timeout" ? LOST : result
    },
  }
}
