/**
 * Messages as HTML, as Slack and a mail program draw them. Every text goes through `html`, which escapes it: what a caller
 * said is shown, and is never markup of ours.
 */
import type { Instant } from "@earshot/core/instant"
import { type Email } from "@earshot/core/message/email"
import type { SlackPayload } from "@earshot/core/message/slack"
import { html } from "hono/html"
import { type Piece, SlackBlock, type SlackText, piecesOf } from "../slack-block.ts"

export type Html = ReturnType<typeof html>

/** Whoever looks at the gallery, so that it is the same wherever it is made. */
const READER_ZONE = "America/Chicago"

/** A message in a channel. Throws if it has a block that is not drawn here. */
export function slackDrawing({ blocks }: SlackPayload, sentAt: Instant): Html {
  return html`<div class="slack">
    ${AVATAR}
    <div class="from"><b>Earshot</b> <span class="app">APP</span> <time>${clockText(sentAt)}</time></div>
    ${blocks.map((block) => blockDrawing(SlackBlock.parse(block)))}
  </div>`
}

function blockDrawing(block: SlackBlock): Html {
  switch (block.type) {
    case "header":
      return html`<h3>${textDrawing(block.text)}</h3>`
    case "section":
      return "fields" in block
        ? html`<div class="fields">${block.fields.map((field) => html`<p>${textDrawing(field)}</p>`)}</div>`
        : html`<p>${textDrawing(block.text)}</p>`
    case "context":
      return html`<div class="context">
        ${block.elements.map((element) => html`<span>${textDrawing(element)}</span>`)}
      </div>`
  }
}

function textDrawing(text: SlackText): Html[] {
  return piecesOf(text).map(pieceDrawing)
}

function pieceDrawing(piece: Piece): Html {
  switch (piece.kind) {
    case "text":
      return html`${piece.text}`
    case "bold":
      return html`<b>${piece.text}</b>`
    case "link":
      return html`<a href="${piece.url}">${piece.text}</a>`
    case "date":
      return html`<time>${dateText(piece.at, piece.format)}</time>`
  }
}

/** As Slack writes it for somebody who reads the message on the day of the call. */
function dateText(at: Instant, format: string): string {
  return format.replaceAll("{date_short_pretty}", "today").replaceAll("{time}", clockText(at))
}

function clockText(at: Instant): string {
  return new Date(at).toLocaleTimeString("en-US", { timeZone: READER_ZONE, timeStyle: "short" })
}

/** In the type of the page, as most mail programs show a plain text. */
export function mailDrawing({ subject, body }: Email): Html {
  return html`<div class="mail">
    <h3>${subject}</h3>
    <div class="from"><b>Earshot</b> to support</div>
    <pre>${body}</pre>
  </div>`
}

const AVATAR = html`<svg class="avatar" viewBox="0 0 36 36" aria-hidden="true">
  <rect width="36" height="36" rx="8" />
  <path
    d="M12 15a6 6 0 0 1 12 0c0 5-5 5-5 9.500a3.300 3.300 0 0 1-6 1.500M15 15a3 3 0 0 1 6 0c0 2.500-2.500 2.500-2.500 4.500"
  />
</svg>`
