/** Briefs are read as people read them, whatever the channel makes of them. */
import { expect, test } from "vitest"
import { briefIn, countIn } from "./brief-text.ts"

const SAID =
  "Daily brief: 10 of 14 calls checked, 3 alerts, 2 waiting, 1 closed unexamined, 1 deleted at echowin, no complete reading for 1 h."

const MAIL = `Warning: Daily brief: 10 of 14 calls checked
${SAID.replace("1 closed ", "1 closed\n")}

2026-01-04 08:00 GMT+1 to 2026-01-05 08:00 GMT+1
  - 10 of 14 calls checked, 3 alerts, 2 waiting.

Alerts by rule
  - Flagged: 2
  - Low score: 1

Owed
  - 3 messages are still to be sent
`

const SLACK = JSON.stringify({
  text: SAID,
  blocks: [
    { text: "*2026-01-04 08:00 GMT+1 to 2026-01-05 08:00 GMT+1*" },
    { text: "*Alerts by rule*" },
    { text: "• Flagged: 2\n• Low score: 1" },
    { text: "*Owed*" },
    { text: "3 messages are still to be sent" },
  ],
})

test.each([MAIL, SLACK])("a brief says its numbers", (text) => {
  const brief = briefIn(text)
  expect(brief).toMatchObject({ checked: 10, listed: 14, alerts: 3, waiting: 2, unexamined: 1, deleted: 1 })
  expect(brief).toMatchObject({ hasGap: true, from: "2026-01-04 08:00", to: "2026-01-05 08:00", owed: 3 })
  expect(brief && ["Flagged", "Low score", "Transferred"].map((name) => countIn(brief, name))).toEqual([
    2, 1, 0,
  ])
})

test("a quiet one says nothing of what there was not", () => {
  const said = "Daily brief: 1 of 1 call checked, no alerts, nothing waiting."
  expect(briefIn(said)).toMatchObject({ checked: 1, listed: 1, alerts: 0, waiting: 0, unexamined: 0 })
  expect(briefIn(said)).toMatchObject({ hasGap: false, owed: null })
})

test("no other message is one", () => {
  expect(briefIn("The channel slack takes no messages")).toBeNull()
})
