/** What a test message says, at every privacy: that it is one, and that there is nothing to do. */
import type { Message } from "./message.ts"

/** The message of a record that no call is behind, made into a test's. */
export function testMessage(message: Message): Message {
  const because = "somebody has asked Earshot to try this channel; no call is behind it"
  return {
    ...message,
    title: "TEST of this channel",
    sentence: `TEST: ${because}.`,
    about: "no call",
    facts: [],
    why: [{ name: "TEST", because }],
    summary: null,
    turns: [],
    next: "This is a test. There is nothing to do.",
    small: [`test ${message.callId}`],
    isTest: true,
  }
}
