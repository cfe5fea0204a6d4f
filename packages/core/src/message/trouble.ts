/** What a channel says about another one: that it takes no messages and why, or not everybody gets them, or that this is over. */
import { SECOND, durationText } from "../instant.ts"
import type { TroubleNotice } from "../alert/notice.ts"
import type { Bulletin } from "./bulletin.ts"

export function troubleBulletin(notice: TroubleNotice): Bulletin {
  const { id, kind, mayRepeat } = notice
  const isOver = kind === "over"
  const { severity, title, lines, brief, next } =
    notice.subject === "messages" ? ofMessages(notice) : ofSubscriptions(notice)
  return {
    id,
    severity: isOver ? "info" : severity,
    ruleIds: ["earshot-channel"],
    title,
    sentence: `${title}: ${brief}`,
    parts: [{ label: isOver ? "What is over" : "What is wrong", lines }],
    next,
    small: ["about Earshot itself", ...(mayRepeat ? ["may be a repeat"] : [])],
  }
}

type Said = Pick<Bulletin, "severity" | "title" | "next"> & { lines: string[]; brief: string }

function ofMessages({ kind, about, why, waiting, since, at }: TroubleNotice): Said {
  const lasted = durationText(at - since)
  if (kind === "over") {
    const what = `It took none for ${lasted}.${waiting > 0 ? ` What waited comes now: ${waiting}.` : ""}`
    return {
      severity: "info",
      title: `The channel ${about} takes messages again`,
      lines: [what],
      brief: what,
      next: "Nothing: every alert that waited is sent to it.",
    }
  }
  const alerts = waiting === 1 ? "1 alert waits" : `${waiting} alerts wait`
  return {
    severity: "critical",
    title: `The channel ${about} takes no messages`,
    lines: [`${why}. ${alerts} for it.`, ...(at - since > SECOND ? [`It has failed for ${lasted}.`] : [])],
    brief: `${why}; ${alerts}.`,
    next: "Mend the channel: GET /health says more. Alerts are tried again for a day, and listed after that.",
  }
}

function ofSubscriptions({ kind, subject, about, why, since, at }: TroubleNotice): Said {
  if (kind === "over") {
    const what = `It was not so for ${durationText(at - since)}, or up to an hour less.`
    return {
      severity: "info",
      title: `Everybody who is subscribed to the channel ${about} gets its messages`,
      lines: [what],
      brief: what,
      next: "Nothing: what was sent meanwhile is not sent again.",
    }
  }
  const isGone = subject === "unsubscribed"
  const what = isGone
    ? "Nobody is subscribed to its topic any more."
    : `${why.slice(0, 1).toUpperCase()}${why.slice(1)}.`
  return {
    severity: isGone ? "critical" : "warning",
    title: isGone
      ? `Nobody gets the messages of the channel ${about}`
      : `Not everybody gets the messages of the channel ${about}`,
    lines: [what],
    brief: what,
    next: isGone
      ? "Subscribe somebody to its topic again, or turn the channel off."
      : "Whoever was sent that mail clicks its link; AWS drops an address that has not within three days.",
  }
}
