/**
 * What Slack would make of a message's markup: whom it would notify, where it would link to, and what should have been
 * escaped.
 *
 * None of this is an error to Slack, which shows the message as best it can, so the webhook accepts such messages; a
 * test with higher standards checks here.
 */

export type SlackMarkup = {
  /** `<!channel>`, `<@U123>` and the like: each notifies or names people. */
  readonly mentions: readonly string[]
  /** The targets of links. */
  readonly links: readonly string[]
  /** Each `<`, `>` or `&` that is neither markup nor escaped, with the characters behind it. */
  readonly unescaped: readonly string[]
}

const AS_MARKUP = /<([^<>]*)>/g
const ESCAPED = /&(?:amp|lt|gt);/g
const SHOWN_MAX = 20

/** From every text in the payload that Slack reads as markup; texts of the type `plain_text` are left out. */
export function readMarkup(payload: unknown): SlackMarkup {
  const texts = markupTexts(payload)
  const inside = texts.flatMap((text) => [...text.matchAll(AS_MARKUP)].map(([, content = ""]) => content))
  const unescaped = texts.flatMap((text) => {
    const bare = text
      .replaceAll(AS_MARKUP, (whole, content: string) =>
        isMention(content) || isLink(content) || isDate(content) ? "" : whole,
      )
      .replaceAll(ESCAPED, "")
    return [...bare.matchAll(/[<>&]/g)].map(({ index }) => bare.slice(index, index + SHOWN_MAX))
  })
  return {
    mentions: inside.filter(isMention),
    links: inside.filter(isLink).map((content) => content.split("|")[0] ?? content),
    unescaped,
  }
}

function isMention(content: string): boolean {
  return /^[!@#]/.test(content) && !isDate(content)
}

/** Shown in the reader's own time. */
function isDate(content: string): boolean {
  return content.startsWith("!date^")
}

function isLink(content: string): boolean {
  return /^(?:https?:\/\/|mailto:|tel:)/.test(content)
}

/** The message's own text is markup unless `mrkdwn` is false; deeper down, only objects of that type are. */
function markupTexts(payload: unknown): string[] {
  if (typeof payload !== "object" || payload === null) return []
  const own = "mrkdwn" in payload && payload.mrkdwn === false ? [] : textOf(payload)
  return [...own, ...Object.values(payload).flatMap(nestedTexts)]
}

function nestedTexts(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return []
  const own = "type" in value && value.type === "mrkdwn" ? textOf(value) : []
  return [...own, ...Object.values(value).flatMap(nestedTexts)]
}

function textOf(value: object): string[] {
  return "text" in value && typeof value.text === "string" ? [value.text] : []
}
