/** The world of a process in a simulation: its clock, its sleep, the Calls API, and the channels. */
import type { ClientWorld } from "@earshot/calls-api/client"
import { DAY, type Instant, isoOf } from "@earshot/core/instant"
import { chance } from "@earshot/emulators/random"
import type { World } from "@earshot/io/world"
import type { Fault } from "../time/fault.ts"
import { API_KEY, CALLER, WEBHOOK_URL } from "../truth/secret.ts"
import type { Vendor, VendorAnswer } from "../vendor/vendor.ts"
import { SNS_HOST, tellSns } from "./email.ts"
import type { Listener } from "./listener.ts"
import { type Network, type Process, type Send, deliver, reach, reasonsIn } from "./process.ts"

/**
 * Of the requests that nothing befalls, so many go all the way: as text, through streams, under the client's own time
 * limit. The others arrive as the values that the text would be read to.
 */
const WHOLE_SHARE = 1 / 256

type Exchanged = Awaited<NonNullable<ReturnType<NonNullable<ClientWorld["exchange"]>>>>

export function createProcessWorld(
  network: Network,
  vendor: Vendor,
  process: Process,
  listener: Listener,
): World {
  const { timeline } = network
  const to = { party: "calls", process } as const
  /** What befalls the request that is about to be made. */
  let drawn: Fault | null | undefined

  const ask = (url: string): VendorAnswer => {
    network.trace?.(`${isoOf(timeline.now())} p${process.id} asks ${url}`)
    return vendor.answer(url, timeline.now())
  }

  function exchange(url: string): Promise<Exchanged> | null {
    const fault = network.draw(to)
    if (fault || chance(network.random, WHOLE_SHARE)) {
      drawn = fault
      return null
    }
    return reach(
      network,
      to,
      null,
      () => {
        const answer = ask(url)
        return () => {
          listener.shown(answer)
          return { status: answer.status, headers: headersOf(answer), text: "", json: answer.json }
        }
      },
      () => undefined,
    ).then((arrive) => arrive())
  }

  async function askCalls(url: string, init: RequestInit | undefined): Promise<Response> {
    const fault = drawn === undefined ? network.draw(to) : drawn
    drawn = undefined
    let answer: VendorAnswer | null = null
    const response = await reach(
      network,
      to,
      fault,
      () => {
        answer = ask(url)
        if (vendor.fetch) return vendor.fetch(url, init, answer)
        const headers = { "content-type": "application/json", ...answer.headers }
        return new Response(JSON.stringify(answer.json), { status: answer.status, headers })
      },
      (fault) => brokenOf(fault, timeline.now()),
    )
    if (response.status === 200) arrived(answer, listener)
    return response
  }

  function tellSlack(body: string): Promise<Response> {
    const callId = /"text":"call ([^"]+)"/.exec(body)?.[1] ?? ""
    const send: Send = { callId, channel: "slack", reasons: reasonsIn(body), isUnknown: false }
    const mayRepeat = body.includes("may be a repeat")
    listener.sent(send, process)
    listener.wrote(body, "slack")
    const party = { party: "slack", process } as const
    return reach(
      network,
      party,
      network.draw(party),
      () => {
        listener.told({ callId, channel: "slack", mayRepeat })
        return OK
      },
      troubleOf,
    )
  }

  return {
    fetch: (input, init) => {
      const url = input instanceof Request ? input.url : String(input)
      if (url === WEBHOOK_URL) return tellSlack(bodyOf(init))
      return url.startsWith(SNS_HOST)
        ? tellSns(network, process, listener, bodyOf(init))
        : askCalls(url, init)
    },
    ...(!vendor.fetch && { exchange: ({ url }) => exchange(url) }),
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

/** As much of a response as is read of it: to make a real one, and to read it, takes longer than a poll. */
const OK: Response = Object.create(Response.prototype, {
  status: { value: 200 },
  headers: { value: new Headers() },
  text: { value: async () => "ok" },
})

const NO_HEADERS = { get: () => null }

function headersOf({ headers }: VendorAnswer): Pick<Headers, "get"> {
  return headers ? { get: (name) => headers[name] ?? null } : NO_HEADERS
}

/** A function, because TypeScript does not see assignments in callbacks. */
function arrived(answer: VendorAnswer | null, listener: Listener): void {
  if (answer) listener.shown(answer)
}

function bodyOf(init: RequestInit | undefined): string {
  const body = init?.body
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : typeof body === "string" ? body : ""
}

/** What goes wrong at the vendor may say more of a call than a log may. */
function brokenOf(fault: Fault, now: Instant): Response | undefined {
  if (fault.kind === "broken") return new Response(`{"data":[{"from":"${CALLER}"`)
  if (fault.kind !== "failed") return troubleOf(fault)
  const secret = now % 2 === 0 ? CALLER : API_KEY
  return Response.json({ error: `The upstream of ${secret} is unwell` }, { status: 502 })
}

/** What servers answer in trouble; a connection that breaks for the other faults. */
function troubleOf(fault: Fault): Response | undefined {
  if (fault.kind === "busy")
    return new Response("slow down", { status: 429, headers: { "retry-after": "7" } })
  return fault.kind === "failed" ? new Response("<html>Bad gateway</html>", { status: 502 }) : undefined
}
