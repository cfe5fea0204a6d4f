/** Which channels the oracle takes to be there while people edit them. */
import { HOUR, MINUTE } from "@earshot/core/instant"
import { expect, test } from "vitest"
import { START } from "../scenario.ts"
import { createRouting } from "../truth/routing.ts"
import { type ChannelEdit, rostersOf } from "./channel-edit.ts"

test("two channels that are turned off at one moment are live all the same, but for seconds in which one of them is off", () => {
  const at = START + HOUR
  const off = (id: string): ChannelEdit => ({ kind: "write", id, at, change: { mode: "off" } })
  const deployments = [{ from: START, channels: ["slack", "email"] as const }]
  const { isThere } = createRouting(rostersOf([off("slack"), off("email")], deployments))
  for (const id of ["slack", "email"]) {
    expect(isThere(id, START, at - 10 * MINUTE)).toBe(true)
    expect(isThere(id, at - MINUTE, at + MINUTE)).toBe(false)
    expect(isThere(id, at + 10 * MINUTE, at + HOUR)).toBe(true)
  }
})
