/**
 * Questions about values stored as JSON, answered without writing the JSON: whether two are the same, and how large one
 * may be. Writing takes ten times as long, and the poller asks at every judgement.
 */

/** Whether two values are the same as JSON, whatever the order of their fields. Parts they share are not compared. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  for (const name of names) if (!Object.hasOwn(b, name) || !isSameJson(a[name], b[name])) return false
  return true
}

/** An upper bound for the value's size in bytes as JSON. */
export function jsonBytesMax(value: unknown): number {
  // A character takes at most three bytes, or six as an escape.
  return 6 * charactersMax(value)
}

function charactersMax(value: unknown): number {
  if (typeof value === "string") return value.length + 3
  // No number is written longer than this.
  if (!isObject(value)) return 25
  let characters = 3
  if (Array.isArray(value)) for (const part of value) characters += 1 + charactersMax(part)
  else for (const name in value) characters += name.length + 4 + charactersMax(value[name])
  return characters
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null
}
