/** What people call a veterinary clinic about. */
import { agent, caller, crossroads, email, opening, text, tool, type Story } from "../story.ts"

export const VET_STORIES: readonly Story[] = [
  {
    topic: "a dog that ate something",
    direction: "incoming",
    weight: 4,
    *tell({ pick, number, person }) {
      const dog = pick("Biscuit", "Moth", "Captain", "Olive")
      const food = pick("half a bar of dark chocolate", "a sock", "grapes, at least ten", "a corn cob")
      const kilos = number(6, 34)
      const minutes = pick(20, 30, 40)
      yield opening({
        calm: `Hi, my dog ${dog} has just eaten ${food}. ${pick("He", "She")} seems fine, but I'd rather ask.`,
        worried: `Please, my dog, ${dog}, she ate ${food}, and now she's drooling. What do I do?`,
        angry: `I called an hour ago because ${dog} ate ${food}. "We'll call you right back." Nobody did. An hour!`,
      })
      yield agent(`How heavy is ${dog}, and how long ago was it?`)
      yield caller(
        `${pick("About", "Roughly", "I'd say")} ${kilos} kilos. ${pick("Twenty minutes?", "Half an hour, at most.", "I only found the rest of it just now.")}`,
      )
      yield agent("Please don't try to make the dog vomit at home. With that, it is best to come in.")
      yield crossroads("to speak with a vet at once")
      yield tool("create_emergency", "I'm telling the team that you're coming.", {
        patient: dog,
        kilos,
        swallowed: food,
        arrivesInMinutes: minutes,
      })
      yield agent(
        `They know about ${dog}. Come to the side entrance and ring. Can you be here in ${minutes} minutes?`,
      )
      yield caller(
        pick("We're leaving now.", "Yes. My neighbor is driving.", "I'm already putting my shoes on."),
      )
      yield text(
        `Larkmoor: ${dog} is expected. Side entrance, ring the bell. Bring the packaging if you have it.`,
      )
      return {
        outcome: `${dog} (${kilos} kg) swallowed ${food}; announced as an emergency, arriving in ${minutes} minutes.`,
        memory: `Dog: ${dog}, ${kilos} kg, eats anything. Owner: ${person.first}.`,
      }
    },
  },
  {
    topic: "vaccinations for a cat",
    direction: "incoming",
    weight: 4,
    *tell({ pick, day }) {
      const cat = pick("Pepper", "Duchess", "Mr. Toes", "Inky")
      const slot = `${day(2, 7)} at ${pick("9:20", "10:40", "5:10")}`
      yield opening({
        calm: `Hello, ${cat} is due for the yearly shots. What do you have ${pick("next week", "in the evening")}?`,
        worried: `Hi, I think I've missed ${cat}'s shots by two months. Is that terrible?`,
        angry: `I was at your door with a screaming cat at nine this morning, and I'm told my appointment "isn't in the system".`,
      })
      yield agent(`Is ${cat} indoors only, or out and about?`)
      yield caller(
        pick("Strictly indoors. He's afraid of grass.", "Out all night, of course.", "Balcony only."),
      )
      yield tool("find_appointment", "Then I know which shots. Let me look for a time.", {
        patient: cat,
        slot,
        minutes: 15,
      })
      yield agent(`${slot} is free. That is in the hour without dogs.`)
      yield crossroads("an appointment today")
      yield agent("I can reserve that, and put you on the list in case somebody cancels sooner.")
      yield caller(
        pick(
          "Do both, please.",
          "That'll do. I'll start looking for the carrier now.",
          "The hour without dogs is a lovely idea.",
        ),
      )
      yield email(`${cat}'s appointment`)
      return {
        outcome: `Booked ${cat}'s vaccinations for ${slot} and confirmed by e-mail.`,
        memory: `Cat: ${cat}. Book the hour without dogs.`,
      }
    },
  },
  {
    topic: "a prescription refill",
    direction: "incoming",
    weight: 3,
    *tell({ pick, number }) {
      const animal = pick("Waffles", "Juniper", "Old Tom")
      const drug = pick("the thyroid tablets", "the heart drops", "the joint powder")
      const days = number(2, 6)
      yield opening({
        calm: `Hi, ${animal} needs ${drug} again. We have ${days} days left.`,
        worried: `Hello, I've run out of ${drug} for ${animal}. The last one was this morning. Is it bad to skip one?`,
        angry: `I asked for ${drug} on Monday. I asked again yesterday. ${animal} has had nothing for ${days} days now!`,
      })
      yield tool("get_patient", `I'm opening ${animal}'s file.`, {
        patient: animal,
        lastCheckMonthsAgo: number(2, 11),
        refill: "needs a signature",
      })
      yield agent(
        "I see the prescription. A vet has to sign a refill, which usually takes until the evening.",
      )
      yield caller(
        pick("And if it doesn't?", "Can I pick it up tomorrow, then?", "Same dose as before, yes?"),
      )
      yield agent("The dose stays as it is, and I've marked the request as urgent.")
      yield crossroads("the medicine today")
      yield agent("You'll get a message as soon as it's signed. Pick-up is at the counter until six.")
      yield caller(pick("Great, thank you.", "Okay. I'll come after work."))
      yield text(`Larkmoor: ${animal}'s refill is with the vet. We'll text you when it's ready.`)
      return {
        outcome: `Requested an urgent refill of ${drug} for ${animal}.`,
        memory: `${animal} takes ${drug}; refills run out early.`,
      }
    },
  },
  {
    topic: "how an animal is after surgery",
    direction: "outgoing",
    weight: 1,
    *tell({ pick, day }) {
      const animal = pick("Clementine", "Rocket", "Bean")
      const slot = `${day(6, 9)} at ${pick("8:50", "11:30")}`
      yield caller(pick("Yes, hi.", "Yes, this is about the operation?"))
      yield agent(`I'm calling to ask how ${animal} is doing since yesterday's operation.`)
      yield opening({
        calm: `Much better! ${animal} ate a little, and hates the collar with a passion.`,
        worried: `Well, ${animal} sleeps all the time and won't drink. Is that normal?`,
        angry: `How it's doing? Nobody told me that the stitches could open. I was on hold for forty minutes last night!`,
      })
      yield agent(
        "Thank you for telling me. Being sleepy on the first day is common; not drinking by tonight would not be.",
      )
      yield crossroads("to talk to the surgeon")
      yield tool("book_check", "I'll reserve the time to have the stitches looked at.", {
        patient: animal,
        at: slot,
      })
      yield agent(`That would be ${slot}. And if anything worries you before, call us, day or night.`)
      yield caller(pick("We'll be there, collar and all.", "Okay. Thank you for asking."))
      return {
        outcome: `Asked after ${animal} and booked the check of the stitches for ${slot}.`,
        memory: `${animal} had surgery; check on ${slot}.`,
      }
    },
  },
]
