/**
 * What Slack refuses about a message, and with which error.
 *
 * Of Block Kit, this knows the blocks that a notification uses and the limits that Slack documents for them. Other
 * existing block types are accepted unread.
 */

export type Json = { readonly [name: string]: unknown }

const BLOCKS_MAX = 50
const TEXT_MAX = 40_000
const KNOWN_UNREAD = ["input", "rich_text", "video", "file", "markdown", "table"]

export type PayloadError = "invalid_payload" | "no_text" | "invalid_blocks" | "msg_too_long"

export type CheckedPayload =
  | { readonly ok: true; readonly payload: Json }
  | { readonly ok: false; readonly error: PayloadError }

/** Accepts any value: anything but an object is an invalid payload. */
export function checkPayload(payload: unknown): CheckedPayload {
  if (!isObject(payload)) return { ok: false, error: "invalid_payload" }
  const error = findPayloadError(payload)
  return error ? { ok: false, error } : { ok: true, payload }
}

function findPayloadError(payload: Json): PayloadError | undefined {
  const { text, blocks, attachments } = payload
  if (text !== undefined && typeof text !== "string") return "invalid_payload"
  if (typeof text === "string" && text.length > TEXT_MAX) return "msg_too_long"
  if (blocks !== undefined && !Array.isArray(blocks)) return "invalid_payload"
  const hasText = typeof text === "string" && text.trim() !== ""
  const hasMore = [blocks, attachments].some((list) => Array.isArray(list) && list.length > 0)
  if (!hasText && !hasMore) return "no_text"
  return blocks === undefined || areBlocksFine(blocks) ? undefined : "invalid_blocks"
}

function areBlocksFine(blocks: readonly unknown[]): boolean {
  if (blocks.length > BLOCKS_MAX) return false
  const ids = blocks.flatMap((block) =>
    isObject(block) && block["block_id"] !== undefined ? [block["block_id"]] : [],
  )
  if (new Set(ids).size !== ids.length) return false
  return blocks.every((block) => isObject(block) && isBlockFine(block))
}

function isBlockFine(block: Json): boolean {
  const id = block["block_id"]
  if (id !== undefined && !isString(id, 1, 255)) return false
  switch (block["type"]) {
    case "header":
      return isText(block["text"], 150, ["plain_text"])
    case "section":
      return isSectionFine(block)
    case "context":
      return isList(block["elements"], 1, 10) && block["elements"].every(isContextElement)
    case "actions":
      return isList(block["elements"], 1, 25) && block["elements"].every(isAction)
    case "image":
      return isUrl(block["image_url"]) && isString(block["alt_text"], 1, 2000)
    case "divider":
      return true
    default:
      return KNOWN_UNREAD.includes(String(block["type"]))
  }
}

function isSectionFine(block: Json): boolean {
  const { text, fields, accessory } = block
  if (text === undefined && fields === undefined) return false
  if (text !== undefined && !isText(text, 3000)) return false
  if (fields !== undefined && !(isList(fields, 1, 10) && fields.every((field) => isText(field, 2000))))
    return false
  return accessory === undefined || isObject(accessory)
}

function isContextElement(element: unknown): boolean {
  if (isObject(element) && element["type"] === "image") {
    return isUrl(element["image_url"]) && isString(element["alt_text"], 1, 2000)
  }
  return isText(element, 2000)
}

function isAction(element: unknown): boolean {
  if (!isObject(element)) return false
  if (element["type"] !== "button") return typeof element["type"] === "string"
  const url = element["url"]
  return isText(element["text"], 75, ["plain_text"]) && (url === undefined || isUrl(url))
}

function isText(
  value: unknown,
  lengthMax: number,
  types: readonly string[] = ["plain_text", "mrkdwn"],
): boolean {
  return isObject(value) && types.includes(String(value["type"])) && isString(value["text"], 1, lengthMax)
}

function isUrl(value: unknown): boolean {
  return isString(value, 1, 3000) && URL.canParse(value) && /^https?:/i.test(value)
}

function isString(value: unknown, lengthMin: number, lengthMax: number): value is string {
  return typeof value === "string" && value.length >= lengthMin && value.length <= lengthMax
}

function isList(value: unknown, lengthMin: number, lengthMax: number): value is readonly unknown[] {
  return Array.isArray(value) && value.length >= lengthMin && value.length <= lengthMax
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
