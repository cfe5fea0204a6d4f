/** What a channel says about another one: that it takes no messages and why, or that it takes them again. */
import { SECOND, durationText } from "../instant.ts"
import type { TroubleNotice } from "../alert/notice.ts"
import type { Bulletin } from "./bulletin.ts"

export function troubleBulletin({
  id,
  kind,
  about,
  why,
  waiting,
  since,
  at,
  mayRepeat,
}: TroubleNotice): Bulletin {
  const alerts = waiting === 1 ? "1 alert waits" : `${waiting} alerts wait`
  const lasted = durationText(at - since)
  const isOver = kind === "over"
  const title = isOver
    ? `The channel ${about} takes messages again`
    : `The channel ${about} takes no messages`
  const what = isOver
    ? `It took none for ${lasted}.${waiting > 0 ? ` What waited comes now: ${waiting}.` : ""}`
    : `${why}. ${alerts} for it.`
  return {
    id,
    severity: isOver ? "info" : "critical",
    ruleIds: ["earshot-channel"],
    title,
    sentence: `${title}: ${isOver ? what : `${why}; ${alerts}.`}`,
    parts: [
      {
        label: isOver ? "What is over" : "What is wrong",
        lines: [what, ...(at - since > SECOND && !isOver ? [`It has failed for ${lasted}.`] : [])],
      },
    ],
    next: isOver
      ? "Nothing: every alert that waited is sent to it."
      : "Mend the channel: GET /health says more. Alerts are tried again for a day, and listed after that.",
    small: ["about Earshot itself", ...(mayRepeat ? ["may be a repeat"] : [])],
  }
}
