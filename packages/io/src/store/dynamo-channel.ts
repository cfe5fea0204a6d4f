/** The channels that somebody added or edited, on DynamoDB. One that cannot be read hides no other. */
import { ChannelSettings, type StoredChannel } from "@earshot/core/channel/settings"
import * as z from "zod"
import type { World } from "../world.ts"
import { type TeamItems, jsonIn, noneOrVersion, readAll, versionIn, writerMark } from "./dynamo-item.ts"
import type { Store } from "./store.ts"

const CHANNEL_PREFIX = "CHANNEL#"

/** Pages of a megabyte. As many ids as there may ever be fill two. */
const CHANNEL_PAGES_MAX = 20

export function channelStore(
  items: TeamItems,
  world: World,
): Pick<Store, "readChannels" | "readChannel" | "writeChannel"> {
  return {
    readChannels: async () =>
      (await readAll(items, { prefix: CHANNEL_PREFIX, pagesMax: CHANNEL_PAGES_MAX })).map(channelIn),

    readChannel: async (id) => {
      const item = await items.read(`${CHANNEL_PREFIX}${id}`)
      return item && channelIn(item)
    },

    writeChannel: async (channel) => {
      const sk = `${CHANNEL_PREFIX}${channel.id}`
      const writer = writerMark(world)
      const item = { sk, version: channel.version, writer, body: JSON.stringify(channel) }
      if (await items.put(item, noneOrVersion(channel.version - 1))) return true
      // The SDK repeats a write whose answer was lost, and the repeat finds the version that the first try wrote.
      return (await items.read(sk))?.["writer"] === writer
    },
  }
}

const Keyed = z.object({ sk: z.string().startsWith(CHANNEL_PREFIX) })

/** The item's own version is what a write is held against, so a channel that names another is as good as damaged. */
function channelIn(item: Record<string, unknown>): StoredChannel {
  const id = Keyed.parse(item).sk.slice(CHANNEL_PREFIX.length)
  const version = versionIn(item)
  const read = ChannelSettings.safeParse(jsonIn(item))
  if (read.success && read.data.id === id && read.data.version === version) return read.data
  return { id, version, isReadable: false }
}
