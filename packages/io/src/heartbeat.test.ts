/** A sign of life that does not get through fails nothing, is short, and tells the log everything but the address. */
import { createVirtualClock } from "@earshot/calls-api/virtual-clock"
import { expect, test } from "vitest"
import { HEARTBEAT_TIMEOUT_MS, type HeartbeatMemory, sendHeartbeat } from "./heartbeat.ts"
import type { LogEntry, World } from "./world.ts"

const URL = "https://hc-ping.com/a-secret"

function createSending(answer: (signal: AbortSignal | null | undefined) => Promise<Response>) {
  const clock = createVirtualClock(Date.UTC(2026, 0, 5))
  let ahead = 0
  const logs: LogEntry[] = []
  const asked: string[] = []
  const world: World = {
    fetch: async (input, init) => {
      asked.push(
        `${init?.method} ${input instanceof Request ? input.url : input.toString()} ${init?.redirect}`,
      )
      return answer(init?.signal)
    },
    now: () => clock.now() + ahead,
    sleep: clock.sleep,
    random: () => 0.5,
    log: (entry) => void logs.push(entry),
  }
  const memory: HeartbeatMemory = { sentAt: 0 }
  const send = (afterMs: number) => {
    ahead += afterMs
    return clock.run(sendHeartbeat(world, URL, memory))
  }
  return { send, logs, asked, now: world.now }
}

test("one a minute is enough, however often polls complete", async () => {
  const { send, asked, logs } = createSending(async () => new Response("OK"))
  for (let poll = 0; poll < 9; poll++) await send(20_000)
  expect(asked).toEqual(Array.from({ length: 3 }, () => `GET ${URL} manual`))
  expect(logs).toEqual([])
})

test.each<[string, (signal: AbortSignal | null | undefined) => Promise<Response>, string]>([
  ["refuses", async () => new Response("a-secret", { status: 404 }), "the monitor answered 404"],
  ["leads elsewhere", async () => Response.redirect("http://10.0.0.1/", 302), "the monitor answered 302"],
  ["never answers", () => new Promise(() => {}), "no answer within 3 s"],
  [
    "never ends its answer",
    async () => new Response(new ReadableStream({ cancel: () => new Promise(() => {}) })),
    "no answer within 3 s",
  ],
  [
    "cannot be reached",
    async () => {
      throw Object.assign(new TypeError(`fetch failed ${URL}`), { cause: { code: "ENOTFOUND" } })
    },
    "the monitor could not be reached (ENOTFOUND)",
  ],
])("a monitor that %s is a line of the log, within seconds", async (_, answer, why) => {
  const { send, logs, now } = createSending(answer)
  const before = now()
  await send(0)
  expect(now() - before).toBeLessThanOrEqual(HEARTBEAT_TIMEOUT_MS)
  expect(logs).toEqual([{ level: "warn", event: "heartbeat.failed", why }])
  expect(JSON.stringify(logs)).not.toContain("a-secret")
})
