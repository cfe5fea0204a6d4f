/** What a test message says, at every privacy: that it is one, and that there is nothing to do. */

const BECAUSE = "somebody has asked Earshot to try this channel; no call is behind it"

/** The parts of a message that differ in a test's. */
export function testWords(callId: string) {
  return {
    kind: "alert",
    title: "TEST of this channel",
    headline: "TEST of this channel",
    sentence: `TEST: ${BECAUSE}.`,
    about: "no call",
    facts: [],
    why: [{ name: "TEST", because: BECAUSE }],
    summary: null,
    turns: [],
    callUrl: null,
    next: "This is a test. There is nothing to do.",
    small: [`test ${callId}`],
    isTest: true,
  } as const
}
