/** What a server answers when it is in trouble itself. */
import type { RequestFault } from "../time/fault.ts"

/** Undefined for a fault that breaks the connection instead. */
export function httpTrouble(fault: RequestFault): Response | undefined {
  if (fault.kind === "refused") return new Response("no_service", { status: 404 })
  if (fault.kind === "throttled")
    return new Response("rate_limited", {
      status: 429,
      headers: { "retry-after": String(Math.ceil(fault.forMs / 1000)) },
    })
  if (fault.kind === "busy")
    return new Response("slow down", { status: 429, headers: { "retry-after": "7" } })
  return fault.kind === "failed" ? new Response("<html>Bad gateway</html>", { status: 502 }) : undefined
}
