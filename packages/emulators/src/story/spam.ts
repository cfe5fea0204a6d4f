/** Calls that want something for nothing. The offers and the people who make them are invented. */
import { agent, caller, type Story } from "../story.ts"

export const SPAM_STORIES: readonly Story[] = [
  {
    topic: "a business listing",
    direction: "incoming",
    weight: 3,
    *tell({ company, pick }) {
      yield caller(
        "This is an important message for the business owner. Your listing is about to be suspended.",
      )
      yield caller(pick("Press one now to verify it.", "To avoid this, stay on the line for a specialist."))
      yield agent(`This is ${company.name}. We don't take care of listings by telephone.`)
      yield caller("Press one now to verify it.")
      yield agent("Please take this number off your list. Goodbye.")
      return {
        outcome: "A recorded message claimed that the business listing would be suspended.",
        memory: "Robocall about a listing.",
      }
    },
  },
  {
    topic: "a cheaper rate for electricity",
    direction: "incoming",
    weight: 2,
    *tell({ pick, number }) {
      yield caller("Good morning, am I speaking with the person who looks after the energy bill?")
      yield agent("I can take a message. What is it about?")
      yield caller(
        `We can lower your rate by ${number(20, 45)} percent. I only need ${pick("the meter number", "a recent bill")} to check.`,
      )
      yield agent("We don't give that out by telephone. You can write to us.")
      yield caller(pick("It only takes a minute, honestly.", "Is there a manager I could speak with?"))
      yield agent("No, thank you. Goodbye.")
      return {
        outcome:
          "A salesperson offered cheaper electricity and asked for the meter number. Nothing was given out.",
        memory: "Sells energy contracts; asks for meter numbers.",
      }
    },
  },
  {
    topic: "a loan",
    direction: "incoming",
    weight: 2,
    *tell({ number }) {
      yield caller(
        `Congratulations! You've been pre-approved for a business loan of up to ${number(50, 250)} thousand dollars.`,
      )
      yield agent("We haven't applied for a loan.")
      yield caller("You've been pre-approved. Stay on the line to claim your funds today.")
      yield agent("Goodbye.")
      return {
        outcome: "A recorded message offered a business loan that nobody had asked for.",
        memory: "Robocall about loans.",
      }
    },
  },
]
