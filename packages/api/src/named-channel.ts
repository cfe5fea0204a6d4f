/** Whether the channels that a rule names are there: one that is not is a slip, and nobody would hear. */
import { CHANNEL_IDS } from "@earshot/core/channel/channel"
import { isReadableChannel } from "@earshot/core/channel/settings"
import type { Store } from "@earshot/io/store/store"
import * as z from "zod"
import type { ProblemError } from "./problem.ts"

const Naming = z.object({ channels: z.array(z.unknown()).max(100) })

/** Asks the store only if one is named that is not of the deployment. What is no text, the rule's own schema refuses. */
export async function channelErrors(store: Store, body: unknown): Promise<ProblemError[]> {
  const own: readonly string[] = CHANNEL_IDS
  const named = Naming.safeParse(body).data?.channels ?? []
  const isStrange = (id: unknown): id is string => typeof id === "string" && !own.includes(id)
  if (!named.some(isStrange)) return []
  const stored = await store.readChannels()
  const there = stored.filter((channel) => !isReadableChannel(channel) || !channel.isDeleted)
  const ids = [...new Set([...own, ...there.map(({ id }) => id)])]
  return named.flatMap((id, index) =>
    isStrange(id) && !ids.includes(id)
      ? [{ path: `/channels/${index}`, message: `must be one of ${ids.join(", ")}` }]
      : [],
  )
}
