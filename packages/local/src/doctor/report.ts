/** How `npm run doctor` says what it found: a line for each observation, and what to do below it. Pure. */
import type { Observation } from "./observation.ts"
import { type Patient, isEmpty } from "./patient.ts"

const STATES: Record<Observation["state"], string> = { ok: "ok", wrong: "WRONG", skipped: "-" }

export const isWell = (observations: readonly Observation[]) =>
  observations.every(({ state }) => state !== "wrong")

/** What is looked at, in one sentence; and what could be, where nothing is named. */
export function patientText(patient: Patient): string {
  const { stage, isLocal, variables } = patient
  const region = variables["AWS_REGION"] ?? "the region of the AWS profile"
  if (isEmpty(patient)) {
    return (
      "Nothing to look at is named. A deployed stage: npm run doctor -- --stage production. " +
      "A world on this machine, made for it: npm run doctor -- --local. Or set the variables of the README."
    )
  }
  if (isLocal) return "Looking at stand-ins on this machine, which the variables name, and not at AWS."
  if (stage !== null) return `Looking at the stage ${stage}, in AWS, ${region}.`
  return `Looking at what the variables name, in AWS, ${region}.`
}

export function reportText(patient: Patient, observations: readonly Observation[]): string {
  const nameWidth = Math.max(...observations.map(({ check }) => check.length))
  const lines = observations.flatMap(({ check, state, said, todo }) => [
    `  ${STATES[state].padEnd(5)}  ${check.padEnd(nameWidth)}  ${said}`,
    ...(todo === null ? [] : [`${" ".repeat(nameWidth + 11)}→ ${todo}`]),
  ])
  return [patientText(patient), "", ...lines, "", summaryOf(observations), ""].join("\n")
}

function summaryOf(observations: readonly Observation[]): string {
  const wrong = observations.filter(({ state }) => state === "wrong").length
  const unseen = observations.filter(({ state }) => state === "skipped").length
  const not = unseen === 0 ? "" : ` ${unseen} ${unseen === 1 ? "line was" : "lines were"} not looked at.`
  if (wrong === 0) return `All is well.${not}`
  return `${wrong} of ${observations.length} lines ${wrong === 1 ? "is" : "are"} wrong.${not}`
}

/** One line, for programs. */
export function reportJson(patient: Patient, observations: readonly Observation[]): string {
  const { stage, isLocal } = patient
  return JSON.stringify({ ok: isWell(observations), stage, isLocal, observations })
}
