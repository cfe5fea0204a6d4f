/** Bugs in what people can read: messages, by the privacy of their channel, and the log. */
import { type Mutant, runs } from "./mutant.ts"

const ANSWER = "packages/calls-api/src/answer.ts"
const PARTY = "packages/core/src/call/party.ts"
const MESSAGE = "packages/core/src/message/message.ts"

export const PRIVACY: readonly Mutant[] = [
  {
    name: "words of the call at minimal privacy",
    why: "A channel whose privacy is minimal is told no word of a call.",
    edits: [
      {
        file: MESSAGE,
        from: 'if (privacy === "minimal" || summary === null || summary.trim() === "") return null',
        to: "if (summary === null) return null",
      },
    ],
    caughtBy: runs("default", 60, 6, 1),
  },
  {
    name: "a call's id at minimal privacy",
    why: "A channel whose privacy is minimal is told a reference and no id.",
    edits: [
      {
        file: MESSAGE,
        from: 'const callId = privacy === "minimal" ? callReference(record.callId) : record.callId',
        to: "const { callId } = record",
      },
    ],
    caughtBy: runs("default", 60, 6, 1),
  },
  {
    name: "a withheld number as a number",
    why: "What carriers put for a number that is withheld is never shown as one.",
    edits: [{ file: PARTY, from: "[user, name, plain].some(isWithheld)", to: "!isWithheld" }],
    caughtBy: runs("default", 30, 24, 6),
  },
  {
    name: "a number that is quoted is logged",
    why: "The log holds no caller's number, whatever the vendor says of what has failed.",
    edits: [{ file: ANSWER, from: '.test(withoutDates) ? "" :', to: '.test("") ? "" :' }],
    caughtBy: runs("default", 60, 6, 1),
  },
]
