/** Ids for rules and channels that come without one: the name in Latin letters, with a number if another has that id. */
import { shortHash } from "@earshot/core/fingerprint"

/** As many characters as `RuleId` allows. */
const LENGTH_MAX = 63

/** Addresses below /rules that are no rule's. */
export const RESERVED_IDS: ReadonlySet<string> = new Set(["export", "import", "preview"])

/**
 * The id that a name asks for. Names in scripts that no letter table covers, such as Chinese, Hebrew or emoji, get a
 * hash, so that two of them still differ.
 */
export async function slugOf(name: string, noun: "rule" | "channel" = "rule"): Promise<string> {
  // Imported when the first such rule is added: no other request should wait for its letter tables.
  const { default: slugify } = await import("@sindresorhus/slugify")
  const slug = cut(slugify(name, { decamelize: false }), LENGTH_MAX)
  return slug === "" ? `${noun}-${shortHash(name.normalize())}` : slug
}

/** `long-call`, then `long-call-2`, `long-call-3` and so on, cut so that the number fits. */
export function numberedId(slug: string, number: number): string {
  if (number === 1) return slug
  const end = `-${number}`
  return cut(slug, LENGTH_MAX - end.length) + end
}

function cut(slug: string, length: number): string {
  return slug.slice(0, length).replace(/-+$/, "")
}
