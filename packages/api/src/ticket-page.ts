/** The page on which people acknowledge an alert, as HTML: for a phone, without a script, with nothing of the caller. */
import { createHash } from "node:crypto"
import { alertState } from "@earshot/core/alert/acknowledgement"
import { severityOf, standing } from "@earshot/core/alert/alert"
import type { CallRecord } from "@earshot/core/alert/call-record"
import { callReference } from "@earshot/core/fingerprint"
import { SEVERITY_TEXT } from "@earshot/core/message/sentence"
import { timeText } from "@earshot/core/message/time-text"

const STYLE = `
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 34rem; padding: 1.25rem; }
h1 { font-size: 1.375rem; line-height: 1.25; margin: 0 0 .5rem; }
ul { padding-left: 1.25rem; }
label { display: block; font-weight: 600; margin-top: 1rem; }
input, button { box-sizing: border-box; font: inherit; width: 100%; padding: .75rem; border-radius: .5rem; border: 1px solid #767676; }
button { margin-top: .75rem; min-height: 3rem; font-weight: 600; cursor: pointer; background: #0b57d0; border-color: #0b57d0; color: #fff; }
button.plain { background: none; color: inherit; border-color: #767676; }
.done { border-left: .25rem solid #1e7b34; padding-left: .75rem; }
.small { font-size: .875rem; overflow-wrap: anywhere; }
`

/** The style above and the form's own address; nothing else, from nowhere. */
export const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ")

const OPINION = { bad: "as a bad call", fine: "as a false alarm" } as const

/** As much as a channel with minimal privacy is shown: the rules, the severity and a reference. */
export function alertPage(record: CallRecord): string {
  const { alert, acknowledgement, callId } = record
  if (!alert) return sorryPage("There is no alert.")
  const still = new Set(standing(alert))
  const rules = alert.reasons.map((reason) => {
    return `<li>${escaped(reason.name)}${still.has(reason) ? "" : " (no longer true)"}</li>`
  })
  const verdict = acknowledgement?.verdict ?? null
  const said = acknowledgement
    ? `<p class="done" role="status">Acknowledged${verdict === null ? "" : ` ${OPINION[verdict]}`} at ${timeText(acknowledgement.at)}. You may say otherwise.</p>`
    : ""
  const isNews = acknowledgement && alertState(record) !== "acknowledged"
  return page(
    `${SEVERITY_TEXT[severityOf(alert)]}: an alert of Earshot`,
    `${said}${isNews ? "<p>It has new reasons since.</p>" : ""}
<p>Raised at ${timeText(alert.raisedAt)}, because of:</p>
<ul>${rules.join("")}</ul>
<form method="post">
<label for="by">Your name</label>
<input id="by" name="by" required maxlength="80" autocomplete="name">
<label for="note">A note, if you like</label>
<input id="note" name="note" maxlength="500" autocomplete="off">
<button name="verdict" value="bad">A bad call: the alert was right</button>
<button name="verdict" value="fine">A false alarm</button>
<button name="verdict" value="seen" class="plain">I have only seen it</button>
</form>
<p class="small">call ${escaped(callReference(callId))}</p>`,
  )
}

export function sorryPage(text: string): string {
  return page(
    text,
    "<p>Links in messages work for a week. The newest message about the call may have another.</p>",
  )
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${body}
</main>
</body>
</html>
`
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

function escaped(text: string): string {
  return text.toWellFormed().replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign)
}
