/** What agents and callers say in any call, whatever it is about. */
import type { Cast } from "./story.ts"

export type Phrase = (cast: Cast) => string
/** A question or remark, and the answer to it. */
export type PhrasePair = readonly [Phrase, Phrase]

export const GREETING: readonly Phrase[] = [
  ({ company }) => `Thank you for calling ${company.name}, this is ${company.agentName}. How can I help?`,
  ({ company }) => `${company.name}, ${company.agentName} speaking. What can I do for you?`,
  ({ company }) =>
    `Hi, you've reached ${company.name}. I'm ${company.agentName}, the assistant here. How can I help you?`,
  ({ company }) =>
    `Hello, this is ${company.agentName} at ${company.name}. The call is recorded. What can I do for you?`,
]

export const GREETING_AGAIN: readonly Phrase[] = [
  ({ company, person }) =>
    `${company.name}, this is ${company.agentName}. Is that ${person.first}? What can I do for you today?`,
  ({ company, person }) =>
    `Hello again, ${person.first}. It's ${company.agentName} at ${company.name}. How can I help?`,
]

export const REACHING: readonly Phrase[] = [
  ({ company, person }) =>
    `Hello, am I speaking with ${person.first} ${person.last}? This is ${company.agentName} from ${company.name}.`,
  ({ company, person }) =>
    `Hi, this is ${company.agentName} from ${company.name}. Is that ${person.first} ${person.last}?`,
]

export const ASKING_NAME: readonly Phrase[] = [
  () => "I can help with that. May I have your name?",
  () => "Of course. Who am I speaking with?",
  () => "Let me look into it. What's your full name, please?",
]

export const ASKING_NAME_OF_UPSET: readonly Phrase[] = [
  () => "I'm sorry about that. Let me sort it out. May I have your name?",
  () => "That shouldn't have happened, and I'm sorry. Who am I speaking with?",
]

export const GIVING_NAME: readonly Phrase[] = [
  ({ person }) => `${person.first} ${person.last}.`,
  ({ person }) => `It's ${person.first}, ${person.last}.`,
  ({ person }) => `${person.last}. First name ${person.first}.`,
  ({ person }) => `My name's ${person.first} ${person.last}.`,
]

export const MISHEARING: readonly PhrasePair[] = [
  [
    () => "I'm sorry, you broke up for a second. Are you still there?",
    () => "Yes, I'm here. I just came out of the elevator.",
  ],
  [
    () => "Sorry, it's loud where you are. Could you say that once more?",
    () => "Hold on. Is that better? I've gone inside.",
  ],
  [() => "I didn't quite catch the end of that.", () => "Sorry, the dog. Never mind, go on."],
]

/** What an agent verifies when there is time for it. */
export const VERIFYING: readonly PhrasePair[] = [
  [
    ({ person }) =>
      `Is the number ending in ${person.phone.slice(-3).split("").join(", ")} the best one to reach you?`,
    ({ pick }) => pick("Yes, that's my cell.", "It is, but not before nine, please."),
  ],
  [
    ({ person }) =>
      `Thank you. Could you spell your last name for me? I have ${person.last.slice(0, 3)}, and then?`,
    ({ person }) =>
      `${person.last.slice(3).toUpperCase().split("").join(" ").replace(" - ", ", hyphen, ")}. Everybody asks.`,
  ],
  [
    ({ person }) => `I have ${person.email} as your e-mail. Is that still right?`,
    ({ pick }) => pick("Yes, all lower case.", "Yes. I even read it sometimes.", "That's the one."),
  ],
  [
    () => "Have you spoken with anybody about this before?",
    ({ pick }) =>
      pick("No, this is the first time.", "I left a message, I think on Tuesday.", "My partner may have."),
  ],
  [
    () => "And should I speak with you about it from now on, or with somebody else in the house?",
    ({ pick }) => pick("With me, please.", "Me. Or my husband, he's usually easier to get hold of."),
  ],
]

/** Talk while something loads. */
export const WAITING: readonly PhrasePair[] = [
  [
    () => "It's a little slow today, bear with me.",
    ({ pick }) => pick("No worries.", "Isn't it always.", "I've got time, I'm on my lunch break."),
  ],
  [
    () => "It's loading. Is that rain that I hear?",
    ({ pick }) => pick("Hail, actually. You should see it.", "That's the washing machine."),
  ],
  [
    () => "Almost there. Is there a time of day that never works for you?",
    ({ pick }) =>
      pick("Mornings are tricky, with school and all.", "I'm flexible, more or less.", "Not on Wednesdays."),
  ],
  [
    () => "One more moment. Would you like to stay on the line, or may I call you back?",
    ({ pick }) => pick("I'll stay on.", "No, let's get it done now."),
  ],
]

