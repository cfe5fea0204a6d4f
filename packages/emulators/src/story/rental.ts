/** What people call a landlord's office about. */
import { agent, caller, crossroads, email, opening, text, tool, type Story } from "../story.ts"

export const RENTAL_STORIES: readonly Story[] = [
  {
    topic: "heating that does not work",
    direction: "incoming",
    weight: 4,
    *tell({ pick, day, number }) {
      const flat = `${number(1, 9)}${pick("A", "B", "C")}`
      const degrees = number(12, 16)
      const slot = `${day(0, 2)} ${pick("before noon", "between one and four")}`
      yield opening({
        calm: `Hello, the radiators in ${flat} are cold since last night. The neighbors' too, I think.`,
        worried: `Hi, it's ${degrees} degrees in here, and my mother is eighty-four. The heating is dead.`,
        angry: `Day four without heating. It's ${degrees} degrees in ${flat}. I've sent photos, I've sent e-mails. I want my rent back.`,
      })
      yield agent("Is it all of the radiators, and is there hot water?")
      yield caller(
        pick(
          "All of them. The water is lukewarm.",
          "Only the bathroom gets a bit warm.",
          "Everything is cold. Everything.",
        ),
      )
      yield tool("create_ticket", "I'm opening an urgent repair.", {
        ticket: `R-${number(2000, 2999)}`,
        flat,
        priority: "urgent",
      })
      yield agent(`That counts as urgent. Our heating company has been asked to come ${slot}.`)
      yield crossroads("the rent reduced")
      yield agent(
        "I can have two electric heaters brought over this evening, and the office decides on the rent in writing.",
      )
      yield caller(
        pick(
          "Heaters would help, yes.",
          "Okay. Somebody is always home.",
          "I'll believe it when I see them.",
        ),
      )
      yield text(`Brindlegate: urgent repair for ${flat}, ${slot}. Two heaters will be brought this evening.`)
      return {
        outcome: `Opened an urgent repair for the heating in ${flat} (${slot}) and arranged electric heaters.`,
        memory: `Lives in ${flat}. Heating failed at ${degrees} degrees.`,
      }
    },
  },
  {
    topic: "an apartment viewing",
    direction: "incoming",
    weight: 4,
    *tell({ pick, day, number }) {
      const street = pick("Tanner's Row", "Millpond Lane", "Orchard Steps", "Lantern Street")
      const rent = number(11, 23) * 50
      const slot = `${day(1, 5)} at ${pick("5:15", "6:00", "12:30")}`
      yield opening({
        calm: `Hi, is the two-bedroom on ${street} still available? The one for $${rent}.`,
        worried: `Hello, we have to be out by the end of the month. Please tell me that the place on ${street} is still there.`,
        angry: `I drove an hour for a viewing on ${street} yesterday, and nobody came. Nobody even called! Is it taken, or what?`,
      })
      yield tool("check_listing", "Let me see where that one stands.", {
        street,
        rent,
        state: "available",
        applications: number(2, 9),
      })
      yield agent(
        "It is, with a few applications already. Would you bring any pets, and when would you like to move in?",
      )
      yield caller(
        pick(
          "Two, and the first of next month.",
          "No pets. As soon as we can.",
          "A tortoise. Does that count?",
        ),
      )
      yield agent("That's no obstacle. Viewings are in groups of five, twenty minutes each.")
      yield crossroads("a viewing alone")
      yield agent(`I can put you into the group ${slot}.`)
      yield caller(pick("We'll take it.", "Yes, that works after my shift."))
      yield email(`Your viewing on ${street}`)
      return {
        outcome: `Booked a viewing of the two-bedroom on ${street} for ${slot}.`,
        memory: `Looks for two bedrooms up to $${rent + 100}. ${pick("Has two cats.", "No pets.", "Moves with a tortoise.")}`,
      }
    },
  },
  {
    topic: "noise from upstairs",
    direction: "incoming",
    weight: 2,
    *tell({ pick, number }) {
      const flat = number(2, 8)
      yield opening({
        calm: `Good evening. The people above us in ${flat}B are ${pick("moving furniture", "drumming, I think", "running a washing machine")} again. It's past eleven.`,
        worried: `Hi, sorry to call so late. There's shouting in the flat above, and something fell. I don't know what to do.`,
        angry: `It's the fifth night! The fifth! I've written it all down, like you asked, and you have done nothing.`,
      })
      yield agent(
        "If you think that somebody is in danger, please hang up and call the police first. Is it like that?",
      )
      yield caller(
        pick(
          "No, no, it's only noise.",
          "I don't think so. It's stopped just now.",
          "No. They're just inconsiderate.",
        ),
      )
      yield tool("create_note", "Then I'll add it to the record for that flat.", {
        flat: `${flat}B`,
        kind: "noise",
        entries: number(1, 6),
      })
      yield agent("It's written down with the time. The manager talks to the tenant on the next working day.")
      yield crossroads("something done tonight")
      yield agent(
        "At night I can only record it, and I know that this doesn't make it quiet. A copy goes to you.",
      )
      yield caller(pick("Fine. Good night.", "At least it's on file."))
      yield email(`Your note about ${flat}B`)
      return {
        outcome: `Recorded a noise complaint about ${flat}B for the property manager.`,
        memory: `Complains about noise from ${flat}B.`,
      }
    },
  },
  {
    topic: "the return of a deposit",
    direction: "incoming",
    weight: 2,
    *tell({ pick, number }) {
      const deposit = number(12, 30) * 50
      const weeks = number(5, 12)
      yield opening({
        calm: `Hi, we moved out ${weeks} weeks ago, and I wanted to ask about the deposit. It was $${deposit}.`,
        worried: `Hello, I really need that deposit for the new place. $${deposit}. Is it on its way?`,
        angry: `${weeks} weeks. It's my money, $${deposit}, and you're sitting on it. I've talked to a lawyer.`,
      })
      yield tool("get_account", "Let me open the account of the tenancy.", {
        deposit,
        deductions: number(0, 3) * 40,
        state: "inspection signed",
      })
      yield agent("The inspection is signed and there is one open item: the final water reading.")
      yield caller(
        pick("I sent you that. With a photo.", "What water reading?", "And that takes two months?"),
      )
      yield agent(
        "You don't have to do anything. The reading can be estimated, and then the rest can be paid out.",
      )
      yield crossroads("the money this week")
      yield agent("I've asked accounting to estimate it, and they have to answer within five days.")
      yield caller(pick("Please send me that in writing.", "All right. Five days."))
      yield email("Your deposit: what happens next")
      return {
        outcome: `The deposit of $${deposit} waits for a water reading; accounting was asked to estimate it within five days.`,
        memory: `Former tenant; waits for a deposit of $${deposit}.`,
      }
    },
  },
  {
    topic: "a plumber's visit to the apartment",
    direction: "outgoing",
    weight: 1,
    *tell({ pick, day }) {
      const slot = `${day(1, 3)} between ${pick("nine and eleven", "two and four")}`
      yield caller(pick("Yes?", "Yes, hello, that's me."))
      yield agent(`We need to let a plumber into your bathroom ${slot}. Would somebody be in?`)
      yield opening({
        calm: pick("I'm at work, but my roommate is home.", "Sure, I'm working from home."),
        angry: "Again? Last time I took a day off, and nobody came. I'm not doing that a second time.",
      })
      yield agent("It should take half an hour. Without it, the flat below stays without water.")
      yield crossroads("a fixed hour instead of a window")
      yield tool("confirm_visit", "I'm confirming it with the company.", { slot, access: "tenant" })
      yield agent("It's confirmed, and they'll ring you thirty minutes before.")
      yield caller(pick("Good.", "Tell them to ring twice, the bell is weak."))
      yield text(`Brindlegate: plumber ${slot}. They'll call you 30 minutes before.`)
      return {
        outcome: `Agreed on a plumber's visit ${slot}.`,
        memory: "Wants a call before workmen arrive; weak doorbell.",
      }
    },
  },
]
