/** What SST links to a function: its secrets, decrypted. Read only where no variable says otherwise. */
import { Resource } from "sst"
import * as z from "zod"

/** A variable that is empty counts as not set: that is how most tools unset one. */
export function set(value: string | undefined): string | undefined {
  const trimmed = value?.trim()
  return trimmed === "" ? undefined : trimmed
}

const Link = z.object({ value: z.string() })

/** The secrets are there, and cannot be read: they are encrypted as one. */
export const UNREADABLE = Symbol("unreadable")

/** What SST says where there is nothing to read: outside of SST, and of what is not linked to this function. */
const NOT_LINKED = /links are active|is not linked in/

/** `none` is what an optional secret is deployed with while it has no value. */
export function linked(name: string | undefined): string | typeof UNREADABLE | undefined {
  if (name === undefined) return undefined
  let link: unknown
  try {
    link = Reflect.get(Resource, name)
  } catch (error) {
    return error instanceof Error && NOT_LINKED.test(error.message) ? undefined : UNREADABLE
  }
  const value = Link.safeParse(link).data?.value
  return value === "none" ? undefined : set(value)
}
