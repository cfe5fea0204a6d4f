/** The tokens of the HTTP API, on DynamoDB. One that cannot be read lets nobody in and hides no other. */
import type { World } from "../world.ts"
import { ApiToken } from "./api-token.ts"
import { type TeamItems, jsonIn, noneOrVersion, readAll, writerMark } from "./dynamo-item.ts"
import type { Store } from "./store.ts"

const TOKEN_PREFIX = "TOKEN#"

/** As many names as there may ever be fill one page of a megabyte. */
const TOKEN_PAGES_MAX = 5

export function tokenStore(items: TeamItems, world: World): Pick<Store, "readTokens" | "writeToken"> {
  return {
    readTokens: async () => {
      const stored = await readAll(items, { prefix: TOKEN_PREFIX, pagesMax: TOKEN_PAGES_MAX })
      return stored.flatMap((item) => {
        const token = ApiToken.safeParse(jsonIn(item)).data
        return token && item["sk"] === `${TOKEN_PREFIX}${token.name}` ? [token] : []
      })
    },

    writeToken: async (token) => {
      const sk = `${TOKEN_PREFIX}${token.name}`
      const writer = writerMark(world)
      const item = { sk, version: token.version, writer, body: JSON.stringify(token) }
      if (await items.put(item, noneOrVersion(token.version - 1))) return true
      // The SDK repeats a write whose answer was lost, and the repeat finds the version that the first try wrote.
      return (await items.read(sk))?.["writer"] === writer
    },
  }
}
