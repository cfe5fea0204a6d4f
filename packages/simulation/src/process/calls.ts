/** The Calls API as one process of a simulation reaches it. */
import type { ClientWorld } from "@earshot/calls-api/client"
import { type Instant, isoOf } from "@earshot/core/instant"
import { chance } from "@earshot/emulators/random"
import type { RequestFault } from "../time/fault.ts"
import { API_KEY, CALLER } from "../truth/secret.ts"
import type { Vendor, VendorAnswer } from "../vendor/vendor.ts"
import type { Line } from "./listener.ts"
import { reach } from "./process.ts"
import { httpTrouble } from "./trouble.ts"

/**
 * Of the requests without a fault, this share goes all the way: as text, through streams, under the client's own time
 * limit. The others arrive as the values that the text would be parsed to.
 */
const WHOLE_SHARE = 1 / 256

type Exchanged = Awaited<NonNullable<ReturnType<NonNullable<ClientWorld["exchange"]>>>>

export type ProcessCalls = {
  /** Null if the request has to go all the way, by the `fetch` that follows. */
  exchange: (url: string) => Promise<Exchanged> | null
  fetch: (url: string, init: RequestInit | undefined) => Promise<Response>
}

export function createProcessCalls({ network, process, listener }: Line, vendor: Vendor): ProcessCalls {
  const { timeline } = network
  const to = { party: "calls", process } as const
  /** The fault of the request that `exchange` has passed on to `fetch`; undefined if there is no such request. */
  let drawn: RequestFault | null | undefined

  /** Counts for the turn that makes it: the vendor may have it when that is long over. */
  function count(url: string): void {
    process.asked[url.includes("/calls/") ? "detail" : "list"]++
  }

  function ask(url: string): VendorAnswer {
    network.trace?.(`${isoOf(timeline.now())} p${process.id} asks ${url}`)
    return vendor.answer(url, timeline.now())
  }

  return {
    exchange(url) {
      const fault = network.draw(to)
      if (fault || chance(network.random, WHOLE_SHARE)) {
        drawn = fault
        return null
      }
      count(url)
      return reach(network, to, null, () => ask(url), noTrouble).then((answer) => {
        listener.shown(answer)
        return { status: answer.status, headers: headersOf(answer), text: "", json: answer.json }
      })
    },
    async fetch(url, init) {
      count(url)
      const fault = drawn === undefined ? network.draw(to) : drawn
      drawn = undefined
      const answers: VendorAnswer[] = []
      const response = await reach(
        network,
        to,
        fault,
        () => {
          const answer = ask(url)
          answers.push(answer)
          if (vendor.fetch) return vendor.fetch(url, init, answer)
          const headers = { "content-type": "application/json", ...answer.headers }
          return new Response(JSON.stringify(answer.json), { status: answer.status, headers })
        },
        (fault) => troubleOf(fault, timeline.now()),
      )
      if (response.status === 200) for (const answer of answers) listener.shown(answer)
      return response
    },
  }
}

const noTrouble = () => undefined

const NO_HEADERS = { get: () => null }

function headersOf({ headers }: VendorAnswer): Pick<Headers, "get"> {
  return headers ? { get: (name) => headers[name] ?? null } : NO_HEADERS
}

/** An error of the vendor may say more of a call than a log may show. */
function troubleOf(fault: RequestFault, now: Instant): Response | undefined {
  if (fault.kind === "broken") return new Response(`{"data":[{"from":"${CALLER}"`)
  if (fault.kind !== "failed") return httpTrouble(fault)
  const secret = now % 2 === 0 ? CALLER : API_KEY
  return Response.json({ error: `The upstream of ${secret} is unwell` }, { status: 502 })
}
