/** Values of the store in memory: frozen, so that no reader can change what was written, and no larger than an item may be. */
import { jsonBytesMax } from "@earshot/core/json"

/** DynamoDB's limit for an item. */
const ITEM_BYTES_MAX = 400 * 1024

/** Freezes the value and returns it. Throws if it is too large for an item. */
export function frozen<T extends object>(value: T): T {
  if (jsonBytesMax(value) > ITEM_BYTES_MAX) refuseTooLarge(value)
  freeze(value)
  return value
}

/** Freezes all of it. Nothing else freezes stored values, so a part that is frozen already is frozen throughout. */
function freeze(value: unknown): void {
  if (!isObject(value) || Object.isFrozen(value)) return
  for (const name in value) freeze(value[name])
  Object.freeze(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null
}

export function refuseTooLarge(value: unknown): void {
  if (Buffer.byteLength(JSON.stringify(value)) > ITEM_BYTES_MAX)
    throw new Error("Item size has exceeded the maximum allowed size")
}
