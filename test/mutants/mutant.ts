/**
 * What a planted bug is: a change of a line or two that breaks a promise, and what has to notice it. The lists beside
 * this file hold them, by the part of a poll that they break; `run.ts` plants one after another.
 */
import type { ProfileName } from "../../packages/simulation/src/time/fault.ts"

/** A simulation, and whether anything is wrong with it. */
export type Run = {
  profile: ProfileName
  /** Calls an hour. */
  rate: number
  hours: number
  seed: number
  /** For so many hours, after the first, nothing triggers the poller. */
  outageHours: number
  /** So many calls more, all flagged at one instant, halfway. */
  storm: number
}

export type Edit = {
  /** From the root of the repository. */
  file: string
  /** Stands in the file exactly once. */
  from: string
  to: string
}

export type Mutant = {
  name: string
  /** The promise that it breaks, in one sentence. */
  why: string
  edits: readonly Edit[]
  /** Simulations, of which the first that goes wrong catches it; or a file of tests. */
  caughtBy: readonly Run[] | string
}

/** Simulations of one kind, one for each seed. */
export function runs(profile: ProfileName, rate: number, hours: number, ...seeds: readonly number[]): Run[] {
  return seeds.map((seed) => ({ profile, rate, hours, seed, outageHours: 0, storm: 0 }))
}

/** The same with an outage. */
export function after(outageHours: number, through: readonly Run[]): Run[] {
  return through.map((run) => ({ ...run, outageHours }))
}

/** The same with a storm of so many calls. */
export function inStorm(storm: number, plain: readonly Run[]): Run[] {
  return plain.map((run) => ({ ...run, storm }))
}

export function runName({ profile, rate, hours, seed, outageHours, storm }: Run): string {
  const outage = outageHours > 0 ? `, ${outageHours} h of them without a poll` : ""
  const many = storm > 0 ? `, a storm of ${storm}` : ""
  return `${profile}, ${rate} calls an hour, ${hours} h${outage}${many}, seed ${seed}`
}

/** The text of a file with the bugs in it. Throws if an edit does not fit. */
export function withEdits(mutant: Mutant, file: string, text: string): string {
  let edited = text
  for (const { from, to } of mutant.edits.filter((edit) => edit.file === file)) {
    const count = edited.split(from).length - 1
    if (count !== 1) throw new Error(`${mutant.name}: ${file} has ${count} times: ${from}`)
    edited = edited.replace(from, () => to)
  }
  return edited
}
