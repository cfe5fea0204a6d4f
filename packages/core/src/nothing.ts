/**
 * What a vendor may write before it knows: a blank text, an empty list, an object without anything in it. It means as
 * little as null, and erases nothing that was known.
 */

/** The value, or null for one that says nothing. */
export function something<T>(value: T): T | null {
  return saysNothing(value) ? null : value
}

function saysNothing(value: unknown): boolean {
  if (value === null || value === undefined) return true
  if (typeof value === "string") return value.trim() === ""
  if (typeof value !== "object") return false
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0
}
