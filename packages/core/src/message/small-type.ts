/** What stands in small type under a message: which call and rules it is about, what the rules ask for, and how late it is. */
import type { Reason } from "../alert/alert.ts"
import type { Privacy } from "../channel/channel.ts"
import { type Instant, durationText } from "../instant.ts"

/** The sentences of more rules would be longer than the message. */
const SENTENCES_MAX = 3

export type RuleSentence = (rule: Pick<Reason, "ruleId" | "version">, privacy: Privacy) => string | null

/** What of the telling it depends on. */
type Small = { given: number; mayRepeat: boolean; privacy: Privacy; ruleSentence?: RuleSentence | undefined }

/** `added`: the reasons that the message is about, as they became true; `reasons`: the same, the worst first. */
export function smallType(
  { given, mayRepeat, privacy, ruleSentence }: Small,
  {
    callId,
    added,
    reasons,
    ended,
    raisedAt,
  }: {
    callId: string
    added: readonly Reason[]
    reasons: readonly Reason[]
    ended: Instant | null
    raisedAt: Instant
  },
): string[] {
  const asked = (given > 0 ? [] : reasons.slice(0, SENTENCES_MAX)).flatMap((reason) => {
    const sentence = ruleSentence?.(reason, privacy)
    return sentence ? [`${reason.ruleId}: ${sentence}`] : []
  })
  return [
    `call ${callId}`,
    added.map((reason) => `${reason.ruleId}@${reason.version}`).join(" "),
    ...asked,
    ...(ended === null ? [] : [`alert raised ${durationText(raisedAt - ended)} after the call ended`]),
    ...(mayRepeat ? ["may be a repeat: we could not tell whether the first attempt arrived"] : []),
  ]
}