/** The caller loses patience, and what the agent says to it. */
export const PUSHING_BACK: readonly PhrasePair[] = [
  [
    () => "You're not listening to me. I've already explained all of this to somebody yesterday!",
    () =>
      "You're right to be annoyed. I don't have yesterday's conversation, and I'm sorry that you have to repeat it.",
  ],
  [
    () => "This is ridiculous. Every time I call it's a different story.",
    () => "I understand. I'll write down exactly what we agree on, so that it stays the same story.",
  ],
  [() => "Stop apologizing and do something about it!", () => "Fair enough. No more apologies."],
  [
    () => "I've been a customer for nine years, and this is how you treat me? Unbelievable.",
    () => "Nine years is a long time, and you should not have to fight for this. Let me stay on it.",
  ],
  [
    () => "No. No, that is not good enough. Do you even understand what I'm saying?",
    () => "I do. You were promised something and it didn't happen. I want to put that right.",
  ],
]

/** Ordinary impatience, of callers who are not angry. */
export const HESITATING: readonly PhrasePair[] = [
  [() => "Sorry, can I think for a second?", () => "Take your time."],
  [() => "Hold on, let me find a pen. ... Okay.", () => "Take your time, I'm not going anywhere."],
  [() => "Mhm. And that's really the only way?", () => "It's the quickest one that I can offer."],
]

export const ASKING_FOR_PERSON: readonly Phrase[] = [
  () => "Could I speak with a person about this?",
  () => "I think I'd rather talk to somebody who's there.",
  () => "No offense, but can you put me through to a human?",
]

export const DEMANDING_PERSON: readonly Phrase[] = [
  () => "I'm done talking to a machine. Get me a human being. Now.",
  () => "Put me through to whoever is in charge. I'm not asking again.",
  () => "A person! I want a person! How hard can it be?",
]

export const TRANSFERRING: readonly Phrase[] = [
  ({ company }) =>
    `Of course. I'm putting you through to ${company.colleague} and passing on what you told me.`,
  ({ company }) => `I'll connect you with ${company.colleague} now. Please stay on the line.`,
]

export const NOBODY_THERE: readonly Phrase[] = [
  ({ company }) =>
    `I'm sorry, ${company.colleague} isn't picking up. May I take your number and have somebody call you back?`,
  ({ company }) =>
    `It rings, but I can't reach ${company.colleague} at the moment. I can leave an urgent message.`,
]

export const SETTLING: readonly Phrase[] = [
  () => "Okay. Tell them to call me before noon, please.",
  () => "Hmm. All right, leave a message then.",
]

export const FUMING: readonly Phrase[] = [
  () => "Of course nobody picks up. You know what? I'm putting this in a review.",
  () => "Unbelievable. Fine. Have them call me today, or I'm taking my business elsewhere.",
]

export const GIVING_UP: readonly Phrase[] = [
  () => "You know what, I'll try again later.",
  () => "My other line is ringing. I have to go.",
  () => "This is taking too long. I'll send an e-mail.",
]

export const STORMING_OFF: readonly Phrase[] = [
  () => "Forget it. I'm going somewhere else.",
  () => "I'm not doing this again. Goodbye.",
  () => "What a waste of my time.",
]

export const TOOL_APOLOGY: readonly Phrase[] = [
  ({ company }) =>
    `I'm sorry, our system isn't answering me right now. I'll leave a note for ${company.colleague}, and somebody will call you back.`,
  () => "I can't get into the system at the moment. May I write this down and have somebody get back to you?",
]

export const TOOL_ACCEPTANCE: readonly Phrase[] = [
  () => "Oh. Okay. By when, roughly?",
  () => "Sure, I guess. You have my number.",
]

export const TOOL_ANGER: readonly Phrase[] = [
  () => "Your system is down. Naturally. So I get to call a fourth time?",
  () => "Are you kidding me? That's what I was told last time!",
]

export const ASKING_FOR_MORE: readonly Phrase[] = [
  () => "Is there anything else I can do for you?",
  () => "Anything else?",
  () => "Does that take care of everything?",
]

export const DONE: readonly Phrase[] = [
  () => "No, that's all. Thank you.",
  () => "That's it, thanks.",
  () => "Nope, all good. Bye now.",
]

export const DONE_HAPPILY: readonly Phrase[] = [
  () => "No, you've been great. Honestly, that was easier than I thought.",
  () => "That's all. You're lovely, thank you so much!",
  ({ company }) => `Ha, no. Thanks, ${company.agentName}, you made my day.`,
]

export const DONE_ANGRILY: readonly Phrase[] = [
  () => "No. And next time I expect it to work the first time.",
  () => "We'll see whether it actually happens. Goodbye.",
]

export const GOODBYE: readonly Phrase[] = [
  ({ person }) => `Thank you for calling, ${person.first}. Goodbye.`,
  () => "You're welcome. Have a good day.",
  ({ company }) => `Thank you. That's all from ${company.name}. Take care.`,
]
