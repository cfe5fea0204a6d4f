/** Every planted bug. */
import { CHANNEL } from "./channel.ts"
import { COVERAGE } from "./coverage.ts"
import { DELIVERY } from "./delivery.ts"
import { HELD } from "./held.ts"
import { JUDGING } from "./judging.ts"
import { LIMIT } from "./limit.ts"
import type { Mutant } from "./mutant.ts"
import { NUDGE } from "./nudge.ts"
import { PREVIEW } from "./preview.ts"
import { PRIVACY } from "./privacy.ts"
import { SCAN } from "./scan.ts"
import { STORM } from "./storm.ts"
import { TURN } from "./turn.ts"

export const MUTANTS: readonly Mutant[] = [
  ...TURN,
  ...SCAN,
  ...JUDGING,
  ...LIMIT,
  ...DELIVERY,
  ...PRIVACY,
  ...CHANNEL,
  ...COVERAGE,
  ...PREVIEW,
  ...HELD,
  ...STORM,
  ...NUDGE,
]
