/** Calls that are over before they become anything; every company gets them. */
import { agent, caller, type Story } from "../story.ts"

export const BRIEF_STORIES: readonly Story[] = [
  {
    topic: "the opening hours",
    direction: "incoming",
    weight: 5,
    *tell({ company, pick }) {
      yield caller(
        pick(
          "Hi, quick one, when are you open?",
          "Just wondering, are you open on Saturday?",
          "What are your hours?",
        ),
      )
      yield agent(`We're here ${company.hours}.`)
      yield caller(pick("Got it, thanks. Bye.", "Okay, thank you!", "Right, that's what I thought."))
      return {
        outcome: "The caller asked when the place is open and was told.",
        memory: "Has asked for the opening hours.",
      }
    },
  },
  {
    topic: "a wrong number",
    direction: "incoming",
    weight: 3,
    *tell({ company, pick }) {
      yield caller(pick("Is that the library?", "Grandma?", "Yeah, can I get a cab to the station?"))
      yield agent(`I'm afraid you've reached ${company.name}. You may have the wrong number.`)
      yield caller(pick("Oh! Sorry.", "Huh. Sorry to bother you.", "Oops, wrong one."))
      return { outcome: "The caller had dialed a wrong number.", memory: "Dialed a wrong number once." }
    },
  },
  {
    topic: "nothing",
    direction: "incoming",
    weight: 3,
    *tell({ pick }) {
      yield agent("Hello? I can't hear you.")
      yield agent(
        pick("If you're on speaker, you may be muted.", "I'm sorry, there is only noise on the line."),
      )
      return {
        outcome: pick(
          "Nobody spoke. The line was closed after a few seconds.",
          "Only traffic noise was heard, probably a pocket call.",
        ),
        memory: "Has called without speaking.",
      }
    },
  },
  {
    topic: "a call back",
    direction: "incoming",
    weight: 2,
    *tell({ company, pick }) {
      yield caller(pick("Is this a robot?", "Am I talking to a machine?"))
      yield agent(
        `I'm an AI assistant of ${company.name}. I can help you, or take you to ${company.colleague}.`,
      )
      yield caller(
        pick(
          "No, that's okay. I'll try later.",
          "I'll just send an e-mail, then.",
          "Huh. I'll think about it. Bye.",
        ),
      )
      return {
        outcome: "The caller noticed that an AI answered and ended the call.",
        memory: "Would rather not speak with an AI.",
      }
    },
  },
  {
    topic: "a message on the answering machine",
    direction: "outgoing",
    weight: 3,
    *tell({ company, person, pick }) {
      yield caller(
        `Hi, you've reached ${person.first}. I can't come to the phone. Leave a message, I might even call back.`,
      )
      yield agent(
        `Hello ${person.first}, this is ${company.agentName} from ${company.name}. ${pick("Please call us back when you have a minute.", "It's nothing urgent. We'll try again tomorrow.")}`,
      )
      return {
        outcome: `Reached the voicemail of ${person.first} ${person.last} and left a message.`,
        memory: "Rarely picks up; leave a message.",
      }
    },
  },
  {
    topic: "a bad moment",
    direction: "outgoing",
    weight: 2,
    *tell({ company, person, pick }) {
      yield agent(`Hello, is this ${person.first}? This is ${company.agentName} from ${company.name}.`)
      yield caller(
        pick("I'm driving. Call me tonight.", "Can't talk now, I'm at work.", "Not a good time, sorry."),
      )
      yield agent("Of course. I'll try again later. Goodbye.")
      return {
        outcome: `${person.first} ${person.last} could not talk and asked to be called later.`,
        memory: "Call in the evening.",
      }
    },
  },
]
