/** What people call a garage about. */
import { agent, caller, crossroads, email, opening, text, tool, type Story } from "../story.ts"

export const AUTO_STORIES: readonly Story[] = [
  {
    topic: "whether a car is ready",
    direction: "incoming",
    weight: 5,
    *tell({ pick, number }) {
      const car = pick(
        "the blue wagon",
        "the little red hatchback",
        "the van with the ladder",
        "the silver convertible",
      )
      const hour = pick("three", "half past four", "five")
      const price = number(21, 88) * 10
      yield opening({
        calm: `Hi, I dropped off ${car} this morning. Is it done?`,
        worried: `Hello, is ${car} ready by any chance? I have to pick up my daughter at four, and it's the only car we have.`,
        angry: `You said ten. Then you said noon. It's afternoon, and ${car} is still in your yard. I can see it from here!`,
      })
      yield tool("get_job", "Let me look at the job.", {
        state: "waiting for a part",
        readyAt: hour,
        total: price,
      })
      yield agent(
        `The brakes are done. One bulb had to be ordered, and it came in just now. It should be ready by ${hour}.`,
      )
      yield caller(pick("Should be, or will be?", "And what do I owe you?", "You couldn't have called?"))
      yield agent(`It comes to $${price}, and you'll get a message the minute that it's out of the bay.`)
      yield crossroads("a loan car until it is done")
      yield agent("I've put a note on the job that you're waiting for it.")
      yield caller(pick("Fine. I'll be there.", "Okay, thanks for checking."))
      yield text(`Saltmarsh Auto: ready by ${hour}, total $${price}. Keys are at the counter.`)
      return {
        outcome: `The car will be ready by ${hour} for $${price}; a text message was sent.`,
        memory: `Drives ${car}. Wants to be called about delays.`,
      }
    },
  },
  {
    topic: "a warning light",
    direction: "incoming",
    weight: 4,
    *tell({ pick, day }) {
      const light = pick(
        "the oil can",
        "the yellow engine",
        "a red battery",
        "something like a horseshoe with an exclamation mark",
      )
      const slot = `${day(1, 4)} at ${pick("7:45", "9:30", "2:00")}`
      yield opening({
        calm: `Hi, ${light} has come on in my dashboard. The car drives as always, though.`,
        worried: `Hello, I'm on the side of the road and ${light} is flashing. Can I still drive home?`,
        angry: `I paid you four hundred dollars because of ${light}, and two days later it's on again. Same light!`,
      })
      yield agent("Is it steady or blinking, and is the engine making any sound that it didn't make before?")
      yield caller(
        pick(
          "Steady. No sound.",
          "It blinks, and it shakes a bit when I stop.",
          "There's a whine. Or maybe that was always there.",
        ),
      )
      yield agent(
        "I can't diagnose it by telephone. If it turns red or you smell something, please stop and have it towed.",
      )
      yield crossroads("somebody to look at it today")
      yield tool("book_bay", "Let me find a bay with the diagnosis machine.", {
        slot,
        job: "diagnosis",
        minutes: 45,
      })
      yield agent(`I have ${slot}. Reading the fault takes a quarter of an hour, and it's $60.`)
      yield caller(pick("Book it, please.", "Is that off the bill if you repair it? ... Good. Then yes."))
      yield text(`Saltmarsh Auto: diagnosis ${slot}. If a light turns red before, don't drive.`)
      return {
        outcome: `Booked a diagnosis for ${slot}: a warning light (${light}).`,
        memory: `Warning light: ${light}.`,
      }
    },
  },
  {
    topic: "a change of tires",
    direction: "incoming",
    weight: 3,
    *tell({ pick, day, number }) {
      const slot = `${day(3, 10)} at ${pick("8:00", "8:40", "4:20")}`
      const shelf = `${pick("K", "M", "R")}${number(10, 48)}`
      yield opening({
        calm: `Hi, I'd like to have my winter tires put on. You're storing them for me.`,
        angry: `My winter tires were supposed to go on last week. You cancelled, nobody called me, and now there's ice on the road!`,
      })
      yield agent("Could you give me the plate, please?")
      yield caller(
        `${pick("F, as in fox, K", "L, M", "D, double U")}, ${number(100, 999)}, ${number(10, 99)}.`,
      )
      yield tool("find_tires", "Let me find the shelf.", {
        shelf,
        tread: `${number(4, 7)} mm`,
        season: "winter",
      })
      yield agent(`They're on ${shelf} and have enough tread for another season.`)
      yield crossroads("it done tomorrow")
      yield agent(
        `The next free lift is ${slot}. It takes half an hour, and you can wait here with a coffee.`,
      )
      yield caller(pick("Great, I'll bring a book.", "Works for me. Is the coffee any good?"))
      yield email("Your tire change")
      return {
        outcome: `Booked a change of tires for ${slot}; the set is on shelf ${shelf}.`,
        memory: `Stores tires on shelf ${shelf}.`,
      }
    },
  },
  {
    topic: "approval of a repair",
    direction: "outgoing",
    weight: 1,
    *tell({ pick, number }) {
      const part = pick("the front brake discs", "the exhaust clamp", "both wiper motors", "the water pump")
      const price = number(14, 62) * 10
      yield caller(pick("Yes, is it finished?", "Speaking."))
      yield agent(
        `We have your car on the lift, and ${part} won't pass the inspection. It would be $${price} more.`,
      )
      yield opening({
        calm: "Hm. Would it pass without that?",
        worried: `$${price}? Oh dear. Is it dangerous if I wait a month?`,
        angry: "Every time! Every single time you find something. I brought it in for an oil change!",
      })
      yield agent(
        "It's your decision. I can send you the mechanic's photos, so that you see it for yourself.",
      )
      yield crossroads("to hear it from the mechanic")
      yield email(`Photos and price: ${part}`)
      yield tool("create_approval", "And I'm noting what you decide.", { part, price, approved: true })
      yield agent("Do you want us to do it while the car is up?")
      yield caller(pick("Yes, do it. But nothing beyond that.", "Go ahead. I need it tomorrow."))
      return {
        outcome: `The customer approved the repair of ${part} for $${price} after photos were sent.`,
        memory: `Asks for photos before approving repairs.`,
      }
    },
  },
]
