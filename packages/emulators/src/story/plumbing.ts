/** What people call a plumber about. */
import { agent, caller, crossroads, email, opening, text, tool, type Story } from "../story.ts"

export const PLUMBING_STORIES: readonly Story[] = [
  {
    topic: "water coming through a ceiling",
    direction: "incoming",
    weight: 4,
    *tell({ pick, number }) {
      const room = pick("kitchen", "hallway", "nursery", "dining room")
      const minutes = number(35, 70)
      const plumber = pick("Anouk", "Bram", "Teodor")
      yield opening({
        calm: `Hi, there's a wet patch on my ${room} ceiling, and it's started to drip. The bathroom is right above.`,
        worried: `Please, there's water coming through the ${room} ceiling and I don't know where to turn it off!`,
        angry: `You were here on ${pick("Monday", "Friday")} to fix that bathroom, and now it's raining into my ${room}. Who is going to pay for this?`,
      })
      yield agent(
        "First things first: can you get at the main valve? It is usually by the meter, a red or blue wheel.",
      )
      yield caller(
        pick(
          "Hang on... yes. Got it. It's stiff, but it's closed.",
          "I think so. It's slowing down, at least.",
          "There's a lever. I've turned it. The tap in the sink has stopped, is that right?",
        ),
      )
      yield agent(
        "That's right. Keep away from the light switches under the patch, and put a bucket where it drips.",
      )
      yield crossroads("somebody there within ten minutes")
      yield tool("find_plumber", "Now let me see who is closest to you.", {
        plumber,
        minutesAway: minutes,
        onCall: true,
      })
      yield agent(
        `${plumber} can be with you in about ${minutes} minutes. The call-out fee is $95. Shall I confirm that?`,
      )
      yield caller(
        pick(
          "Yes, do it.",
          "Yes, yes, please. There's a dog in the house, but she's nice.",
          "Okay. As fast as you can.",
        ),
      )
      yield text(
        `Oxbow: ${plumber} is on the way, about ${minutes} minutes. Main valve stays closed until then.`,
      )
      yield agent(
        "It's confirmed, and you'll get a number by text. Leave the valve closed until somebody is there.",
      )
      return {
        outcome: `Talked the caller through closing the main valve and sent ${plumber}, about ${minutes} minutes away.`,
        memory: `Leak from the bathroom above the ${room}. Knows where the main valve is.`,
      }
    },
  },
  {
    topic: "a boiler without hot water",
    direction: "incoming",
    weight: 4,
    *tell({ pick, day, number }) {
      const code = pick("F28", "E119", "A01", "L2")
      const slot = `${day(0, 1)} between ${pick("eight and ten", "noon and two", "three and five")}`
      const days = number(2, 5)
      yield opening({
        calm: `Good morning, our boiler shows ${code} and there's no hot water. The heating still works, oddly.`,
        worried: `Hi, we have no hot water and there's a new baby in the house. The boiler just blinks ${code}.`,
        angry: `No hot water for ${days} days now! Somebody came, changed some part, took the money, and it still says ${code}.`,
      })
      yield agent(`${code}, thank you. Could you read me the pressure? It is the small dial at the bottom.`)
      yield caller(
        pick("It says nought point four.", "One and a bit. 1.2.", "The needle is in the red. The lower red."),
      )
      yield agent("Thank you. Please don't reset it more than once, it locks itself after the third time.")
      yield crossroads("an engineer tonight")
      yield tool("book_visit", "Let me find you the next engineer who knows that model.", {
        slot,
        fault: code,
        engineer: "heating",
      })
      yield agent(`I have ${slot}. The usual parts for a ${code} are in the van.`)
      yield caller(
        pick(
          "That's fine, somebody will be in.",
          "Not sooner? All right, we'll boil kettles.",
          "Wonderful. Thank you.",
        ),
      )
      yield email("Your heating visit")
      return {
        outcome: `Booked a heating engineer for ${slot}; the boiler shows ${code}.`,
        memory: `Boiler error ${code}. ${pick("Baby in the house.", "Works from home.", "Key is with the neighbor.")}`,
      }
    },
  },
  {
    topic: "an invoice that is higher than the estimate",
    direction: "incoming",
    weight: 2,
    *tell({ pick, number }) {
      const estimate = number(18, 45) * 10
      const billed = estimate + number(9, 24) * 10
      yield opening({
        calm: `Hello. The estimate for the sink was $${estimate}, and the invoice says $${billed}. Could you tell me why?`,
        angry: `$${estimate}! That's what it says on the paper that your plumber signed. And now I get a bill of $${billed}. That's robbery.`,
      })
      yield tool("get_invoice", "Let me open both of them side by side.", {
        estimate,
        billed,
        extra: "replacement trap, 1 h labor",
      })
      yield agent(
        "The difference is a replacement trap and one hour of work. There should have been a call before that was done.",
      )
      yield caller(
        pick(
          "Nobody called me.",
          "My husband was home, but he says that nobody asked him.",
          "I'd have said yes, but I'd have liked to be asked.",
        ),
      )
      yield agent(
        "Then that was our mistake. I can't change an invoice, but I can stop the reminder and ask for a credit note.",
      )
      yield crossroads("the difference taken off the bill")
      yield agent("I've written down that you weren't asked, and the office decides within two working days.")
      yield caller(pick("Good. In writing, please.", "That's fair."))
      yield email(`Your invoice of $${billed}`)
      return {
        outcome: `The invoice ($${billed}) exceeds the estimate ($${estimate}) without the caller's consent; a credit note was requested.`,
        memory: `Wants to be asked before extra work. Disputed an invoice of $${billed}.`,
      }
    },
  },
  {
    topic: "a quote for a new bathroom",
    direction: "incoming",
    weight: 3,
    *tell({ pick, day }) {
      const slot = `${day(3, 8)} at ${pick("9:00", "1:00", "4:30")}`
      const wish = pick(
        "a walk-in shower instead of the tub",
        "everything moved to the other wall",
        "a shower that a walker fits into",
      )
      yield opening({
        calm: `Hi! We're thinking of redoing our bathroom, with ${wish}. Do you come and look at it first?`,
        angry: `I filled in your form about the bathroom twice. Do you people want work or not?`,
      })
      yield agent("We do, and looking costs nothing. Roughly how large is it, and is there a window?")
      yield caller(
        pick(
          "About six square meters, with a tiny window.",
          "Small. Two by two and a half.",
          "Big enough, but the slope of the roof is in the way.",
        ),
      )
      yield agent("Good to know. An exact price is only possible once somebody has seen the pipes.")
      yield crossroads("a rough price right away")
      yield tool("book_visit", "I'll look for a time when our planner is near you.", {
        slot,
        purpose: "quote",
        wish,
      })
      yield agent(`Our planner could come ${slot} and would need about forty minutes.`)
      yield caller(pick("Perfect. Should I clear it out?", "That works. I'll have coffee ready."))
      yield email("Your bathroom visit, and what to think about until then")
      return {
        outcome: `Booked a visit for a quote on ${slot}; the caller would like ${wish}.`,
        memory: `Plans a new bathroom with ${wish}.`,
      }
    },
  },
  {
    topic: "the yearly boiler service",
    direction: "outgoing",
    weight: 1,
    *tell({ pick, day }) {
      const slot = `${day(5, 12)} ${pick("morning", "afternoon")}`
      yield caller(pick("Yes?", "That's me, what is it?"))
      yield agent("Your boiler is due for its yearly service this month, and I wanted to offer you a time.")
      yield opening({
        calm: pick("Oh, is it that time again. Sure.", "Right, my landlord mentioned that."),
        angry:
          "The last service is why I had no heating for a week. And now you want to sell me another one?",
      })
      yield agent("It takes an hour, and it keeps the guarantee valid.")
      yield crossroads("no more calls like this")
      yield tool("book_visit", "Let me see when we're in your street anyway.", { slot, purpose: "service" })
      yield agent(`We could come ${slot}.`)
      yield caller(pick("Fine by me.", "After four would be better, but all right."))
      yield text(`Oxbow: boiler service ${slot}. Reply MOVE if that doesn't suit you.`)
      return {
        outcome: `Booked the yearly service for ${slot}.`,
        memory: "Yearly boiler service; reminders by text.",
      }
    },
  },
]
