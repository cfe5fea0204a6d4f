/** What people call a dentist about. */
import { agent, caller, crossroads, email, opening, text, tool, type Story } from "../story.ts"

export const DENTAL_STORIES: readonly Story[] = [
  {
    topic: "a chipped tooth",
    direction: "incoming",
    weight: 4,
    *tell({ pick, day }) {
      const culprit = pick(
        "an olive pit",
        "a frozen dumpling",
        "the edge of a glass",
        "popcorn, of all things",
      )
      const slot = `${day(1, 2)} at ${pick("8:10", "11:40", "2:15", "4:30")}`
      const dentist = pick("Dr. Pell", "Dr. Amsel", "Dr. Ferrow")
      yield opening({
        calm: `Hi, I chipped a front tooth on ${culprit}, and I'd like somebody to look at it.`,
        worried: `Hello? I bit on ${culprit} and a piece of my tooth came off. I can feel a sharp edge. Is that bad?`,
        angry: `This is the third time I'm calling. You fixed this tooth ${pick("in March", "two weeks ago")} and now it's chipped again, on ${culprit}.`,
      })
      yield agent("Does it hurt right now, or is it only rough to the touch?")
      yield caller(
        pick(
          "It doesn't hurt, but I keep cutting my tongue on it.",
          "Only with cold water. Then it really zings.",
          "It throbs a bit. I took something for it an hour ago.",
        ),
      )
      yield agent("And is the piece big enough that you still have it?")
      yield caller(
        pick(
          "No, I think I swallowed it.",
          "Yes, I put it in some milk. I read that somewhere.",
          "It's tiny.",
        ),
      )
      yield agent("Thank you, that helps. I can't judge whether it can wait, so a dentist should look at it.")
      yield crossroads("to be seen today")
      yield tool("find_appointment", "Let me see who has an urgent slot.", {
        slots: [slot],
        dentist,
        urgent: true,
      })
      yield agent(`${dentist} can see you ${slot}. Shall I put you down for that?`)
      yield caller(
        pick(
          "Yes, please, I'll be there.",
          "That's perfect, actually.",
          "I'll have to move a meeting, but yes.",
        ),
      )
      yield text(
        `Quillfeather Dental: ${dentist}, ${slot}. Reply C to cancel. Until then, chew on the other side.`,
      )
      yield agent("You're booked, and I've sent it to your phone. Until then, chew on the other side.")
      return {
        outcome: `Booked an urgent appointment with ${dentist} for ${slot} and sent a text message.`,
        memory: `Chipped a front tooth; sensitive to cold. Prefers ${pick("early", "late")} appointments.`,
      }
    },
  },
  {
    topic: "moving a cleaning appointment",
    direction: "incoming",
    weight: 5,
    *tell({ pick, day }) {
      const old = `${day(1, 3)} at ${pick("9:00", "10:30", "1:45")}`
      const fresh = `${day(7, 12)} at ${pick("8:20", "12:10", "3:50")}`
      yield opening({
        calm: `Hi, I have a cleaning ${old}, and ${pick("my son has a recital", "I'll be out of town", "work has moved things around again")}. Can I come another day?`,
        angry: `I got a message that you moved my cleaning ${old}. Nobody asked me. I took the day off for that.`,
      })
      yield tool("find_booking", "Let me find that one.", { found: true, at: old, kind: "cleaning" })
      yield agent(`I see it, ${old}, sixty minutes with the hygienist. Which days are better?`)
      yield caller(
        pick(
          "Anything the week after, before lunch if you can.",
          "After that, any day but Wednesday.",
          "The later the better, really.",
        ),
      )
      yield agent("The earliest that the hygienist has after that is in the week following.")
      yield crossroads("an earlier time")
      yield tool("move_booking", "One moment, I'm moving it.", { moved: true, from: old, to: fresh })
      yield agent(`How about ${fresh}? I have it reserved for you.`)
      yield caller(pick("Great, let's do that.", "Hmm. Yes, okay, that works.", "Oh, that's much better."))
      yield email("Your new appointment")
      return {
        outcome: `Moved the cleaning from ${old} to ${fresh} and confirmed by e-mail.`,
        memory: "Asks for reminders by e-mail. Wednesdays never work.",
      }
    },
  },
  {
    topic: "a bill after a crown",
    direction: "incoming",
    weight: 3,
    *tell({ pick, number }) {
      const amount = number(180, 640)
      yield opening({
        calm: `Good morning. I got an invoice for $${amount} for my crown, and I thought insurance took care of it.`,
        worried: `Hi, um, I have a bill here for $${amount}, and I honestly don't know how I'd pay that this month.`,
        angry: `You've billed me $${amount} for something my insurance already paid. I sent you the letter twice!`,
      })
      yield agent("I can look at the invoice with you. What is the number at the top right?")
      yield caller(`It says Q, ${number(1000, 9999)}, dash ${number(10, 99)}.`)
      yield tool("get_invoice", "Thank you, opening it now.", {
        amount,
        insurancePaid: Math.round(amount * 1.4),
        open: amount,
      })
      yield agent(
        `The insurer paid its share, and the $${amount} is what the plan left for you: half of the lab's work.`,
      )
      yield caller(
        pick(
          "Nobody told me that there would be a lab.",
          "Half? I was told eighty percent.",
          "Right. That was on the form, wasn't it.",
        ),
      )
      yield agent(
        "I can split it into three payments without interest, and send you the breakdown so that you can check it with them.",
      )
      yield crossroads("the invoice cancelled")
      yield agent("I can't cancel it myself. What I can do is put a hold on reminders until you've checked.")
      yield caller(
        pick("Okay, send me that, and three payments is fine.", "Please do. I'll call them tomorrow."),
      )
      yield email(`Invoice breakdown and payment plan, $${amount}`)
      return {
        outcome: `Explained the invoice of $${amount}, agreed on three payments and sent a breakdown by e-mail.`,
        memory: `Disputes the lab share of a crown ($${amount}). Agreed to three payments.`,
      }
    },
  },
  {
    topic: "a child's first visit",
    direction: "incoming",
    weight: 2,
    *tell({ pick, day }) {
      const child = pick("Tobin", "Maren", "Pia", "Augie")
      const slot = `${day(4, 9)} at ${pick("9:30", "10:10", "3:15")}`
      yield opening({
        calm: `Hi! My ${pick("daughter", "little one", "grandson")} ${child} is three now. Do you see children that small?`,
        worried: `Hello, my ${child} is three and really scared of dentists. I don't know how to start.`,
        angry: `I was told you'd call me back about ${child}'s first appointment. That was last week.`,
      })
      yield agent(
        `Three is a good age for it. The first visit is only a look around: ${child} gets to ride the chair, and we count teeth.`,
      )
      yield caller(
        pick("Oh, that sounds lovely. Is a parent allowed in?", "Will anybody poke around in there?"),
      )
      yield agent(
        "A parent stays in the room the whole time, and nothing is done that you haven't agreed to.",
      )
      yield crossroads("to speak with the dentist first")
      yield tool("find_appointment", "Let me look for a quiet hour.", { slots: [slot], kind: "first visit" })
      yield agent(`${slot} is a quiet time. Would that do?`)
      yield caller(pick("Yes. We'll bring the stuffed rabbit.", "Perfect, right after kindergarten."))
      yield email(`${child}'s first visit`)
      return {
        outcome: `Booked a first visit for ${child} on ${slot} and sent what to bring by e-mail.`,
        memory: `Child: ${child}, three years old, shy. A parent stays in the room.`,
      }
    },
  },
  {
    topic: "tomorrow's appointment",
    direction: "outgoing",
    weight: 1,
    *tell({ pick }) {
      const time = pick("8:30", "11:15", "2:40")
      yield caller(pick("Yes, that's me.", "Speaking."))
      yield agent(`I'm calling about your appointment tomorrow at ${time}. Will you be able to make it?`)
      yield opening({
        calm: pick("I will. Do I have to bring anything?", "Yes, unless the bus strikes again."),
        worried: "I think so. It won't be the drill, will it?",
        angry: "You people have called me four times about tomorrow. Four! I was in the middle of something.",
      })
      yield agent("I have you for a check-up of thirty minutes, nothing more.")
      yield crossroads("not to be called again")
      yield tool("confirm_booking", "I'm marking it as confirmed, so no more reminders.", {
        confirmed: true,
        at: `tomorrow ${time}`,
      })
      yield agent(
        "Please bring your insurance card, and come five minutes early if your address has changed.",
      )
      yield caller(pick("Will do.", "It hasn't. See you tomorrow."))
      return {
        outcome: `Confirmed tomorrow's appointment at ${time}.`,
        memory: "Confirms appointments by telephone; one reminder is enough.",
      }
    },
  },
]
