/** The turns a call may take instead of the end of its story. Each says how the call then ended. */
import * as phrase from "./phrase.ts"
import { pick } from "./random.ts"
import type { Stage } from "./stage.ts"
import type { Ending } from "./story.ts"

const ERRORS = ["timed out after 10 s", "503 Service Unavailable", "connection refused"]
const BY_WHEN = ["the end of the day", "tomorrow morning", "noon tomorrow"]

/** The tool has failed, and nothing more can be done in this call. */
export function breakDown(stage: Stage, tool: string, doing: string): Ending {
  const error = pick(stage.random, ERRORS)
  stage.act("TOOL_CALL", doing, tool, { success: false, error })
  stage.sayOne("agent", phrase.TOOL_APOLOGY)
  stage.sayOne("caller", stage.isAngry ? phrase.TOOL_ANGER : phrase.TOOL_ACCEPTANCE)
  const byWhen = pick(stage.random, BY_WHEN)
  stage.say("agent", `By ${byWhen}, and I'm sorry for the detour.`)
  return {
    outcome: `The tool ${tool} failed (${error}), so nothing could be done; the agent promised a call back by ${byWhen}.`,
    memory: `Was promised a call back by ${byWhen} after a system failure.`,
  }
}

/** The caller asks for a person, who answers or does not. */
export function transfer(stage: Stage, wish: string): Ending {
  const { colleague } = stage.plan.company
  const isAnswered = stage.plan.fate === "transferred"
  stage.sayOne("caller", stage.isAngry ? phrase.DEMANDING_PERSON : phrase.ASKING_FOR_PERSON)
  stage.sayOne("agent", phrase.TRANSFERRING)
  const status = isAnswered ? "answered" : "no_answer"
  stage.act("TRANSFER", `Transferring to ${colleague}...`, "transfer_call", { to: colleague, status })
  if (isAnswered) {
    return {
      outcome: `${nameRole(stage)} wanted ${wish} and was transferred to ${colleague}, who took over.`,
      memory: `Wanted ${wish}; spoke with ${colleague}.`,
    }
  }
  stage.sayOne("agent", phrase.NOBODY_THERE)
  stage.sayOne("caller", stage.isAngry ? phrase.FUMING : phrase.SETTLING)
  return {
    outcome: `${nameRole(stage)} wanted ${wish}. The transfer to ${colleague} was not answered, and a message was left.`,
    memory: `Wanted ${wish}; nobody picked up the transfer. Expects a call back.`,
  }
}

/** The caller hangs up, more or less politely. */
export function giveUp(stage: Stage, wish: string): Ending {
  stage.sayOne("caller", stage.isAngry ? phrase.STORMING_OFF : phrase.GIVING_UP)
  return {
    outcome: `${nameRole(stage)} wanted ${wish} and hung up before anything was settled.`,
    memory: `Hung up while asking for this: ${wish}.`,
  }
}

/** In a call made by the agent, the person on the other end is not a caller. */
function nameRole({ plan }: Stage): string {
  return plan.story.direction === "incoming" ? "The caller" : "The customer"
}
