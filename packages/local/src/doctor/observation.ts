/**
 * What a check of `npm run doctor` finds, and how checks are run: beside each other, each with a limit in time, and none stops
 * another. An observation is for people: it has no secret and nothing of a caller's.
 */
import { type World, withinTime } from "@earshot/io/world"

/** `skipped`: it was not looked at, and `said` says why. `todo`: what to do about it, where something is wrong. */
export type Observation = {
  check: string
  state: "ok" | "wrong" | "skipped"
  said: string
  todo: string | null
}

/** Without its name, which the list of checks knows. */
export type Seen = Omit<Observation, "check">

export type Check = { name: string; look: () => Promise<Seen | readonly Seen[]> }

/** The slowest client gives up after nine seconds; this is for what hangs in another way. */
const CHECK_TIMEOUT_MS = 12_000

export const fine = (said: string): Seen => ({ state: "ok", said, todo: null })

export const wrongly = (said: string, todo: string): Seen => ({ state: "wrong", said, todo })

export const skipped = (said: string): Seen => ({ state: "skipped", said, todo: null })

/** In the order of the checks. */
export async function runChecks(world: World, checks: readonly Check[]): Promise<Observation[]> {
  const found = await Promise.all(checks.map((check) => runCheck(world, check)))
  return found.flat()
}

async function runCheck(world: World, { name, look }: Check): Promise<Observation[]> {
  const found = await withinTime(world, CHECK_TIMEOUT_MS, look).catch((error: unknown) => unexpected(error))
  const answer = found === "timeout" ? TIMED_OUT : found
  return [answer].flat().map((one) => ({ check: name, ...one }))
}

const TIMED_OUT = wrongly(
  `There was no answer within ${CHECK_TIMEOUT_MS / 1000} s.`,
  "Try again. If it stays so, look at the network between this machine and the service.",
)

/** Its text is left out: it may quote what a service was sent. */
function unexpected(error: unknown): Seen {
  const name = error instanceof Error ? error.name : typeof error
  return wrongly(
    `It could not be looked at (${name}).`,
    "This is a mistake in Earshot: please report it, with this line.",
  )
}
