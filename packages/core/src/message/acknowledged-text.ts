/** What a message says of an acknowledgement: who has seen the alert, when, and whether it was right. */
import type { Acknowledgement } from "../alert/acknowledgement.ts"
import type { Privacy } from "../channel/channel.ts"
import { shorten } from "../text.ts"
import { timeText } from "./time-text.ts"

const BY_MAX = 60

const NOTE_MAX = 120

const OPINION: Record<"bad" | "fine", string> = { bad: "a bad call", fine: "a false alarm" }

/** Only where everything is shown may it say what somebody has written of a call. */
export function acknowledgedText(
  { by, verdict, note, at }: Acknowledgement,
  privacy: Privacy,
  timeZone: string,
): string {
  const said = verdict === null ? "" : `: ${OPINION[verdict]}`
  const noted = note === null || privacy !== "full" ? "" : ` (${shorten(note, NOTE_MAX)})`
  return `by ${shorten(by, BY_MAX)}, ${timeText(at, timeZone)}${said}${noted}`
}
