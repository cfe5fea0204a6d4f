/** Bugs that show when hundreds of calls match at once. */
import { type Mutant, inStorm, runs } from "./mutant.ts"

const DIGEST = "packages/core/src/alert/digest.ts"

export const STORM: readonly Mutant[] = [
  {
    name: "a storm is told one by one",
    why: "Hundreds of alerts at once are a few messages.",
    edits: [
      {
        file: DIGEST,
        from: "if (digestFrom === NO_DIGESTS || due.length === 0)",
        to: "if (digestFrom === NO_DIGESTS || due.length !== 1)",
      },
    ],
    caughtBy: inStorm(300, runs("calm", 20, 3, 1)),
  },
  {
    name: "what is critical drowns in a digest",
    why: "Of many at once, the critical ones are told first, and by themselves.",
    edits: [
      {
        file: DIGEST,
        from: '(alert.severity === "critical" && singles.length < SINGLES_MAX && all < perHour)',
        to: "false",
      },
    ],
    caughtBy: inStorm(300, runs("calm", 20, 3, 1)),
  },
  {
    name: "a digest has ten calls",
    why: "A storm is through within ten minutes.",
    edits: [
      { file: DIGEST, from: "export const DIGEST_CALLS_MAX = 600", to: "export const DIGEST_CALLS_MAX = 10" },
    ],
    caughtBy: inStorm(1500, runs("calm", 20, 3, 1)),
  },
]
