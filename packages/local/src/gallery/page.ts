/**
 * The gallery as one page: a part for each kind of message, with a row for each channel and a column for each privacy
 * level. It needs nothing but itself, and its policy lets it ask for nothing.
 */
import { type DeploymentChannelId, CHANNEL_IDS, Privacy } from "@earshot/core/channel/channel"
import { emailBulletin, slackBulletin } from "@earshot/core/message/bulletin"
import { emailOf } from "@earshot/core/message/email"
import { composeMessage, endedAt } from "@earshot/core/message/message"
import { slackPayload } from "@earshot/core/message/slack"
import { html, raw } from "hono/html"
import { BULLETIN_SAMPLES, type BulletinSample } from "./bulletin-sample.ts"
import { type Html, mailDrawing, slackDrawing } from "./drawing.ts"
import { LINKS, SAMPLES, SHOWN_KIND, type GallerySample } from "./sample.ts"
import { GALLERY_STYLE } from "./style.ts"

const CHANNEL_TEXT: Record<DeploymentChannelId, string> = { slack: "Slack", email: "E-mail" }

export async function galleryPage(): Promise<string> {
  const shown = SAMPLES.find(({ kind }) => kind === SHOWN_KIND)
  return String(
    await html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta
            http-equiv="Content-Security-Policy"
            content="default-src 'none'; style-src 'unsafe-inline'"
          />
          <title>Messages of Earshot</title>
          <style>
            ${raw(GALLERY_STYLE)}
          </style>
        </head>
        <body>
          <h1>Messages of Earshot</h1>
          <p class="about">
            Every kind of message, at each privacy level, in each channel. The calls are made up.
          </p>
          ${SAMPLES.map((sample) => kindDrawing(sample, (kind, privacy) => messageDrawing(sample, kind, privacy)))}
          ${BULLETIN_SAMPLES.map((sample) => kindDrawing(sample, (kind, privacy) => bulletinDrawing(sample, kind, privacy)))}
          <h1>In the README</h1>
          <div id="alert">
            <header># <b>support-alerts</b></header>
            <div class="day"><span>Today</span></div>
            ${shown && messageDrawing(shown, "slack", "standard")}
          </div>
        </body>
      </html>`,
  )
}

/** The id of a kind's part of the page, and the name of its picture. */
export function pictureOf({ kind }: { kind: string }): string {
  return kind.toLowerCase().replaceAll(" ", "-")
}

function kindDrawing(
  sample: { kind: string },
  draw: (kind: DeploymentChannelId, privacy: Privacy) => Html,
): Html {
  return html`<article id="${pictureOf(sample)}">
    <h2>${sample.kind}</h2>
    <div class="grid">
      ${CHANNEL_IDS.flatMap((channel) =>
        Privacy.options.map(
          (privacy) =>
            html`<section>
              <h4>${CHANNEL_TEXT[channel]}, ${privacy}</h4>
              ${draw(channel, privacy)}
            </section>`,
        ),
      )}
    </div>
  </article>`
}

/** What the channel is sent of what is not about one call, drawn. */
export function bulletinDrawing(sample: BulletinSample, kind: DeploymentChannelId, privacy: Privacy): Html {
  const bulletin = sample.bulletin(privacy)
  switch (kind) {
    case "slack":
      return slackDrawing(slackBulletin(bulletin), sample.sentAt)
    case "email":
      return mailDrawing(emailBulletin(bulletin))
  }
}

/** What the channel is sent, drawn. Throws if nothing is. */
export function messageDrawing(
  { record, mayRepeat, given, taken }: GallerySample,
  kind: DeploymentChannelId,
  privacy: Privacy,
): Html {
  const telling = { privacy, mayRepeat, given, taken, ...LINKS }
  const message = composeMessage(record, telling)
  if (!message || !record.alert) throw new Error("The sample has no message.")
  const sentAt = Math.max(...record.alert.reasons.map(({ at }) => at))
  switch (kind) {
    case "slack":
      return slackDrawing(slackPayload(message, endedAt(record)), sentAt)
    case "email":
      return mailDrawing(emailOf(message))
  }
}
