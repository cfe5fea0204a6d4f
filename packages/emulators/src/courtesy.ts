/** What happens in any call around its story: the greeting, the names, the goodbye. */
import * as phrase from "./phrase.ts"
import { chance } from "./random.ts"
import type { Stage } from "./stage.ts"
import type { Step } from "./story.ts"

/** People who call again are often recognised by their number. */
export function greet(stage: Stage): void {
  const { plan, random } = stage
  if (plan.story.direction === "incoming") {
    const isRecognized = plan.kind === "ordinary" && plan.visit > 1 && chance(random, 0.7)
    stage.sayOne("agent", isRecognized ? phrase.GREETING_AGAIN : phrase.GREETING)
    return
  }
  // In outgoing calls that are over at once, the callers say themselves who is calling.
  if (plan.kind === "ordinary") stage.sayOne("agent", phrase.REACHING)
}

/** The caller says what it is about; then the agent asks for the name and whatever else there is time for. */
export function open(stage: Stage, step: Extract<Step, { kind: "opening" }>): void {
  const { plan, random, isAngry } = stage
  stage.say("caller", wordsFor(stage, step))
  if (plan.story.direction === "outgoing") return
  if (plan.visit === 1) {
    stage.sayOne("agent", isAngry ? phrase.ASKING_NAME_OF_UPSET : phrase.ASKING_NAME)
    stage.sayOne("caller", phrase.GIVING_NAME)
  }
  if (isAngry) return
  if (stage.fillTime("verifying")) stage.fillTime("verifying")
  if (chance(random, 0.08)) stage.exchange("agent", phrase.MISHEARING)
}

function wordsFor({ plan, isAngry }: Stage, step: Extract<Step, { kind: "opening" }>): string {
  if (isAngry) return step.angry
  return (plan.mood === "worried" ? step.worried : undefined) ?? step.calm
}

/** At a crossroads callers lose patience, or only hesitate. */
export function interrupt(stage: Stage): void {
  if (!stage.isAngry) {
    if (chance(stage.random, 0.12)) stage.exchange("caller", phrase.HESITATING)
    return
  }
  if (!stage.fillTime("pushingBack")) stage.exchange("caller", phrase.PUSHING_BACK)
  stage.fillTime("pushingBack")
}

/** The end of a call that reached the end of its story. */
export function close(stage: Stage): void {
  const { plan, isAngry } = stage
  if (!isAngry && plan.story.direction === "incoming") stage.fillTime("verifying")
  stage.sayOne("agent", phrase.ASKING_FOR_MORE)
  stage.sayOne(
    "caller",
    isAngry ? phrase.DONE_ANGRILY : plan.mood === "cheerful" ? phrase.DONE_HAPPILY : phrase.DONE,
  )
  stage.sayOne("agent", phrase.GOODBYE)
}
