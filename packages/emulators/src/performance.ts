/**
 * Performs a story as the plan says: the story's own steps, what people say in any call around them and, at its tools
 * and crossroads, the turn that this call takes.
 */
import { close, greet, interrupt, open } from "./courtesy.ts"
import { breakDown, giveUp, transfer } from "./detour.ts"
import type { CallPlan } from "./plan.ts"
import { pick, type Random } from "./random.ts"
import { createStage, type Beat, type Stage } from "./stage.ts"
import type { Ending, Step } from "./story.ts"

export type Performance = {
  readonly beats: readonly Beat[]
  readonly summary: string
  readonly memory: string
  readonly hangsUp: "agent" | "caller"
}

/** Throws if the story has no place for what the plan demands: a story needs a tool and a crossroads. */
export function perform(plan: CallPlan, random: Random): Performance {
  const stage = createStage(plan, random)
  const isOrdinary = plan.kind === "ordinary"
  const end = ({ outcome, memory }: Ending, hangsUp: "agent" | "caller"): Performance => ({
    beats: stage.beats,
    summary: isOrdinary ? summarize(stage, outcome) : outcome,
    memory,
    hangsUp,
  })
  greet(stage)
  const steps = plan.story.tell(stage.cast)
  for (let next = steps.next(); ; next = steps.next()) {
    if (next.done) {
      if (plan.fate !== "resolved") throw new Error(`"${plan.story.topic}" has no place for: ${plan.fate}.`)
      if (isOrdinary) close(stage)
      return end(next.value, pick(random, ["caller", "caller", "agent"]))
    }
    const ending = take(stage, next.value)
    if (ending) return end(ending, "caller")
  }
}

/** Takes one step. Returns how the call ended if it did not continue from here. */
function take(stage: Stage, step: Step): Ending | undefined {
  const { plan } = stage
  switch (step.kind) {
    case "agent":
    case "caller":
      stage.say(step.kind, step.text)
      break
    case "opening":
      open(stage, step)
      break
    case "text":
      stage.act("SEND_TEXT", step.text, "send_text", { to: plan.person.phone, status: "delivered" })
      break
    case "email":
      stage.act("SEND_EMAIL", step.subject, "send_email", { to: plan.person.email, subject: step.subject })
      break
    case "tool":
      stage.say("agent", step.says)
      if (!stage.isAngry) stage.fillTime("waiting")
      if (plan.fate === "toolFailed") return breakDown(stage, step.tool, describeTool(step.tool))
      stage.act("TOOL_CALL", describeTool(step.tool), step.tool, step.result)
      break
    case "crossroads":
      interrupt(stage)
      if (plan.fate === "transferred" || plan.fate === "transferDead") return transfer(stage, step.wish)
      if (plan.fate === "abandoned") return giveUp(stage, step.wish)
      break
    default:
      step satisfies never
  }
  return undefined
}

const TEMPERS = [
  (name: string) => `${name} was angry from the start.`,
  (name: string) => `${name} raised their voice several times.`,
  (name: string) => `${name} was very upset about the service.`,
]

function summarize({ plan, random, isAngry }: Stage, outcome: string): string {
  const { first, last } = plan.person
  const again = plan.visit > 1 ? " again" : ""
  const start =
    plan.story.direction === "incoming"
      ? `${first} ${last} called${again} about ${plan.story.topic}.`
      : `Called ${first} ${last}${again} about ${plan.story.topic}.`
  return isAngry ? `${start} ${outcome} ${pick(random, TEMPERS)(first)}` : `${start} ${outcome}`
}

const VERBS: Readonly<Record<string, string>> = {
  find: "Looking up",
  get: "Opening",
  move: "Moving",
  confirm: "Confirming",
  book: "Booking",
  create: "Creating",
  check: "Checking",
}

/** "find_appointment" becomes "Looking up appointment...", as the documented example words it. */
function describeTool(tool: string): string {
  const [verb = "", ...words] = tool.split("_")
  return `${VERBS[verb] ?? "Using"} ${words.join(" ")}...`
}
