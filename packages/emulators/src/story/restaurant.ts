/** What people call a restaurant about. */
import { agent, caller, crossroads, email, opening, text, tool, type Story } from "../story.ts"

export const RESTAURANT_STORIES: readonly Story[] = [
  {
    topic: "a table",
    direction: "incoming",
    weight: 6,
    *tell({ pick, day, number, person }) {
      const guests = number(2, 6)
      const when = `${day(0, 5)} at ${pick("6:30", "7:15", "8:00")}`
      const extra = pick(
        "One of us is in a wheelchair.",
        "We'd love to sit outside.",
        "It's our anniversary.",
        "There'll be a high chair needed.",
      )
      yield opening({
        calm: `Hi, I'd like a table for ${guests}, ${when}, if you have one.`,
        worried: `Hello, I'm so late with this. Is there any chance of a table for ${guests}, ${when}?`,
        angry: `I had a table for ${guests}, ${when}. I had the confirmation! And now I get a message that it's cancelled. I want that table.`,
      })
      yield agent(
        pick(
          "Is there anything that we should know, allergies or a special occasion?",
          "Let me note that. Any wishes for the table?",
        ),
      )
      yield caller(extra)
      yield agent("Thank you, I've noted that. We hold tables for fifteen minutes.")
      yield crossroads("a promise from the manager")
      yield tool("check_tables", "Let me look at the book.", { free: true, guests, at: when })
      yield agent(`A table for ${guests}, ${when}, under ${person.last}. May I confirm it by text?`)
      yield caller(pick("Please do.", "Yes, to this number.", "Sure. See you then!"))
      yield text(`The Copper Heron: table for ${guests}, ${when}. Running late? Just reply to this.`)
      return {
        outcome: `Reserved a table for ${guests}, ${when}, and confirmed by text. Note: ${extra.toLowerCase()}`,
        memory: `Usually a party of ${guests}. ${extra}`,
      }
    },
  },
  {
    topic: "an order that never came",
    direction: "incoming",
    weight: 3,
    *tell({ pick, number }) {
      const minutes = number(70, 120)
      const dish = pick(
        "two mushroom pies and a soup",
        "the duck and a bottle of the red",
        "a children's plate and three mains",
      )
      yield opening({
        calm: `Hi, I ordered ${dish} ${minutes} minutes ago, and the app just says "preparing".`,
        worried: `Hello, did something happen to our order? It's been ${minutes} minutes, and the children are falling asleep.`,
        angry: `${minutes} minutes! I ordered ${dish}, I've paid, I've called twice, and both times I got a recording.`,
      })
      yield tool("get_order", "Let me find it.", {
        items: dish,
        state: "handed to courier",
        minutesLate: minutes - 45,
      })
      yield agent(
        "I see it. It left our kitchen a while ago and the courier hasn't moved since, so something is wrong there.",
      )
      yield caller(pick("So where is my food?", "Great. And now?", "Can you just make it again?"))
      yield agent("I can offer you a full refund now, or we cook it again and send it with our own driver.")
      yield crossroads("the manager and the money back")
      yield agent("I've started the refund as well, so nothing depends on the courier.")
      yield caller(pick("All right. Cook it again, then.", "Just the refund. We've made toast."))
      yield text(
        "The Copper Heron: your refund is on its way and should be with you in three days. We're sorry about tonight.",
      )
      return {
        outcome: `The order (${dish}) was lost by the courier after ${minutes} minutes; a refund was started.`,
        memory: `A delivery was lost after ${minutes} minutes. Refunded.`,
      }
    },
  },
  {
    topic: "allergies and the menu",
    direction: "incoming",
    weight: 3,
    *tell({ pick }) {
      const allergy = pick("walnuts", "shellfish", "sesame", "celery")
      yield opening({
        calm: `Hi, we're coming tonight, and my ${pick("girlfriend", "son", "boss")} can't have ${allergy}. What's safe?`,
        worried: `Hello, my son reacts badly to ${allergy}, I mean hospital badly. Can you really cook without it?`,
        angry: `I've written to you twice about ${allergy}. We're coming tonight, my son can't have it, and nobody bothers to answer. What is safe?`,
      })
      yield tool("check_menu", "I'm looking at tonight's card with the allergens.", {
        allergen: allergy,
        safe: ["trout", "barley risotto", "beet salad"],
        traces: "possible",
      })
      yield agent(
        `Without ${allergy} there are the trout, the barley risotto and the beet salad. It is one kitchen, though, so traces are possible.`,
      )
      yield caller(pick("Would the cook take extra care?", "What does possible mean, exactly?"))
      yield agent(
        "They use separate boards and pans if they know in advance. But I can't guarantee that there is none at all.",
      )
      yield crossroads("to speak with the cook")
      yield agent(
        "I've put a red note on your reservation, and the waiter will come and ask before anything is cooked.",
      )
      yield caller(pick("That's good to hear.", "Okay. We'll bring the pen, just in case."))
      return {
        outcome: `Named the dishes without ${allergy}, warned of traces and put a note on tonight's reservation.`,
        memory: `Allergy in the party: ${allergy}. Always ask before cooking.`,
      }
    },
  },
  {
    topic: "a forgotten jacket",
    direction: "incoming",
    weight: 2,
    *tell({ pick }) {
      const item = pick(
        "a gray wool jacket",
        "a small green umbrella",
        "my reading glasses, in a red case",
        "a child's rucksack with an owl on it",
      )
      yield opening({
        calm: `Hi, I think I left ${item} at your place on ${pick("Saturday", "Thursday night")}.`,
        worried: `Hello, I've lost ${item}, and it must have been at your place. It was my father's.`,
        angry: `I've left three messages about ${item} that I forgot there. Does anybody listen to those?`,
      })
      yield agent("Do you remember where you sat?")
      yield caller(pick("By the window, next to the coat stand.", "At the bar first, and then upstairs."))
      yield tool("check_lost_property", "Let me look at the list of what was found.", {
        found: true,
        item,
        shelf: "bar",
      })
      yield agent("I believe we have it. It's behind the bar, and we keep things for a month.")
      yield crossroads("somebody to go and look")
      yield agent("I've tagged it with your name. You can pick it up any evening from five.")
      yield caller(pick("Oh, thank goodness. I'll come by tomorrow.", "Brilliant. Thank you!"))
      return {
        outcome: `Found the caller's lost property (${item}) and tagged it for pick-up.`,
        memory: `Left ${item} behind once.`,
      }
    },
  },
  {
    topic: "a large party",
    direction: "outgoing",
    weight: 1,
    *tell({ pick, day, number }) {
      const guests = number(12, 24)
      const when = `${day(4, 9)} at seven`
      yield caller(pick("Yes, hello.", "That's me!"))
      yield agent(
        `You asked for a table for ${guests} on ${when}. I have two questions about it, if now is a good time.`,
      )
      yield opening({
        calm: "Sure, go ahead. It may be two fewer, by the way.",
        angry: "I answered those questions already, in the form, on the phone and by e-mail!",
      })
      yield agent("For that many, the kitchen asks for a choice of three mains by the day before.")
      yield crossroads("the full menu for everybody")
      yield tool("book_room", "I'm putting you into the back room, then.", {
        room: "Reed Room",
        guests,
        at: when,
      })
      yield agent("That's done. I'll send you the three-course cards and the terms for the deposit.")
      yield caller(pick("Perfect, I'll pass them round.", "A deposit? All right."))
      yield email(`Your party of ${guests} in the Reed Room`)
      return {
        outcome: `Agreed on the Reed Room for ${guests} guests, ${when}; menus were sent by e-mail.`,
        memory: `Organizes parties of about ${guests}.`,
      }
    },
  },
]
