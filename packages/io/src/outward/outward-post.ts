/**
 * Sends a text to a URL that somebody wrote, and cannot be led anywhere else by it: the name is looked up once, every address
 * it has must be public, and the connection goes to one of those.
 */
import { type World, withinTime } from "../world.ts"
import { addressIn, isPublicAddress } from "./address.ts"
import type { Connector, OutwardAnswer } from "./connector.ts"
import { outwardUrlIssue } from "./outward-url.ts"

/** `refused`: it was not sent, and why. `unreachable`: `error` says why, and `mayHaveArrived` whether anything may have been read. */
export type Posted =
  | ({ kind: "answered" } & OutwardAnswer)
  | { kind: "refused"; why: string }
  | { kind: "unreachable"; error: unknown; mayHaveArrived: boolean }
  | { kind: "timeout"; mayHaveArrived: boolean }

export async function postOutward(
  world: World,
  connector: Connector,
  text: string,
  { headers, body, timeoutMs }: { headers: Record<string, string>; body: string; timeoutMs: number },
): Promise<Posted> {
  const issue = outwardUrlIssue(text)
  if (issue) return { kind: "refused", why: `its address ${issue}` }
  const url = new URL(text)
  let isConnecting = false
  try {
    const posted = await withinTime(world, timeoutMs, async (signal): Promise<Posted> => {
      const own = addressIn(url.hostname)
      const addresses = own === null ? await connector.resolve(url.hostname) : [own]
      const [address] = addresses
      // One that is not public among others is a trap, or a mistake that would be one on another day.
      if (address === undefined || !addresses.every(isPublicAddress)) {
        return { kind: "refused", why: "its name does not lead to a public address" }
      }
      // Nobody waits any more.
      if (signal.aborted) return { kind: "timeout", mayHaveArrived: false }
      isConnecting = true
      return { kind: "answered", ...(await connector.post({ url, address, headers, body, signal })) }
    })
    return posted === "timeout" ? { kind: "timeout", mayHaveArrived: isConnecting } : posted
  } catch (error) {
    return { kind: "unreachable", error, mayHaveArrived: isConnecting }
  }
}
